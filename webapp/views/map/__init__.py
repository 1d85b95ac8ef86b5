"""The map of one service: picture, strips, verdict, panel, and what can be changed from there."""
