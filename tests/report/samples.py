"""Runs as the pages get to see them; all references and people are invented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from ktcheck.events import Bus, Progress, RunFinished, RunStarted, ScenarioFinished
from ktcheck.findings import Finding, ScenarioResult, Severity, Status, StepResult, Verdict
from ktcheck.privacy import Pseudonyms
from ktcheck.report.builder import ReportBuilder
from tests.report import second_opinion
from tests.report.preparation import QUESTIONS, agreements, mappability, publication

KEY = b"a key for tests only"
LINK = "https://kt1.example/FHIR/Koppeltaal/Patient/{}"

STEPS = [
    ("V1", "voorbereiden", "Broninventaris maken", "Make the source inventory", "Bronapplicaties"),
    ("U1", "uitvoeren", "Momentopname van het gemigreerde domein", "Snapshot of the migrated domain", "Acceptatieteam"),
    ("U2", "uitvoeren", "Resources overzetten", "Move the resources", "Bronapplicaties"),
    ("U4", "uitvoeren", "Verwijzingen herschrijven", "Rewrite the references", "Bronapplicaties"),
]
RULES = {
    "completeness.present": (
        "Alles wat over moest is er",
        "All that had to move is there",
        "Bronapplicatie van het type",
    ),
    "completeness.once": ("Niets is dubbel overgezet", "Nothing was moved twice", "Bronapplicatie van het type"),
    "references.resolves": ("Elke verwijzing bestaat", "Every reference exists", "Bronapplicaties"),
    "identification.use": (
        "Migratie-identificatie is tijdelijk",
        "Migration identifier is temporary",
        "Bronapplicaties",
    ),
}
SCENARIOS = [
    ("BRON-01", "Broninventaris", "Elk KT1-bericht is leesbaar", "voorbereiden", "bron", "V1", ("MIG-KT-001-01",)),
    ("SNAP-01", "Momentopname", "Het aantal klopt met de server", "uitvoeren", "volledigheid", "U1", ()),
    ("VOL-01", "Volledigheid", "Elke patiënt is overgezet", "uitvoeren", "volledigheid", "U2", ("MIG-KT-001-02",)),
    ("VOL-02", "Volledigheid", "Elke taak is overgezet", "uitvoeren", "volledigheid", "U2", ("MIG-KT-001-02",)),
    ("VOL-03", "Volledigheid", "Niets is dubbel overgezet", "uitvoeren", "volledigheid", "U2", ("MIG-KT-002-02",)),
    ("REF-01", "Verwijzingen", "Elke verwijzing bestaat", "uitvoeren", "referenties", "U4", ("KT2-PROF-001",)),
    ("IDN-01", "Identificaties", "Migratie-identificaties zijn tijdelijk", "uitvoeren", "identificatie", "U4", ()),
    ("LNC-01", "Launch", "Een patiënt kan een taak openen", "evalueren", "launch", "U4", ("KT2-LAUNCH-001",)),
]
COUNTS = [
    ("Patient", "Patient", 1204, 0),
    ("Practitioner", "Practitioner", 86, 0),
    ("RelatedPerson", "RelatedPerson", 312, 0),
    ("Organization", "Organization", 4, 0),
    ("CareTeam", "CareTeam", 58, 3),
    ("ActivityDefinition", "ActivityDefinition", 41, 0),
    ("CarePlan", None, 0, 977),
    ("CarePlanActivity", "Task", 6410, 0),
    ("CarePlanSubActivity", "Task", 1822, 0),
    ("UserMessage", None, 0, 230),
]


def logical_id(number: int) -> str:
    return str(UUID(int=(4 << 76) | (2 << 62) | number))


def finding(rule: str, number: int, **changes: Any) -> Finding:
    severity = {"completeness.once": Severity.MAJOR, "identification.use": Severity.ADVICE}.get(rule, Severity.BLOCKING)
    values: dict[str, Any] = {
        "rule": rule,
        "area": "volledigheid",
        "severity": severity,
        "requirements": ("MIG-KT-001-02",),
        "step": "U2",
        "message_nl": f"{RULES[rule][0]}: hier niet",
        "message_en": f"{RULES[rule][1]}: not here",
        "scope": "Patient",
        "resource": f"Task/{logical_id(number)}",
        "source": LINK.format(number),
        "path": "Task.for",
        "expected": "Jan Voorbeeld",
        "actual": "Piet Voorbeeld",
    }
    return Finding(**{**values, **changes})


def scenario(row: int, status: Status = Status.PASSED, findings: int = 0, **changes: Any) -> ScenarioResult:
    identity, feature, name, phase, area, step, requirements = SCENARIOS[row]
    values: dict[str, Any] = {
        "id": identity,
        "feature": feature,
        "name": name,
        "phase": phase,
        "area": area,
        "tags": (identity, f"stap-{step}"),
        "requirements": requirements,
        "step": step,
        "severity": Severity.BLOCKING,
        "status": status,
        "examined": 1204 if status in {Status.PASSED, Status.FAILED} else 0,
        "findings": findings,
        "rules": ("completeness.present",),
        "steps": (
            StepResult(keyword="Gegeven", text="een momentopname van het domein", status=Status.PASSED, seconds=0.2),
            StepResult(keyword="Dan", text="is elke patiënt overgezet", status=status, seconds=1.25),
        ),
        "seconds": 1.5,
    }
    return ScenarioResult(**{**values, **changes})


def facts(**changes: Any) -> dict[str, Any]:
    texts = {
        rule: {
            "title_nl": nl,
            "title_en": en,
            "why_nl": "Wie dit mist, raakt een deel van een behandeling kwijt.",
            "why_en": "Who misses this loses part of a treatment.",
            "remedy_nl": "Zet de resource alsnog over met hetzelfde script en draai de test opnieuw.",
            "remedy_en": "Move the resource after all with the same script and run the test again.",
            "look_nl": "Zoek in KT2 op de migratie-identificatie uit findings.ndjson.",
            "look_en": "Search KT2 for the migration identifier in findings.ndjson.",
            "owner": owner,
        }
        for rule, (nl, en, owner) in RULES.items()
    }
    requirement = {"topic": "MIG-KT-001", "level": "MUST"}
    rows = [
        ("MIG-KT-001-01", "migratie", ["BRON-01"], None),
        ("MIG-KT-001-02", "migratie", ["VOL-01", "VOL-02"], None),
        ("MIG-KT-002-02", "migratie", [], None),
        ("KT2-PROF-001", "profielen", [], None),
        ("KT2-LAUNCH-001", "launch", [], None),
        ("KT2-LOG-001", "logging", [], "Hiervoor is inzage in de logging van de voorziening nodig."),
    ]
    return {
        "domain": "zorgvoorbeeld",
        "domain_environment": "acc21",
        "cluster": "cluster-b",
        "sequence": 1,
        "versions": {"profile_version": "0.16.3", "mapping": "1", "profile_release": None},
        "baseline": "9b1d2f0c77e4",
        "environment": "51c0aa93be02",
        "filter": None,
        "source": {
            "files": 15320,
            "messages": 15002,
            "duplicates": 211,
            "rejected": 0,
            "domains": {"zorgvoorbeeld": 15002},
        },
        "target": {
            "taken_from": "https://kt2.example/api/v1/zorgvoorbeeld/fhir/r4",
            "software": {"name": "Voorbeeldserver", "version": "7.4"},
            "types": [
                {"type": "Patient", "distinct": 1204, "total_after": 1204, "changed": False, "rights": "all"},
                {"type": "Task", "distinct": 8232, "total_after": None, "changed": None, "rights": "narrowed"},
            ],
        },
        "rules": texts,
        "requirements": [
            {
                **requirement,
                "id": identity,
                "area": area,
                "statement_nl": f"Uitspraak van eis {identity} in het Nederlands.",
                "statement_en": f"Statement of requirement {identity} in English.",
                "scenarios": scenarios,
                "reason_nl": reason,
                "reason_en": reason and "This needs access to the provision's own logging.",
            }
            for identity, area, scenarios, reason in rows
        ],
        "steps": [
            {"id": identity, "phase": phase, "title_nl": nl, "title_en": en, "owner": owner}
            for identity, phase, nl, en, owner in STEPS
        ],
        **changes,
    }


def counts(missing: int = 0, duplicate: int = 0, unexpected: int = 0, different: int = 0) -> tuple[dict[str, Any], ...]:
    rows = []
    for source, target, expected, stay in COUNTS:
        off = source == "CarePlanActivity"
        numbers = {
            "source": expected + stay,
            "expected": expected,
            "migrated": expected - (missing if off else 0),
            "missing": missing if off else 0,
            "duplicate": duplicate if off else 0,
            "unexpected": unexpected if off else 0,
            "different": different if off else 0,
            "not_comparable": 3 * different if off else 0,
            "not_migrated": stay,
        }
        rows.append(
            {
                "source_type": source,
                "resource_type": target,
                **numbers,
                "explanation_nl": "Gaat volgens de mapping niet over." if target is None else "",
                "explanation_en": "Does not move according to the mapping." if target is None else "",
                "applications": [{"name": "Voorbeeld EPD", **numbers}],
            }
        )
    return tuple(rows)


Emit = Callable[[Bus], None]


def play(bus: Bus, kind: str) -> None:
    """Emit a whole run: approved, rejected or incomplete."""
    runs: dict[str, dict[str, Any]] = {
        "approved": {"agreements": agreements(len(QUESTIONS)), "publication": {**publication(), "cycles": []}},
        "rejected": {
            "agreements": agreements(2),
            "mappability": mappability(),
            "publication": publication(),
            "unchecked_codes": second_opinion.unchecked(),
            "second_opinion": second_opinion.opinion(),
        },
        "incomplete": {
            "filter": {"phase": "uitvoeren", "tags": ["volledigheid"]},
            "source": None,
            "second_opinion": second_opinion.unheard(),
        },
    }
    bus.emit(RunStarted(started="2026-11-23T09:15:04Z", facts=facts(**runs[kind]), scenarios=len(SCENARIOS)))
    bus.emit(Progress(what="Momentopname: Task", done=200, total=6410))
    bus.emit(Progress(what="Momentopname: Task", done=400, total=6410))
    numbers = {"approved": (0, 0, 0, 0), "rejected": (2400, 31, 7, 120), "incomplete": (0, 0, 0, 0)}[kind]
    for row in range(len(SCENARIOS)):
        _emit_scenario(bus, kind, row)
    verdict, reasons = {
        "approved": (Verdict.APPROVED, ()),
        "rejected": (Verdict.REJECTED, ("5.000 blokkerende bevindingen in 2 scenario's.",)),
        "incomplete": (Verdict.INCOMPLETE, ("3 scenario's die getoetst moesten worden, zijn niet getoetst.",)),
    }[kind]
    bus.emit(RunFinished(finished="2026-11-23T09:31:40Z", verdict=verdict, reasons=reasons, counts=counts(*numbers)))


def _emit_scenario(bus: Bus, kind: str, row: int) -> None:
    found: tuple[Finding, ...] = ()
    result = scenario(row)
    if kind == "rejected" and row in {3, 4, 5, 6}:
        rule = list(RULES)[row - 3]
        number = {3: 2400, 4: 31, 5: 2600, 6: 9}[row]
        agreement = "several-links" if rule == "completeness.once" else None
        found = tuple(finding(rule, at, agreement=agreement) for at in range(number))
        result = scenario(row, Status.FAILED, number)
    if kind == "incomplete" and row in {1, 5, 7}:
        status = {1: Status.NOT_EVIDENCED, 5: Status.BLOCKED, 7: Status.NOT_DELIVERED}[row]
        reason = {
            1: "De server noemt geen aantal.",
            5: "De momentopname is niet volledig (SNAP-01).",
            7: "Launch is in dit domein nog niet opgeleverd.",
        }[row]
        result = scenario(row, status, reason=reason)
    bus.emit(ScenarioFinished(result=result, findings=found))


def sample(kind: str) -> dict[str, Any]:
    """The report of such a run."""
    builder = ReportBuilder(Pseudonyms(KEY))
    play(Bus([builder]), kind)
    return builder.report()
