"""The rules, one module per area. Importing this package registers them all."""

from ktcheck.rules import completeness, identification, references, snapshot, source
from ktcheck.rules.base import Examination, Problem, Rule, registered

__all__ = [
    "Examination",
    "Problem",
    "Rule",
    "completeness",
    "identification",
    "references",
    "registered",
    "snapshot",
    "source",
]
