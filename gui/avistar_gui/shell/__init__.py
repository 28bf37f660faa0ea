"""The window around the screens: rail, dialogs, notifications, single instance, log file, support report."""
