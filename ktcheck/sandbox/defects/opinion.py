"""Defects in what the service itself says of resources when it is asked for a second opinion."""

from __future__ import annotations

from ktcheck.sandbox.defects.defect import Defect, first
from ktcheck.sandbox.materialised import Materialised


def _strict(domain: Materialised) -> None:
    domain.service.opinion = "strict"


def _lenient(domain: Materialised) -> None:
    domain.service.opinion = "lenient"
    first(domain, "Patient")["deceasedBoolean"] = False


DEFECTS = (
    Defect(
        name="opinion-strict",
        caught_by="opinion.agrees",
        title_nl="De voorziening noemt patiënten ongeldig die dat niet zijn",
        title_en="The service calls patients invalid that are not",
        apply=_strict,
    ),
    Defect(
        name="opinion-lenient",
        caught_by="opinion.agrees",
        title_nl="De voorziening noemt een patiënt geldig die dat niet is",
        title_en="The service calls a patient valid that is not",
        apply=_lenient,
    ),
)
