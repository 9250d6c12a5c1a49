"""Defects in what KT1 holds and KT2 cannot take as it is, each in a record that has not come over yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ktcheck.sandbox import kt1_content as content
from ktcheck.sandbox import kt1_people as people
from ktcheck.sandbox.defects.defect import Defect
from ktcheck.sandbox.kt1_message import Entry, version
from ktcheck.sandbox.kt1_story import Archive, patient_message, plan_message
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import BSN, NS

Json = dict[str, Any]

_LATER = timedelta(days=400)
_LATE_PATIENT = 99_001


def _late_patient(domain: Materialised) -> tuple[str, Json]:
    """The link and the content of a patient whom nobody knew yet; nothing about him is odd."""
    world = domain.domain.world
    facts: Json = {
        "resourceType": "Patient",
        "identifier": [people.identifier("secondary", f"{world.epd.site}/patientnummer", str(_LATE_PATIENT))],
        "name": [{"use": "official", "family": ["Wachterling"], "given": ["Laat"]}],
        "telecom": [{"system": "email", "value": "laat.wachterling@patient.example", "use": "home"}],
        "gender": {"coding": [{"system": "http://hl7.org/fhir/v3/AdministrativeGender", "code": "F"}]},
        "birthDate": "1980-01-02T00:00:00+01:00",
        "active": True,
    }
    return f"{world.epd.base}/Patient/{_LATE_PATIENT}", facts


def _late_plan(domain: Materialised, patient: str, activity: Json, *extension: Json) -> tuple[str, Json]:
    """The link and the content of a care plan with one activity of a module, for a patient."""
    plan = f"{NS}CarePlan#"
    facts: Json = {
        "resourceType": "CarePlan",
        "patient": {"reference": patient},
        "activity": [
            {
                "id": "a-1",
                "extension": [
                    {"url": f"{plan}ActivityIdentifier", "valueString": domain.domain.world.uuid("defect", "activity")},
                    {"url": f"{plan}ActivityDefinition", "valueString": "RUSTWIJZER"},
                    {
                        "url": f"{plan}ActivityStatus",
                        "valueCoding": content.coding("CarePlanActivityStatus", "Available"),
                    },
                    *extension,
                ],
                **activity,
            }
        ],
    }
    return f"{domain.domain.world.portal.base}/CarePlan/c-{_LATE_PATIENT}", facts


def _send_patient(domain: Materialised, link: str, facts: Json) -> None:
    world = domain.domain.world
    message = patient_message(world, world.dossier(0))
    time = message.time + _LATER
    entry = Entry(link=link, content=facts, before=None, after=version(time))
    late = replace(message, id=world.uuid("message", "late"), time=time, entries=(entry,), patient=link)
    name, data = Archive(world).received(late, world.portal)
    domain.messages[name] = data


def _send_plan(domain: Materialised, patient: str, plan: tuple[str, Json], *companions: tuple[str, Json]) -> None:
    world = domain.domain.world
    dossier = world.dossier(0)
    message = plan_message(world, dossier, dossier.plans[0])
    time = message.time + _LATER
    entries = tuple(
        Entry(link=link, content=facts, before=None, after=version(time)) for link, facts in (plan, *companions)
    )
    late = replace(message, id=world.uuid("message", "late"), time=time, entries=entries, patient=patient)
    name, data = Archive(world).received(late, world.epd)
    domain.messages[name] = data


def _without_birth_date(domain: Materialised) -> None:
    link, facts = _late_patient(domain)
    del facts["birthDate"]
    _send_patient(domain, link, facts)


def _unknown_gender(domain: Materialised) -> None:
    link, facts = _late_patient(domain)
    facts["gender"] = {"coding": [{"system": "http://hl7.org/fhir/v3/AdministrativeGender", "code": "V"}]}
    _send_patient(domain, link, facts)


def _number_of_another(domain: Materialised) -> None:
    link, facts = _late_patient(domain)
    number = domain.domain.world.dossier(0).person.bsn
    assert number is not None  # the first patients have one
    facts["identifier"].insert(0, people.identifier("official", BSN, number))
    _send_patient(domain, link, facts)


def _photo_undecided(domain: Materialised) -> None:
    """A photo, and no answer to what becomes of photos."""
    del domain.agreements["patient-photo"]
    link, facts = _late_patient(domain)
    facts["photo"] = [{"contentType": "image/png", "url": "https://foto.example/1.png"}]
    _send_patient(domain, link, facts)


def _suffix_undecided(domain: Materialised) -> None:
    """A suffix in a name, and no answer to what becomes of it."""
    del domain.agreements["name-suffix"]
    link, facts = _late_patient(domain)
    facts["name"][0]["suffix"] = ["BSc"]
    _send_patient(domain, link, facts)


def _performers_undecided(domain: Materialised) -> None:
    """Two performers, and no answer to what becomes of the second one."""
    del domain.agreements["several-performers"]
    patient = domain.domain.world.dossier(0).link
    performers = [patient, domain.domain.world.practitioner(0).links[0]]
    simple = {"performer": [{"reference": link} for link in performers]}
    _send_plan(domain, patient, _late_plan(domain, patient, {"simple": simple}))


def _need_unmet(domain: Materialised) -> None:
    link, facts = _late_patient(domain)
    facts["telecom"] = [{"system": "phone", "value": "0600000000", "use": "home"}]
    _send_plan(domain, link, _late_plan(domain, link, {}), (link, facts))


DEFECTS = (
    Defect(
        name="birth-date-missing",
        caught_by="mappable.required",
        title_nl="Van een patiënt die nog over moet ontbreekt de geboortedatum",
        title_en="A patient who still has to move has no birth date",
        apply=_without_birth_date,
    ),
    Defect(
        name="gender-code-unknown",
        caught_by="mappable.code",
        title_nl="Het geslacht van een patiënt die nog over moet heeft een code die KT1 niet kent",
        title_en="The gender of a patient who still has to move has a code that KT1 does not know",
        apply=_unknown_gender,
    ),
    Defect(
        name="photo-undecided",
        caught_by="mappable.lost",
        title_nl="Een patiënt die nog over moet heeft een foto, en over foto's is niets afgesproken",
        title_en="A patient who still has to move has a photo, and nothing was agreed about photos",
        apply=_photo_undecided,
    ),
    Defect(
        name="suffix-undecided",
        caught_by="mappable.changed",
        title_nl="De naam van een patiënt die nog over moet heeft een achtervoegsel, en daarover is niets afgesproken",
        title_en="The name of a patient who still has to move has a suffix, and nothing was agreed about that",
        apply=_suffix_undecided,
    ),
    Defect(
        name="performers-undecided",
        caught_by="mappable.nested",
        title_nl="Een activiteit die nog over moet heeft twee uitvoerders, en daarover is niets afgesproken",
        title_en="An activity that still has to move has two performers, and nothing was agreed about that",
        apply=_performers_undecided,
    ),
    Defect(
        name="number-of-another",
        caught_by="mappable.collision",
        title_nl="Een patiënt die nog over moet heeft het BSN van iemand anders",
        title_en="A patient who still has to move has the citizen service number of somebody else",
        apply=_number_of_another,
    ),
    Defect(
        name="need-unmet",
        caught_by="needs.met",
        title_nl="Een patiënt met een taak voor een module heeft het e-mailadres niet dat die module eist",
        title_en="A patient with a task for a module does not have the e-mail address that the module requires",
        apply=_need_unmet,
    ),
)
