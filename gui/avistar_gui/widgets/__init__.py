"""Building blocks that every screen uses: theme, icons, tiles, thumbnails, panels."""
