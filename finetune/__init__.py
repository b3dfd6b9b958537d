"""The workshop: yesterday's conversations, tomorrow's model. Its trainers arrive with the learning loop."""
