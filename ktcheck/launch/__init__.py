"""Logging in and launching: the suite plays portal, module or both, and tries what has to be refused."""
