"""The rules, one module per area. Importing this package registers them all."""

from ktcheck.rules import (
    agreements,
    completeness,
    conformance,
    content,
    identification,
    idp,
    issuer,
    mappable,
    needs,
    opinion,
    publication,
    references,
    repetition,
    snapshot,
    source,
    waivers,
)
from ktcheck.rules.base import Examination, Problem, Rule, registered

__all__ = [
    "Examination",
    "Problem",
    "Rule",
    "agreements",
    "completeness",
    "conformance",
    "content",
    "identification",
    "idp",
    "issuer",
    "mappable",
    "needs",
    "opinion",
    "publication",
    "references",
    "registered",
    "repetition",
    "snapshot",
    "source",
    "waivers",
]
