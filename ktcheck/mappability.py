"""The inventory of incompatibilities: per application and KT1 element, how many records do not fit in KT2 as they are.

Unlike the findings of ``mappable.*`` it also counts what was decided and what is in KT2 already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ktcheck.facts import Fact, Fit, Misfit, SourceIdentifier
from ktcheck.mapping import consequences, misfits
from ktcheck.mapping.table import rows


class Mappability:
    """Listens to the facts as they pass; its memory depends on the mapping and the applications, not on the records."""

    def __init__(self) -> None:
        self._records: Counter[tuple[str | None, str, Misfit]] = Counter()

    def add(self, fact: Fact) -> None:
        """Count what does not fit in one fact; a record counts once for each element, however often it has it."""
        if isinstance(fact, Fit):
            source = fact.match.source
            for misfit in {replace(misfit, path=None, value=None) for misfit in fact.misfits}:
                self._records[source.application, source.type, misfit] += 1
        elif isinstance(fact, SourceIdentifier) and fact.clashes:
            for holder in fact.holders:
                self._records[holder.application, fact.type, misfits.collision(fact.type)] += 1

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of ``report.json``'s ``mappability``: by application (undecided last), then most records first."""
        for (application, kt1, misfit), records in sorted(self._records.items(), key=_order):
            row = rows()[misfit.row]
            yield {
                "row": row.id,
                "application": application,
                "kt1": kt1,
                "element": consequences.element(row, kt1),
                "kt2": consequences.place(row, kt1),
                "kind": misfit.kind,
                "status": row.status,
                "agreement": misfit.agreement,
                "agreed": misfit.settled,
                "records": records,
                **consequences.said(misfit, kt1),
            }


def _order(item: tuple[tuple[str | None, str, Misfit], int]) -> tuple[object, ...]:
    (application, kt1, misfit), records = item
    return application is None, application or "", -records, kt1, misfit.row, misfit.kind
