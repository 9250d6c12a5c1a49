"""The mapping of KT1 elements to KT2 as a table (``profiles/mapping.yaml``) and what can be computed with it."""
