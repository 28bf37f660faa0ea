"""The Summary screen: what the open survey says, as figures and pictures."""
