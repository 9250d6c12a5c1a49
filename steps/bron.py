"""Sentences about the source inventory."""

from __future__ import annotations

from pytest_bdd import then, when

from fixtures.run import Check
from ktcheck.preparation import Prepared


@when("elk KT1-bericht wordt gelezen")
@when("de domeintags van de berichten worden vergeleken")
@when("elke KT1-resource naast de mapping wordt gelegd")
@when("de versies van elke KT1-resource worden geordend")
@when("de identificaties van alle KT1-records worden vergeleken")
def the_messages_are_examined(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("is elk bericht volledig gelezen")
def every_message_is_read(check: Check) -> None:
    check("source.readable")


@then("zijn alle berichten van één domein")
def all_messages_are_of_one_domain(check: Check) -> None:
    check("source.one-domain")


@then("zegt de mapping van elke soort of hij over moet")
def the_mapping_knows_every_kind(check: Check) -> None:
    check("source.known-kind")


@then("staat van elke resource vast wat de nieuwste versie is")
def the_newest_version_is_certain(check: Check) -> None:
    check("source.newest")


@then("staat elke identificatie voor één record")
def an_identity_is_one_record(check: Check) -> None:
    check("source.unique-key")
