"""All that a KT2 domain holds, fetched once and kept as one file per resource type."""
