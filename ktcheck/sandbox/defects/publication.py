"""Defects in the order in which things can be published, or were."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ktcheck.sandbox import kt1_people as people
from ktcheck.sandbox.defects.defect import Defect, first
from ktcheck.sandbox.kt1_message import Entry, version
from ktcheck.sandbox.kt1_story import Archive, patient_message
from ktcheck.sandbox.materialised import Materialised

Json = dict[str, Any]

_LATER = timedelta(seconds=1)


def _circle(domain: Materialised) -> None:
    """The provider is part of its own location, in KT1 and in KT2; there it was told so afterwards."""
    world = domain.domain.world
    whole, location = world.organizations[:2]
    message = patient_message(world, world.dossier(0))
    facts = people.organization(replace(whole, part_of=location.link))
    entry = Entry(link=whole.link, content=facts, before=None, after=version(message.time))
    again = replace(message, id=world.uuid("message", "circle"), entries=(*message.entries, entry))
    name, data = Archive(world).received(again, world.portal)
    domain.messages[name] = data
    migrated = domain.resources["Organization"]
    own, other = (migrated[world.target(item.link)[1]] for item in (whole, location))
    own["partOf"] = {"reference": f"Organization/{other['id']}"}
    own["meta"] |= {"versionId": "2", "lastUpdated": _moved(other, _LATER)}


def _too_early(domain: Materialised) -> None:
    """A related person who was published before the patient."""
    relative = first(domain, "RelatedPerson")
    patient = domain.resources["Patient"][relative["patient"]["reference"].split("/")[1]]
    relative["meta"]["lastUpdated"] = _moved(patient, -timedelta(milliseconds=1))


def _moved(resource: Json, by: timedelta) -> str:
    return (datetime.fromisoformat(resource["meta"]["lastUpdated"]) + by).isoformat(timespec="milliseconds")


DEFECTS = (
    Defect(
        name="organizations-in-a-circle",
        caught_by="publication.possible",
        title_nl="Een organisatie is deel van haar eigen locatie",
        title_en="An organization is part of its own location",
        apply=_circle,
    ),
    Defect(
        name="published-too-early",
        caught_by="publication.respected",
        title_nl="Een naaste is gepubliceerd voordat de patiënt er was",
        title_en="A related person was published before the patient was there",
        apply=_too_early,
    ),
)
