"""What is wrong with one message or token: pure functions from a fact to what differs from the standard."""
