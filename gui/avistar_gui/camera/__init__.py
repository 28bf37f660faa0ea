"""The Camera screen: what a webcam, a network camera or a video shows, identified live."""
