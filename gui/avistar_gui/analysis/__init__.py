"""The Analysis screen: where a model is right, where it goes wrong, and the photos behind each figure."""
