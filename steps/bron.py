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
@when("de links van alle KT1-resources worden bekeken")
@when("de links van alle KT1-resources worden vergeleken")
@when("elke verwijzing van KT1 in de broninventaris wordt opgezocht")
@when("de afzenders van elke KT1-resource naast het domeinbestand worden gelegd")
@when("de aantallen per applicatie naast de aangekondigde worden gelegd")
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


@then("is elke link welgevormd")
def every_link_is_well_formed(check: Check) -> None:
    check("source.link")


@then("verschillen geen twee links alleen in schrijfwijze")
def links_differ_in_more_than_spelling(check: Check) -> None:
    check("source.alike")


@then("leidt elke verwijzing naar een resource van de broninventaris")
def references_lead_into_the_inventory(check: Check) -> None:
    check("source.resolves")


@then("heeft elke resource één bronapplicatie")
def every_resource_has_one_source(check: Check) -> None:
    check("source.owner")


@then("leverde elke applicatie zoveel als zij aankondigde")
def every_application_supplied_what_it_announced(check: Check) -> None:
    check("source.announced")
