"""What Analysis shows, as plain data: studies, their sources, comparison, worker and cache. Knows no widget."""
