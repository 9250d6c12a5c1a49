"""What scenarios start from."""

from __future__ import annotations

from pytest_bdd import given

from ktcheck.findings import Status
from ktcheck.preparation import Prepared
from ktcheck.scenarios import NotShownError


@given("de broninventaris van Koppeltaal 1.x")
def source_inventory(prepared: Prepared) -> None:
    if prepared.inventory is None:
        raise NotShownError(Status.BLOCKED, "het domeinbestand heeft geen [source]")


@given("de momentopname van het domein in Koppeltaal 2.0")
def snapshot(prepared: Prepared) -> None:
    if prepared.snapshot is None:
        raise NotShownError(Status.BLOCKED, "het domeinbestand heeft geen [target]")


@given("de applicaties van het domeinbestand")
def applications(prepared: Prepared) -> None:
    if not prepared.domain.application:
        raise NotShownError(Status.NOT_RUN, "het domeinbestand noemt geen applicaties", excused=True)


@given("de aantallen die de applicaties hebben aangekondigd")
def announced(prepared: Prepared) -> None:
    if not any(application.announced for application in prepared.domain.application):
        reason = "geen applicatie heeft aantallen aangekondigd (announced in het domeinbestand)"
        raise NotShownError(Status.NOT_RUN, reason, excused=True)
