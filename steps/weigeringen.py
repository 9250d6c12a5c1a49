"""Sentences about what has to be refused; what that is, is in ``profiles/refusals.yaml``."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from fixtures.run import Check
from ktcheck import tables


@when(parsers.parse("de suite dit probeert, tussen twee goede: {what}"))
def it_is_tried(what: str) -> None:
    """Everything was tried before the first scenario; it now asks for its part of the outcome."""


@then(parsers.parse("weigert de voorziening dit: {what}"))
def it_is_refused(check: Check, what: str) -> None:
    name = next(thing.name for thing in tables.refusals().values() if thing.what_nl == what)
    check(f"refusals.{name}")
