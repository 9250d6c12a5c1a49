"""What people and tools get to see of a run: ``report.json`` and the pages that are made of it."""
