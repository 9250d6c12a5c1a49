"""Defects in what the cluster agreed on."""

from __future__ import annotations

from ktcheck.sandbox.defects.defect import Defect
from ktcheck.sandbox.materialised import Materialised


def _open(domain: Materialised) -> None:
    del domain.agreements["shared-definitions"]


def _contradict(domain: Materialised) -> None:
    domain.agreements["task-definition"] = "description"
    domain.agreements["goals-and-notes"] = "description"


def _too_early(domain: Materialised) -> None:
    domain.agreements["temporary-identifiers"] = "remove 2020-01-01"


DEFECTS = (
    Defect(
        name="agreement-open",
        caught_by="agreements.answered",
        title_nl="Het cluster sprak niet af wie gedeelde definities publiceert",
        title_en="The cluster did not agree on who publishes shared definitions",
        apply=_open,
    ),
    Defect(
        name="agreements-contradict",
        caught_by="agreements.consistent",
        title_nl="De beschrijving van een taak is voor de definitie en voor de notities afgesproken",
        title_en="The description of a task was agreed to be for the definition and for the notes",
        apply=_contradict,
    ),
    Defect(
        name="agreement-impossible",
        caught_by="agreements.possible",
        title_nl="De migratie-identificaties zouden al voor de acceptatie worden verwijderd",
        title_en="The migration identifiers would be removed before the approval",
        apply=_too_early,
    ),
)
