"""The open survey: its access, photos, runs and start. Knows no widget."""
