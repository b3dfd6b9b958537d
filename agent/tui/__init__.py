"""The window: the desk in a terminal."""
