"""The measuring room: what `make bench` prints, one file per subject."""
