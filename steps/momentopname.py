"""Sentences about the snapshot itself."""

from __future__ import annotations

from pytest_bdd import then, when

from fixtures.run import Check
from ktcheck.preparation import Prepared


@when("de leesrechten van de suite per resourcetype worden bekeken")
@when("de opgehaalde aantallen naast die van de server worden gelegd")
@when("de stand van voor en na het ophalen wordt vergeleken")
def the_snapshot_is_examined(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("mag de suite van elk type alle resources lezen")
def the_suite_may_read_all(check: Check) -> None:
    check("snapshot.rights")


@then("is van elk type opgehaald wat de server zegt te hebben")
def as_much_as_the_server_has(check: Check) -> None:
    check("snapshot.counted")


@then("is geen type tijdens het ophalen veranderd")
def nothing_changed_meanwhile(check: Check) -> None:
    check("snapshot.unchanged")
