"""Listens to a run and makes ``report.json``, the only truth about it (contract: design.md).

Everything in the report is public: resources by logical id or pseudonym, source records by pseudonym, and no
expected or actual values. The findings with the real references go to ``findings.ndjson``, line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import ktcheck
from ktcheck.errors import RunError
from ktcheck.events import Event, RunFinished, RunStarted, ScenarioFinished
from ktcheck.findings import Finding, ScenarioResult, Severity, Status
from ktcheck.privacy import Pseudonyms

FORMAT = 1
PER_SCENARIO = 200
PER_RULE_FIRST = 20

_WEIGHT = {Severity.BLOCKING: 0, Severity.MAJOR: 1, Severity.ADVICE: 2}


class ReportBuilder:
    """A listener; ``report()`` gives the finished report.

    ``findings`` takes the contract's line of every finding as it comes, for example
    ``lambda line: writer.append_line("findings.ndjson", line)``. The report keeps at most 200 findings a scenario,
    each with its line number there.
    """

    def __init__(self, pseudonyms: Pseudonyms, findings: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.findings = findings
        self._pseudonyms = pseudonyms
        self._started: RunStarted | None = None
        self._finished: RunFinished | None = None
        self._scenarios: list[dict[str, Any]] = []
        self._public: list[dict[str, Any]] = []
        self._lines = 0
        self._by_rule: dict[tuple[str, str], dict[str, Any]] = {}
        self._evidence = _Evidence()

    def __call__(self, event: Event) -> None:
        """Take in an event of the run."""
        if isinstance(event, RunStarted):
            self._started = event
        elif isinstance(event, RunFinished):
            self._finished = event
        elif isinstance(event, ScenarioFinished):
            self._scenario(event.result, event.findings)

    def report(self) -> dict[str, Any]:
        """The whole report, as ``profiles/report.schema.json`` describes it.

        Raises:
            RunError: the run did not start or did not finish.
        """
        if self._started is None or self._finished is None:
            raise RunError("the run did not finish, so there is no report; run again")
        facts = self._started.facts
        return {
            "format": FORMAT,
            "ktcheck": ktcheck.__version__,
            "domain": facts["domain"],
            "domain_environment": facts.get("domain_environment", ""),
            "cluster": facts.get("cluster", ""),
            "sequence": facts.get("sequence", 1),
            "versions": facts["versions"],
            "baseline": facts["baseline"],
            "environment": facts["environment"],
            "started": self._started.started,
            "finished": self._finished.finished,
            "verdict": self._finished.verdict.value,
            "reasons": list(self._finished.reasons),
            "filter": facts.get("filter"),
            "source": facts.get("source"),
            "target": facts.get("target"),
            "counts": [dict(row) for row in self._finished.counts],
            "scenarios": self._scenarios,
            "findings": self._public,
            "findings_omitted": self._lines - len(self._public),
            "findings_by_rule": list(self._by_rule.values()),
            "rules": facts.get("rules", {}),
            "requirements": [self._evidence.outcome(row) for row in facts.get("requirements", ())],
            "steps": [dict(row) for row in facts.get("steps", ())],
            "agreements": [dict(row) for row in facts.get("agreements", ())],
            "mappability": [dict(row) for row in facts.get("mappability", ())],
            "publication": facts.get("publication"),
            "second_opinion": facts.get("second_opinion"),
            "unchecked_codes": [dict(row) for row in facts.get("unchecked_codes", ())],
            "waivers": [dict(row) for row in facts.get("waivers", ())],
            "launches": [self._with_names(row, "person", "task") for row in facts.get("launches", ())],
            "chain": self._chain(facts.get("chain")),
            "confirmations": [dict(row) for row in facts.get("confirmations", ())],
            "shape": facts.get("shape"),
            "template": facts.get("template"),
            "self_check": facts.get("self_check"),
            "self_checks": list(facts.get("self_checks", ())),
        }

    def _chain(self, chain: dict[str, Any] | None) -> dict[str, Any] | None:
        if chain is None:
            return None
        links = [self._with_names(link, "reference") for link in chain["links"]]
        return {**self._with_names(chain, "person"), "links": links}

    def _with_names(self, row: Mapping[str, Any], *names: str) -> dict[str, Any]:
        """The row with references as others may see them; what is no reference is no name of anybody."""
        public = {name: self._pseudonyms.public_reference(row[name]) for name in names if "/" in (row[name] or "")}
        return {**row, **public}

    def _scenario(self, result: ScenarioResult, findings: tuple[Finding, ...]) -> None:
        row = asdict(result)
        row["steps"] = [asdict(step) for step in result.steps]
        self._scenarios.append({key: _plain(value) for key, value in row.items()})
        self._evidence.add(result, findings)
        public: list[dict[str, Any]] = []
        for finding in findings:
            self._lines += 1
            if self.findings:
                self.findings({**finding.record(), "scenario": finding.scenario or result.id})
            self._tally(finding, result.id)
            public.append(self._as_public(finding, result.id))
        self._public += _first(public)

    def _tally(self, finding: Finding, scenario: str) -> None:
        """Count per rule and severity, because the report does not keep every finding."""
        row = self._by_rule.setdefault(
            (finding.rule, finding.severity.value),
            {
                "rule": finding.rule,
                "severity": finding.severity.value,
                "step": finding.step,
                "scenarios": [],
                "applications": {},
                "findings": 0,
                "waived": 0,
            },
        )
        row["findings"] += 1
        row["waived"] += finding.waiver is not None
        if finding.application:
            row["applications"][finding.application] = row["applications"].get(finding.application, 0) + 1
        if scenario not in row["scenarios"]:
            row["scenarios"].append(scenario)

    def _as_public(self, finding: Finding, scenario: str) -> dict[str, Any]:
        """The finding without values and with pseudonyms; ``line`` is its place in ``findings.ndjson``."""
        resource = self._pseudonyms.public_reference(finding.resource) if finding.resource else None
        source = self._pseudonyms.of(finding.source) if finding.source else None
        names = {finding.source: source, finding.resource: resource}
        return {
            "line": self._lines,
            "rule": finding.rule,
            "area": finding.area,
            "severity": finding.severity.value,
            "requirements": list(finding.requirements),
            "step": finding.step,
            "scenario": scenario,
            "application": finding.application,
            "resource": resource,
            "source": source,
            "path": finding.path,
            "message_nl": _replaced(finding.message_nl, names),
            "message_en": _replaced(finding.message_en, names),
            "agreement": finding.agreement,
            "waiver": finding.waiver,
        }


class _Evidence:
    """What the scenarios say about each requirement."""

    def __init__(self) -> None:
        self._scenarios: dict[str, list[ScenarioResult]] = {}
        self._by_id: dict[str, list[ScenarioResult]] = {}
        self._violated: dict[str, int] = {}

    def add(self, result: ScenarioResult, findings: Iterable[Finding]) -> None:
        self._by_id.setdefault(_base(result), []).append(result)
        for requirement in result.requirements:
            self._scenarios.setdefault(requirement, []).append(result)
        named = 0
        for finding in findings:
            # A finding that names no requirement counts against all that its scenario stands for.
            for requirement in finding.requirements or result.requirements:
                self._violated[requirement] = self._violated.get(requirement, 0) + 1
                named += 1
        if result.status is Status.FAILED and not named:
            for requirement in result.requirements:
                self._violated.setdefault(requirement, 0)

    def outcome(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The register's row with the scenarios that cover it and what came of them.

        verified: every scenario examined something, but for those that the domain need not have anything for, and none
        found this requirement violated. violated: a finding
        names it. not_evidenced: a scenario should have shown it and could not. not_covered: no scenario checks it.
        """
        identity = row["id"]
        named = [result for scenario in row.get("scenarios") or () for result in self._by_id.get(scenario, ())]
        results = list({id(result): result for result in [*named, *self._scenarios.get(identity, ())]}.values())
        covering = list(dict.fromkeys([*(row.get("scenarios") or ()), *map(_base, results)]))
        silent = [name for name in covering if name not in set(map(_base, results))]
        silent += [result.id for result in results if not _examined(result) and not _nothing_there(result)]
        shown = any(_examined(result) for result in results)
        reason: tuple[str | None, str | None] = (None, None)
        if identity in self._violated:
            outcome, count = "violated", self._violated[identity]
            reason = (f"{count} bevinding{'' if count == 1 else 'en'}", f"{count} finding{'' if count == 1 else 's'}")
        elif not covering:
            outcome, reason = "not_covered", (row.get("reason_nl"), row.get("reason_en"))
        elif silent or not shown:
            outcome = "not_evidenced"
            names = ", ".join(dict.fromkeys(silent)) or ", ".join(covering)
            reason = (f"geen bewijs uit {names}", f"no evidence from {names}")
        else:
            outcome = "verified"
        keys = ("id", "topic", "area", "level", "statement_nl", "statement_en")
        return {
            **{key: row[key] for key in keys},
            "scenarios": covering,
            "outcome": outcome,
            "reason_nl": reason[0],
            "reason_en": reason[1],
        }


def _base(result: ScenarioResult) -> str:
    """The id that the register knows: a row of an outline (``VOL-01/Patient``) belongs to ``VOL-01``."""
    return result.id.partition("/")[0]


def _examined(result: ScenarioResult) -> bool:
    return result.status in {Status.PASSED, Status.FAILED} and result.examined > 0


def _nothing_there(result: ScenarioResult) -> bool:
    """Whether it examined nothing because the domain need not have it (unlike one that a filter left out)."""
    return result.excused and result.status is Status.NOT_EVIDENCED


def _first(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most 200: the first twenty of every rule before the rest, blocking before advice, else as they came."""
    if len(findings) <= PER_SCENARIO:
        return findings
    seen: dict[str, int] = {}
    ranked = []
    for finding in findings:
        place = seen[finding["rule"]] = seen.get(finding["rule"], 0) + 1
        ranked.append(((place > PER_RULE_FIRST, _WEIGHT[Severity(finding["severity"])]), finding))
    ranked.sort(key=lambda pair: pair[0])
    kept = [finding for _, finding in ranked[:PER_SCENARIO]]
    return sorted(kept, key=lambda finding: int(finding["line"]))


def _plain(value: Any) -> Any:
    """Enumerations and tuples as JSON has them."""
    if isinstance(value, Severity | Status):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _replaced(message: str, names: Mapping[str | None, str | None]) -> str:
    """The message with pseudonyms for the references, should a rule have put them in by mistake."""
    for real, public in names.items():
        if real and public:
            message = message.replace(real, public)
    return message
