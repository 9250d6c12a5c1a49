"""The sealed bundle: everything public about a run in one file, signed, so that nobody can change it unseen."""
