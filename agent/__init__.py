"""The desk: one question in, one answer out. Start reading at agent/desk.py."""
