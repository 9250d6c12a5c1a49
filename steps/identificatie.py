"""Sentences about identifiers."""

from __future__ import annotations

from pytest_bdd import then, when

from fixtures.run import Check
from ktcheck.preparation import Prepared


@when("de migratie-identificaties naast de broninventaris worden gelegd")
@when("de migratie-identificaties worden bekeken")
@when("de zakelijke identificaties naast de broninventaris worden gelegd")
@when("de zakelijke identificaties van het domein worden vergeleken")
@when("de logische id's van het domein worden bekeken")
@when("de identifiers van het domein worden bekeken")
@when("de Devices van het domein worden bekeken")
@when("de applicaties van het domeinbestand worden opgezocht")
def identifiers_are_examined(prepared: Prepared) -> None:
    """The rules looked at everything in one pass; the scenario now asks for its part of the outcome."""


@then("heeft elke migratie-identificatie het systeem van haar KT1-soort")
def the_system_fits(check: Check) -> None:
    check("identification.system")


@then('heeft elke migratie-identificatie use "temp"')
def the_use_is_temp(check: Check) -> None:
    check("identification.use")


@then("is elke waarde de KT1-link zonder versie")
def the_value_has_no_version(check: Check) -> None:
    check("identification.versionless")


@then("gebruikt elke migratie-identificatie de afgesproken naam van haar soort")
def the_agreed_name_is_used(check: Check) -> None:
    check("identification.type-name")


@then("heeft elke activiteit de afgesproken migratie-identificatie")
def the_agreed_identifier_of_an_activity_is_used(check: Check) -> None:
    check("identification.activity")


@then("heeft elke resource zijn zakelijke identificaties uit KT1")
def business_identifiers_are_kept(check: Check) -> None:
    check("identification.business-kept")


@then("hoort elke identificatie bij één resource van een type")
def identifiers_are_unique(check: Check) -> None:
    check("identification.unique")


@then("heeft ieder mens hooguit één BSN")
def nobody_has_two_numbers(check: Check) -> None:
    check("identification.one-person")


@then("is elke logische id een UUIDv4")
def logical_ids_are_uuids(check: Check) -> None:
    check("identification.logical-id")


@then("heeft elke resource die dat moet een identifier")
def mandatory_identifiers_are_there(check: Check) -> None:
    check("identification.present")


@then("staat elk landelijk nummer onder het nl-core-systeem")
def national_numbers_have_their_system(check: Check) -> None:
    check("identification.national")


@then("is de identifier van elk Device zijn client_id")
def a_device_is_its_client(check: Check) -> None:
    check("identification.device")


@then("heeft elke applicatie haar Device")
def every_application_has_its_device(check: Check) -> None:
    check("identification.application")
