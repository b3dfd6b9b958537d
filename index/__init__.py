"""The shelf: everything we know, findable."""
