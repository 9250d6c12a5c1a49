"""Defects in what somebody accepted. A correct domain has nothing to accept, so each brings its own waiver."""

from __future__ import annotations

from itertools import islice

from ktcheck.sandbox.defects.defect import Defect
from ktcheck.sandbox.materialised import Json, Materialised

_WAIVER: Json = {
    "id": "V-1",
    "rule": "content.telecom",
    "type": "Patient",
    "most": 5,
    "who": "A. Voorbeeld",
    "role": "informatiemanager",
    "why": "wordt in de nazorg uit het bronsysteem bijgewerkt",
    "on": "2026-01-15",
    "until": "2099-12-31",
    "step": "E3",
}


def _expired(domain: Materialised) -> None:
    domain.waivers.append({**_WAIVER, "until": "2026-01-31"})


def _unused(domain: Materialised) -> None:
    domain.waivers.append(dict(_WAIVER))


def _blanket(domain: Materialised) -> None:
    domain.waivers.append({name: value for name, value in _WAIVER.items() if name != "type"})


def _wildcard(domain: Materialised) -> None:
    domain.waivers.append({**_WAIVER, "rule": "content.*"})


def _exceeded(domain: Materialised) -> None:
    """The telephone number of two patients is wrong, and one finding was signed for."""
    with_phone = (
        point
        for patient in domain.resources["Patient"].values()
        for point in patient.get("telecom", [])
        if point.get("system") == "phone"
    )
    for point in islice(with_phone, 2):
        point["value"] = "000"
    domain.waivers.append({**_WAIVER, "most": 1})


DEFECTS = (
    Defect(
        name="waiver-expired",
        caught_by="waivers.current",
        title_nl="De laatste dag van een vrijstelling is voorbij",
        title_en="The last day of a waiver has passed",
        apply=_expired,
    ),
    Defect(
        name="waiver-unused",
        caught_by="waivers.used",
        title_nl="Een vrijstelling dekt een bevinding die er niet meer is",
        title_en="A waiver covers a finding that is not there any more",
        apply=_unused,
    ),
    Defect(
        name="waiver-of-a-rule",
        caught_by="waivers.narrow",
        title_nl="Een vrijstelling noemt alleen een regel",
        title_en="A waiver names only a rule",
        apply=_blanket,
    ),
    Defect(
        name="waiver-with-wildcard",
        caught_by="waivers.narrow",
        title_nl="Een vrijstelling noemt alle regels over inhoud",
        title_en="A waiver names all rules about contents",
        apply=_wildcard,
    ),
    Defect(
        name="waiver-exceeded",
        caught_by="waivers.narrow",
        title_nl="Een vrijstelling dekt meer bevindingen dan waarvoor is getekend",
        title_en="A waiver covers more findings than were signed for",
        apply=_exceeded,
    ),
)
