"""The applications of a practice domain: a portal that launches, and modules that are launched (TOP-KT-007)."""
