"""The panes, tables and charts of Analysis."""
