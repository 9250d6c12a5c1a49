"""KT1 in: from messages to the source inventory."""
