"""Area *inhoud*: does every migrated element have the value that the mapping and the agreements say?

Source: MIG-KT-001. Which rule judges which element is in ``profiles/mapping.yaml`` (``rules``); how a value is made and
compared is in ``ktcheck.mapping``. These rules only pass on what came of the comparison.
"""

from __future__ import annotations

from functools import cache

from ktcheck.facts import Comparison, Context, Outcome, Result
from ktcheck.mapping.table import rows
from ktcheck.rules.base import Examination, Problem, rule


@cache
def _rows_of(name: str) -> frozenset[str]:
    return frozenset(row.id for row in rows().values() if name in row.rules)


def _examine(comparison: Comparison, outcomes: list[Outcome], result: Result) -> Examination | None:
    """What of some outcomes has a result that is to be told; None when there are none."""
    if not outcomes:
        return None
    key = outcomes[0].source
    source = next(record for record in comparison.target.sources if record.key == key)
    return Examination(
        scope=source.type,
        application=source.application,
        problems=tuple(_problem(comparison, outcome) for outcome in outcomes if outcome.result == result),
        examined=len(outcomes),
    )


def _problem(comparison: Comparison, outcome: Outcome) -> Problem:
    target = comparison.target
    return Problem(
        resource=target.name,
        source=outcome.source,
        path=outcome.path,
        expected=outcome.expected,
        actual=outcome.actual,
        words={
            "type": target.type,
            "path": _label(rows()[outcome.row].kt2_path or outcome.path),
            "reason_nl": outcome.reason_nl or "",
            "reason_en": outcome.reason_en or "",
        },
        agreement=outcome.agreement,
        severity=rows()[outcome.row].weight,
    )


def _label(path: str) -> str:
    """A path for people: an extension by the last part of its URL."""
    before, extension, after = path.partition(".extension('")
    return f"{before} ({after.partition(chr(39))[0].rpartition('/')[2]})" if extension else path


def _element(name: str, comparison: Comparison) -> Examination | None:
    """The elements that a rule judges: what could be compared has the value that it should have."""
    mine = _rows_of(name)
    compared = [
        outcome
        for outcome in comparison.outcomes
        if outcome.row in mine and outcome.result not in {"not-comparable", "added"}
    ]
    return _examine(comparison, compared, "different")


@rule("content.name", Comparison)
def name(comparison: Comparison, _: Context) -> Examination | None:
    """Every part of a person's name is KT1's, with the particles where they belong (MIG-KT-001, nl-core)."""
    return _element("content.name", comparison)


@rule("content.telecom", Comparison)
def telecom(comparison: Comparison, _: Context) -> Examination | None:
    """Telephone numbers, e-mail addresses and such are KT1's, of all records of a person (MIG-KT-001)."""
    return _element("content.telecom", comparison)


@rule("content.address", Comparison)
def address(comparison: Comparison, _: Context) -> Examination | None:
    """Addresses are KT1's (MIG-KT-001)."""
    return _element("content.address", comparison)


@rule("content.gender", Comparison)
def gender(comparison: Comparison, _: Context) -> Examination | None:
    """The gender is KT1's by the code table; unknown when KT1 has none (MIG-KT-001)."""
    return _element("content.gender", comparison)


@rule("content.birth-date", Comparison)
def birth_date(comparison: Comparison, _: Context) -> Examination | None:
    """The birth date is the date that KT1 has, not moved by a time zone (MIG-KT-001)."""
    return _element("content.birth-date", comparison)


@rule("content.active", Comparison)
def active(comparison: Comparison, _: Context) -> Examination | None:
    """Whether a record is in use is as in KT1; what KT1 does not say is in use (MIG-KT-001)."""
    return _element("content.active", comparison)


@rule("content.relationship", Comparison)
def relationship(comparison: Comparison, _: Context) -> Examination | None:
    """What a related person is to the patient is KT1's code, or the agreed more general one (MIG-KT-001, OQ-22)."""
    return _element("content.relationship", comparison)


@rule("content.organization", Comparison)
def organization(comparison: Comparison, _: Context) -> Examination | None:
    """The name and type of an organization are KT1's (MIG-KT-001)."""
    return _element("content.organization", comparison)


@rule("content.identifier", Comparison)
def identifier(comparison: Comparison, _: Context) -> Examination | None:
    """The use of a business identifier is KT1's, and no other value took its place (MIG-KT-001)."""
    return _element("content.identifier", comparison)


@rule("content.definition", Comparison)
def definition(comparison: Comparison, _: Context) -> Examination | None:
    """The texts, identifier and performer of an activity definition are KT1's, in the agreed place (MIG-KT-001)."""
    return _element("content.definition", comparison)


@rule("content.definition-status", Comparison)
def definition_status(comparison: Comparison, _: Context) -> Examination | None:
    """An active definition is active, an archived one retired (MIG-RES-002); an inactive one as agreed (OQ-09)."""
    return _element("content.definition-status", comparison)


@rule("content.task-status", Comparison)
def task_status(comparison: Comparison, _: Context) -> Examination | None:
    """The status of a Task is that of its activity, the newest of plan and status messages (MIG-KT-001, OQ-03)."""
    return _element("content.task-status", comparison)


@rule("content.task-period", Comparison)
def task_period(comparison: Comparison, _: Context) -> Examination | None:
    """The period of a Task is when its activity was done, or else was planned as agreed (MIG-KT-001, OQ-07)."""
    return _element("content.task-period", comparison)


@rule("content.task", Comparison)
def task(comparison: Comparison, _: Context) -> Examination | None:
    """The intent and priority of a Task are the fixed ones, its description is KT1's where compared (MIG-KT-001)."""
    return _element("content.task", comparison)


@rule("content.team", Comparison)
def team(comparison: Comparison, _: Context) -> Examination | None:
    """The name, status and period of a care team are KT1's, the roles of its members as agreed (MIG-KT-001, OQ-13)."""
    return _element("content.team", comparison)


@rule("content.assumption", Comparison)
def assumption(comparison: Comparison, _: Context) -> Examination | None:
    """What rests on an open question follows the proposal, not another possible answer (MIG-KT-001, OQ-01 to OQ-23)."""
    compared = [outcome for outcome in comparison.outcomes if outcome.result not in {"not-comparable", "added"}]
    return _examine(comparison, compared, "other-answer")


@rule("content.comparable", Comparison)
def comparable(comparison: Comparison, _: Context) -> Examination | None:
    """Every mapped element can be compared: what cannot is told, not passed (MIG-KT-001)."""
    return _examine(comparison, list(comparison.outcomes), "not-comparable")


@rule("content.added", Comparison)
def added(comparison: Comparison, _: Context) -> Examination | None:
    """KT2 has no value where KT1 had none, unless KT2 requires it (MIG-KT-001)."""
    return _examine(comparison, list(comparison.outcomes), "added")
