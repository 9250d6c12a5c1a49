"""Defects in identifiers and logical ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ktcheck.sandbox.defects.defect import (
    Defect,
    activity,
    copy,
    first,
    follow,
    merge,
    migration_identifier,
    remove,
    with_identifier,
)
from ktcheck.sandbox.kt1_message import version
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import BSN, BSN_OID, MIGRATION

Json = dict[str, Any]


def _set_migration(kind: str, **values: str) -> Callable[[Materialised], None]:
    """A change of members of the migration identifier of the first resource of a type."""

    def apply(domain: Materialised) -> None:
        migration_identifier(first(domain, kind)).update(values)

    return apply


def _link_with_version(domain: Materialised) -> None:
    own = migration_identifier(first(domain, "Patient"))
    own["value"] += f"/_history/{version(domain.domain.world.dossier(0).opened)}"


def _swap(domain: Materialised) -> None:
    one, two = (migration_identifier(first(domain, "Patient", skip=number)) for number in (0, 1))
    one["value"], two["value"] = two["value"], one["value"]


def _activity_by_its_id(domain: Materialised) -> None:
    _, plan, item = activity(domain, lambda item: "#" not in item.key)
    own = migration_identifier(domain.resources["Task"][domain.domain.migration.task_id(item)])
    own["value"] = f"{plan.link}#{item.id}"


def _bsn_of(patient: Json) -> Json:
    found: Json = next(item for item in patient["identifier"] if item["system"] == BSN)
    return found


def _bsn_lost(domain: Materialised) -> None:
    patient = first(domain, "Patient", with_identifier(BSN))
    patient["identifier"].remove(_bsn_of(patient))


def _bsn_shared(domain: Materialised) -> None:
    numbered = with_identifier(BSN)
    one, two = (
        first(domain, "Patient", lambda patient: patient["active"] and numbered(patient), skip=number)
        for number in (0, 1)
    )
    two["identifier"].append(dict(_bsn_of(one)))


def _bsn_under_oid(domain: Materialised) -> None:
    _bsn_of(first(domain, "Patient", with_identifier(BSN)))["system"] = BSN_OID


def _id_client_chosen(domain: Materialised) -> None:
    """A patient under his number in the EPD; every reference to him follows."""
    patient = first(domain, "Patient")
    old, new = patient["id"], f"patient-{migration_identifier(patient)['value'].rsplit('/', 1)[1]}"
    remove(domain, patient)
    patient["id"] = new
    domain.put(patient)
    for resource in domain.all():
        follow(resource, f"Patient/{old}", f"Patient/{new}")


def _patients_merged(domain: Materialised) -> None:
    """One keeps his organization, so that nothing but the people goes wrong."""
    has_number = with_identifier(BSN)
    one = first(domain, "Patient", lambda item: has_number(item) and "managingOrganization" in item)
    merge(domain, one, first(domain, "Patient", lambda item: has_number(item) and item is not one))


def _identifier_missing(domain: Materialised) -> None:
    """An organization of its own, so that nothing that was migrated loses its identifier."""
    organization = copy(domain, first(domain, "Organization"), "identifier-missing")
    del organization["identifier"]
    organization["name"] = "Zorgvoorbeeld Oost"
    domain.put(organization)


def _device_other_client_id(domain: Materialised) -> None:
    world = domain.domain.world
    device = domain.resources["Device"][world.application("Klachtenlijst").client_id]
    device["identifier"][0]["value"] = world.uuid("defect", "device-other-client-id")


def _device_missing(domain: Materialised) -> None:
    remove(domain, domain.resources["Device"][domain.domain.applications[-1].client_id])


DEFECTS = (
    Defect(
        name="link-with-version",
        caught_by="identification.versionless",
        title_nl="Een migratie-identifier bevat het versienummer van de KT1-link",
        title_en="A migration identifier holds the version of the KT1 link",
        apply=_link_with_version,
    ),
    Defect(
        name="use-official",
        caught_by="identification.use",
        title_nl="Een migratie-identifier heeft use official in plaats van temp",
        title_en="A migration identifier has use official instead of temp",
        apply=_set_migration("Patient", use="official"),
    ),
    Defect(
        name="system-wrong-type",
        caught_by="identification.system",
        title_nl="Een patiënt heeft een migratie-identifier van het type Practitioner",
        title_en="A patient has a migration identifier of the type Practitioner",
        apply=_set_migration("Patient", system=f"{MIGRATION}Practitioner"),
    ),
    Defect(
        name="system-misspelt",
        caught_by="identification.system",
        title_nl="Het systeem van een migratie-identifier is verkeerd gespeld",
        title_en="The system of a migration identifier is misspelt",
        apply=_set_migration("Patient", system=MIGRATION.replace("identifier/", "identifiers/") + "Patient"),
    ),
    Defect(
        name="system-other",
        caught_by="identification.type-name",
        title_nl="Een zorgteam heeft een migratie-identifier van het type Other",
        title_en="A care team has a migration identifier of the type Other",
        apply=_set_migration("CareTeam", system=f"{MIGRATION}Other"),
    ),
    Defect(
        name="activity-by-its-id",
        caught_by="identification.activity",
        title_nl="De migratie-identifier van een activiteit is haar id, niet de tekst van ActivityIdentifier",
        title_en="The migration identifier of an activity is its id, not the text of ActivityIdentifier",
        apply=_activity_by_its_id,
    ),
    Defect(
        name="migration-identifiers-swapped",
        caught_by="identification.business-kept",
        title_nl="De migratie-identifiers van twee patiënten zijn verwisseld",
        title_en="The migration identifiers of two patients are swapped",
        apply=_swap,
    ),
    Defect(
        name="bsn-lost",
        caught_by="identification.business-kept",
        title_nl="Het BSN van een patiënt is niet meegekomen",
        title_en="The citizen service number of a patient was lost",
        apply=_bsn_lost,
    ),
    Defect(
        name="bsn-shared",
        caught_by="identification.unique",
        title_nl="Een patiënt heeft ook het BSN van een ander",
        title_en="A patient has the citizen service number of another as well",
        apply=_bsn_shared,
    ),
    Defect(
        name="patients-merged",
        caught_by="identification.one-person",
        title_nl="Twee patiënten zijn één patiënt geworden, met beide burgerservicenummers",
        title_en="Two patients became one, with both citizen service numbers",
        apply=_patients_merged,
    ),
    Defect(
        name="id-client-chosen",
        caught_by="identification.logical-id",
        title_nl="Het logische id van een patiënt is door een applicatie gekozen",
        title_en="The logical id of a patient was chosen by an application",
        apply=_id_client_chosen,
    ),
    Defect(
        name="identifier-missing",
        caught_by="identification.present",
        title_nl="Een organisatie heeft geen enkele identifier",
        title_en="An organization has no identifier at all",
        apply=_identifier_missing,
    ),
    Defect(
        name="bsn-under-oid",
        caught_by="identification.national",
        title_nl="Een BSN staat onder de OID in plaats van onder fhir.nl",
        title_en="A citizen service number is under the OID instead of under fhir.nl",
        apply=_bsn_under_oid,
    ),
    Defect(
        name="device-other-client-id",
        caught_by="identification.device",
        title_nl="Het Device van een applicatie noemt een ander client_id",
        title_en="The Device of an application names another client_id",
        apply=_device_other_client_id,
    ),
    Defect(
        name="device-of-application-missing",
        caught_by="identification.application",
        title_nl="Een applicatie van het domein heeft geen Device",
        title_en="An application of the domain has no Device",
        apply=_device_missing,
    ),
)
