"""The demo shop's screenshots, drawn: a spec in, a picture out, the same one every time."""
