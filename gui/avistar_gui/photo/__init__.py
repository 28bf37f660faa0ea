"""One photo, large: its picture and light, its details, and where its answer comes from."""
