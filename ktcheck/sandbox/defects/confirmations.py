"""Defects in what people confirmed. In a correct domain every step that comes before the verdict is confirmed."""

from __future__ import annotations

from ktcheck.sandbox.defects.defect import Defect
from ktcheck.sandbox.materialised import Json, Materialised


def _of(domain: Materialised, step: str) -> Json:
    return next(row for row in domain.confirmations if row["step"] == step)


def _missing(domain: Materialised) -> None:
    domain.confirmations.remove(_of(domain, "V5"))


def _unknown(domain: Materialised) -> None:
    domain.confirmations.append({**_of(domain, "V5"), "step": "V99"})


def _shown(domain: Materialised) -> None:
    """That resources were moved is for scenarios to show."""
    domain.confirmations.append({**_of(domain, "V5"), "step": "U2"})


def _other_version(domain: Materialised) -> None:
    _of(domain, "U0")["version"] = {"profile_version": "0.8"}


def _expired(domain: Materialised) -> None:
    _of(domain, "V5")["until"] = "2026-01-31"


DEFECTS = (
    Defect(
        name="confirmation-missing",
        caught_by="confirmations.given",
        title_nl="Niemand bevestigde dat de migratiedag is vrijgegeven",
        title_en="Nobody confirmed that the day of migration was released",
        apply=_missing,
    ),
    Defect(
        name="confirmation-of-unknown-step",
        caught_by="confirmations.known",
        title_nl="Er is een stap bevestigd die het draaiboek niet heeft",
        title_en="A step was confirmed that the draaiboek does not have",
        apply=_unknown,
    ),
    Defect(
        name="confirmation-of-shown-step",
        caught_by="confirmations.known",
        title_nl="Iemand bevestigde een stap die scenario's aantonen",
        title_en="Somebody confirmed a step that scenarios show",
        apply=_shown,
    ),
    Defect(
        name="confirmation-of-other-version",
        caught_by="confirmations.valid",
        title_nl="Een bevestiging is gegeven voor een andere profielversie",
        title_en="A confirmation was given for another profile version",
        apply=_other_version,
    ),
    Defect(
        name="confirmation-expired",
        caught_by="confirmations.valid",
        title_nl="De laatste dag van een bevestiging is voorbij",
        title_en="The last day of a confirmation has passed",
        apply=_expired,
    ),
)
