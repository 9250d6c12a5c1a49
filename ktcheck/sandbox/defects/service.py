"""Defects in how the KT2 service answers while a snapshot is taken."""

from __future__ import annotations

from ktcheck.sandbox.defects.defect import Defect
from ktcheck.sandbox.materialised import Materialised


def _total_wrong(domain: Materialised) -> None:
    domain.service.total_off_by["Patient"] = 1


def _changed(domain: Materialised) -> None:
    domain.service.changes_after_reading.add("Patient")


def _narrowed(domain: Materialised) -> None:
    domain.service.narrowed.add("Task")


DEFECTS = (
    Defect(
        name="total-wrong",
        caught_by="snapshot.counted",
        title_nl="De voorziening telt een patiënt meer dan zij levert",
        title_en="The service counts one patient more than it hands out",
        apply=_total_wrong,
    ),
    Defect(
        name="changed-during-download",
        caught_by="snapshot.unchanged",
        title_nl="Een patiënt verandert terwijl het domein wordt opgehaald",
        title_en="A patient changes while the domain is being fetched",
        apply=_changed,
    ),
    Defect(
        name="rights-narrowed",
        caught_by="snapshot.rights",
        title_nl="De suite mag alleen haar eigen taken lezen",
        title_en="The suite may read its own tasks only",
        apply=_narrowed,
    ),
)
