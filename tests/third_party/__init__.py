"""Tests against software of others, as it really is."""
