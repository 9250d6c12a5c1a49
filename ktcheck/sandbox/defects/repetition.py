"""Defects in the repetition of the first domain. A correct practice domain is a first one, so each makes it a second.

The template is made of the domain itself, and then says something else about one thing (``Materialised.repeats``).
"""

from __future__ import annotations

from collections.abc import Callable

from ktcheck.sandbox.defects.defect import Defect
from ktcheck.sandbox.materialised import Json, Materialised, Repeats


def _was(aspect: str, name: str, value: Json | list[int] | str) -> Callable[[Materialised], None]:
    """The template had something else for one name of an aspect."""

    def apply(domain: Materialised) -> None:
        domain.repeats = Repeats(shape={aspect: {name: value}})

    return apply


def _not_approved(domain: Materialised) -> None:
    domain.repeats = Repeats(report={"verdict": "rejected"})


def _needless(domain: Materialised) -> None:
    domain.repeats = Repeats(
        explained=[{"what": "versions fhir_version", "why": "de server is vernieuwd", "who": "informatiemanager"}]
    )


def _waived(domain: Materialised) -> None:
    """The telephone number of a patient is wrong, which was accepted here and not in the template."""
    points = (
        point
        for patient in domain.resources["Patient"].values()
        for point in patient.get("telecom", [])
        if point.get("system") == "phone"
    )
    next(points)["value"] = "000"
    domain.waivers.append(
        {
            "id": "V-1",
            "rule": "content.telecom",
            "type": "Patient",
            "most": 1,
            "who": "A. Voorbeeld",
            "role": "informatiemanager",
            "why": "wordt in de nazorg uit het bronsysteem bijgewerkt",
            "on": "2026-01-15",
            "until": "2099-12-31",
            "step": "E3",
        }
    )
    domain.repeats = Repeats(without=("waivers",))


def _defect(name: str, rule: str, title_nl: str, title_en: str, apply: Callable[[Materialised], None]) -> Defect:
    return Defect(name=name, caught_by=f"repetition.{rule}", title_nl=title_nl, title_en=title_en, apply=apply)


DEFECTS = (
    _defect(
        "template-rejected",
        "template",
        "Het sjabloon is een afgekeurde run",
        "The template is a rejected run",
        _not_approved,
    ),
    _defect(
        "repeated-with-other-profiles",
        "versions",
        "Het eerste domein had een andere profielversie",
        "The first domain had another profile version",
        _was("versions", "profile_version", "0.8"),
    ),
    _defect(
        "repeated-with-other-agreement",
        "agreements",
        "In het eerste domein was iets anders afgesproken",
        "Something else was agreed in the first domain",
        _was("agreements", "main-task", "task"),
    ),
    _defect(
        "repeated-with-other-source",
        "applications",
        "In het eerste domein was een applicatie bron van iets anders",
        "In the first domain an application was the source of something else",
        _was("applications", "Voorbeeld EPD", "source: Patient"),
    ),
    _defect(
        "repeated-with-other-rights",
        "permissions",
        "In het eerste domein mocht de suite minder lezen",
        "In the first domain the suite was allowed to read less",
        _was("permissions", "Subscription", "narrowed"),
    ),
    _defect(
        "repeated-with-other-login",
        "idp",
        "In het eerste domein logden patiënten op een ander kenmerk in",
        "In the first domain patients logged in by another attribute",
        _was("idp", "Patient", "sub = urn:example:other, form csv, idp.example"),
    ),
    _defect(
        "repeated-with-other-identifiers",
        "identifiers",
        "In het eerste domein hadden patiënten nog een identificatie",
        "In the first domain patients had one more identifier",
        _was("identifiers", "Patient //nummers.example", "+"),
    ),
    _defect(
        "repeated-with-other-share",
        "counts",
        "In het eerste domein ging de helft van de patiënten niet over",
        "In the first domain half of the patients did not move",
        _was("counts", "Patient", [10, 5]),
    ),
    _defect(
        "repeated-without-launch",
        "launch",
        "In het eerste domein lanceerde ook een behandelaar",
        "In the first domain a practitioner launched too",
        _was("launch", "Rustwijzer (RUSTAPP) Practitioner", "launch, page"),
    ),
    _defect(
        "repeated-with-new-waiver",
        "waivers",
        "Er is iets vrijgesteld dat in het eerste domein niet was vrijgesteld",
        "Something was waived that was not waived in the first domain",
        _waived,
    ),
    _defect(
        "explanation-needless",
        "explanations",
        "Er is een verschil verklaard dat er niet is",
        "A difference was explained that is not there",
        _needless,
    ),
)
