"""The Identify screen: from a folder of photos to their species."""
