"""The practice set: five clusters of invented providers, each domain as far as it is, in files as for real ones.

Nothing of the outcome is written here: what is in a domain decides what its run says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, timedelta
from pathlib import Path

from ktcheck.cli.practice import made
from ktcheck.sandbox.facts import Products
from ktcheck.sandbox.generate import ENVIRONMENT, PracticeDomain, pairs, registered_name
from ktcheck.sandbox.materialised import Json, Materialised

# The same in every domain, so that numbers relate alike and small differences mean something.
SIZE = 10

_APPROVED: Json = {
    "step": "E2",
    "who": "C. Voorbeeld",
    "role": "acceptatieteam van VZVZ",
    "on": "2026-02-02",
    "grounds": "ondertekend rapport van de vorige run",
}
_WAIVER: Json = {
    "id": "V-1",
    "rule": "content.telecom",
    "type": "Patient",
    "most": 1,
    "who": "A. Voorbeeld",
    "role": "informatiemanager",
    "why": "het nummer wordt in de nazorg uit het bronsysteem bijgewerkt",
    "on": "2026-01-15",
    "until": "2099-12-31",
    "step": "E3",
}


@dataclass(frozen=True, slots=True)
class PracticeProvider:
    """A domain of the practice set.

    ``phases`` are its runs, in this order: of a phase of the draaiboek, or (None) of everything; none: it was not
    started. ``weeks`` is the week in which it migrates, counted from now. ``signed``: the milestone was confirmed
    after an earlier run. ``lacking`` are parts of the KT2 provision that are not delivered to it yet.
    """

    name: str
    weeks: int
    phases: tuple[str | None, ...] = ()
    _: KW_ONLY
    defects: tuple[str, ...] = ()
    signed: bool = False
    waived: bool = False
    lacking: tuple[str, ...] = ()

    def made(self, seed: int, products: Products, size: int = SIZE) -> Materialised:
        """The domain in memory, with what people confirmed and accepted so far."""
        domain = made(self.name, seed, size, self.defects, products)
        if None not in self.phases:
            domain.confirmations = [row for row in domain.confirmations if row["step"].startswith("A")]
        if self.signed:
            domain.confirmations.append(_APPROVED)
        if self.waived:
            domain.waivers.append(_WAIVER)
        return domain

    def planned(self, today: date) -> Mapping[str, date]:
        """When each phase should be done."""
        migration = today + timedelta(weeks=self.weeks)
        return {
            "voorbereiden": migration - timedelta(weeks=4),
            "uitvoeren": migration,
            "evalueren": migration + timedelta(weeks=2),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeCluster:
    """A cluster of the practice set: providers with the same products, the first of which migrates first."""

    name: str
    description: str
    products: Products
    providers: tuple[PracticeProvider, ...]


_WHOLE = (None,)
_PREPARED = ("voorbereiden",)

CLUSTERS = (
    PracticeCluster(
        name="Zonnepad",
        description="één EPD met één portaal, van dezelfde leverancier",
        products=Products(epd="Zonnepad EPD", portal="Zonnepad Portaal"),
        providers=(
            PracticeProvider("de-linde", -9, ("voorbereiden", None), signed=True),
            PracticeProvider("het-veer", -5, _WHOLE, signed=True),
            PracticeProvider("de-zandweg", -4, _WHOLE, signed=True),
            PracticeProvider("polderlicht", -3, _WHOLE),
            PracticeProvider("de-brug", -2, _WHOLE, defects=("task-missing", "bsn-lost", "status-stale")),
            PracticeProvider("vlietzicht", 2, _PREPARED),
            PracticeProvider("de-torenhof", 6),
        ),
    ),
    PracticeCluster(
        name="Getij",
        description="een ander EPD, met een portaal van derden",
        products=Products(epd="Getij Dossier", portal="Kompas Portaal"),
        providers=(
            PracticeProvider("duinrand", -7, _WHOLE, defects=("phone-digit",), waived=True, signed=True),
            PracticeProvider("de-vuurtoren", -3, _WHOLE, defects=("agreement-open",)),
            PracticeProvider("schelpenpad", -2, _WHOLE, defects=("task-duplicated", "origin-wrong")),
            PracticeProvider("waddenhuis", 0, _PREPARED),
            PracticeProvider("de-kwelder", 5),
            PracticeProvider("strandlicht", 8),
        ),
    ),
    PracticeCluster(
        name="Heuvel",
        description="het EPD van Getij, met een eigen portaal",
        products=Products(epd="Getij Dossier", portal="Heuvel Portaal"),
        providers=(
            PracticeProvider(
                "de-bosrand",
                -1,
                _WHOLE,
                defects=("reference-other-patient", "names-swapped", "link-with-version", "account-shared"),
            ),
            PracticeProvider("heidebloem", 4, _PREPARED, defects=("birth-date-missing",)),
            PracticeProvider("de-beek", 3),
            PracticeProvider("korenveld", 9),
            PracticeProvider("de-molenberg", 11),
            PracticeProvider("lindelaan", 13),
        ),
    ),
    PracticeCluster(
        name="Kade",
        description="een EPD voor verslavingszorg, nog zonder login en launch",
        products=Products(epd="Kade Dossier", portal="Kade Portaal"),
        providers=(
            PracticeProvider("havenzicht", -1, _WHOLE, lacking=("idp", "launch")),
            PracticeProvider("de-steiger", 4, _PREPARED),
            PracticeProvider("kanaalhuis", 8),
            PracticeProvider("de-sluis", 10),
            PracticeProvider("waterlelie", 12),
            PracticeProvider("de-werf", 14),
        ),
    ),
    PracticeCluster(
        name="Weide",
        description="een EPD voor jeugdzorg, begint als laatste",
        products=Products(epd="Weide EPD", portal="Weide Portaal"),
        providers=(
            PracticeProvider("klaverveld", 4, _PREPARED),
            PracticeProvider("de-vlinder", 10),
            PracticeProvider("zonnehoek", 13),
            PracticeProvider("de-kastanje", 15),
            PracticeProvider("het-nest", 17),
        ),
    ),
)


def plan_text(clusters: Sequence[PracticeCluster], today: date, below: str) -> str:
    """The text of ``clusters.toml``, the plan as of today; the runs of a domain land in ``below``/its name."""
    lines = ["# Oefenset: alle namen zijn verzonnen."]
    for cluster in clusters:
        lines += ["", "[[cluster]]", *pairs(name=cluster.name, description=cluster.description)]
        first = PracticeDomain(1, SIZE, cluster.providers[0].name, cluster.products)
        for app in first.applications[:-1]:  # the last one is the suite itself
            said = pairs(product=registered_name(app), role=app.role, sources=list(app.owns))
            lines += ["", "[[cluster.participant]]", *said]
    for cluster in clusters:
        for sequence, provider in enumerate(cluster.providers, 1):
            about = pairs(
                name=provider.name,
                cluster=cluster.name,
                sequence=sequence,
                environment=ENVIRONMENT,
                reports=(Path(below) / provider.name).as_posix(),
            )
            days = ", ".join(f"{phase} = {day}" for phase, day in provider.planned(today).items())
            lines += ["", "[[domain]]", *about, f"planned = {{{days}}}"]
    return "\n".join([*lines, ""])
