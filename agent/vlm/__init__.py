"""The dialogue model that reads pictures: the tower that sees, the connector, the language model."""
