"""From bytes to pixels: decoding, orientation, colour and geometry, the same everywhere."""
