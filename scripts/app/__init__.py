"""The one-folder program: its parts, where it starts, its licences, and how it is tried."""
