"""One acceptance run over one domain, from the domain file to the directory with its reports. Knows no pytest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ktcheck.domain import Domain
from ktcheck.errors import InputError
from ktcheck.events import Bus, RunFinished, RunStarted, ScenarioFinished
from ktcheck.findings import ScenarioResult, Severity, Status, Verdict
from ktcheck.opinion import services
from ktcheck.output import SCREENSHOTS, RunWriter
from ktcheck.preparation import Prepared, prepare, private_folder
from ktcheck.privacy import Pseudonyms, Redactor
from ktcheck.report import build, history, seen
from ktcheck.report.builder import ReportBuilder
from ktcheck.report.console import ConsoleListener
from ktcheck.scenarios import NotShownError, RunningScenario, needs_target
from ktcheck.self_check import chosen
from ktcheck.verdict import judge


class Acceptance:
    """Gathers what scenarios say, judges, and writes the reports; nothing appears in ``out`` before the end.

    ``phase`` and ``tags`` are the filter that was asked for, ``self_check`` the application (name or client_id) that
    checks its own part, ``second_opinion`` whom to ask one (``opinion.services``), ``screenshots``: keep the last page
    of each launch in a browser. Call ``close`` whatever happens: temporary files hold patient data.

    Raises:
        InputError: the output directory is taken or cannot be made, or ``self_check`` or ``second_opinion`` is not
            possible.
    """

    def __init__(
        self,
        domain: Domain,
        *,
        out: Path | None = None,
        phase: str | None = None,
        tags: str | None = None,
        self_check: str | None = None,
        second_opinion: str | None = None,
        screenshots: bool = False,
        lang: str = "nl",
        force: bool = False,
    ) -> None:
        if second_opinion:
            _may_ask(second_opinion, domain, phase)
        self.domain = domain
        self.second_opinion = second_opinion
        self._screenshots = screenshots
        self.phase = phase
        self.tags = tags
        self.own = chosen(domain, self_check) if self_check else None
        self.prepared: Prepared | None = None
        self.verdict: Verdict | None = None
        self._lang = lang
        self._started = datetime.now(UTC)
        self._results: list[ScenarioResult] = []
        self._weights: Counter[Severity] = Counter()
        self._waived: Counter[str] = Counter()
        self._redactor = Redactor()
        self._stack = ExitStack()
        place = out or default_out(domain.domain.name, self._started)
        self.writer = self._stack.enter_context(RunWriter(place, self._redactor, force=force))
        console = ConsoleListener(lang=lang)
        self._stack.callback(console.close)
        self._builder = ReportBuilder(Pseudonyms.fresh(), self._found)
        self._identities = history.Findings()
        self._bus = Bus([console, self._builder])

    def start(self, scenarios: Sequence[RunningScenario], left_out: Sequence[RunningScenario]) -> None:
        """Read everything, let the rules look at it, and tell that the run begins.

        Raises:
            InputError: a file or setting is wrong.
            RunError: the domain could not be reached or did not answer as it should.
        """
        phases = {scenario.phase for scenario in scenarios}
        asked_of = [scenario.tags for scenario in scenarios]
        # Nobody is logged in for a selection of scenarios that do not ask for it.
        launches = any("launch" in tags.deliveries or tags.area == "herhaling" for tags in asked_of)
        if self._screenshots and not launches:
            raise InputError("--screenshots: what --phase or --tags selects launches nothing; leave one of them out")
        prepared = self.prepared = prepare(
            self.domain,
            self._stack.enter_context(private_folder()),
            self._bus,
            evidence=lambda exchange: self.writer.append_line("evidence/exchanges.ndjson", exchange),
            secret=self._redactor.register,
            source=bool(phases - {"afspreken"}),
            target=bool(phases - {"afspreken", "voorbereiden"}),
            launches=launches,
            refusals=any(tags.area == "autorisatie" for tags in asked_of),
            own=self.own,
            second_opinion=self.second_opinion,
            pictures=self._picture if self._screenshots else None,
        )
        self._stack.callback(prepared.assessment.close)
        asked = (("phase", self.phase), ("tags", self.tags), ("self_check", self.own and self.own.name))
        wanted = {key: value for key, value in asked if value}
        facts = {**prepared.facts(), "filter": wanted or None}
        # A participant checks itself; who checked themselves is for the acceptance run to tell.
        facts["self_checks"] = [] if self.own else seen.self_checks(self.domain, facts["baseline"])
        self._bus.emit(RunStarted(started=_text(self._started), facts=facts, scenarios=len(scenarios)))
        for scenario in left_out:
            self.finish(scenario, NotShownError(Status.NOT_RUN, "niet gevraagd (filter)", excused=True))

    def finish(self, scenario: RunningScenario, outcome: NotShownError | None) -> None:
        """A scenario is over."""
        waiver_of = self.prepared.waivers.of if self.prepared else lambda _: None
        findings = tuple(
            replace(finding, scenario=scenario.id, waiver=waiver_of(finding)) for finding in scenario.findings
        )
        waived = [finding.waiver for finding in findings if finding.waiver]
        result = replace(scenario.result(outcome), waived=len(waived))
        scenario.findings.clear()
        self._results.append(result)
        self._waived.update(waived)
        self._weights.update(finding.severity for finding in findings if not finding.waiver)
        self._bus.emit(ScenarioFinished(result=result, findings=findings))

    def conclude(self, number_of_scenarios: int) -> Verdict:
        """Judge and write the reports. ``number_of_scenarios`` is how many the features hold, rows included.

        Raises:
            RunError: writing fails, or the run was not started.
        """
        if self.prepared:
            self._guard(self.prepared, number_of_scenarios)
        verdict, reasons = judge(self._results, self._weights, self._waived)
        counts = tuple(self.prepared.counting.rows()) if self.prepared else ()
        finished = _text(datetime.now(UTC))
        self._bus.emit(RunFinished(finished=finished, verdict=verdict, reasons=reasons, counts=counts))
        if not self._weights and not self._waived:
            self.writer.write_text(history.FINDINGS, "")
        report = self._builder.report()
        earlier = history.beside(self.writer.directory, report)
        report |= earlier.facts(report, self._identities.found)
        build.write_all(report, self.writer, self._lang)
        self.writer.commit()
        self.verdict = verdict
        return verdict

    def _picture(self, launch: str, picture: bytes) -> None:
        self.writer.write_bytes(f"{SCREENSHOTS}{launch}.png", picture)

    def _found(self, line: dict[str, Any]) -> None:
        self.writer.append_line(history.FINDINGS, line)
        self._identities.add(line)

    def close(self) -> None:
        """Remove temporary files, and what was staged when the run did not come to its end."""
        self._stack.close()

    def _guard(self, prepared: Prepared, number_of_scenarios: int) -> None:
        """Nothing may get lost: neither a scenario that pytest left out by itself, nor a finding without a scenario."""
        absent = number_of_scenarios - len(self._results)
        if absent:
            reason = f"{absent} scenario('s) door pytest zelf weggelaten; kies met --phase of --tags"
            self._own_result("Elk scenario is meegenomen", Status.NOT_RUN, 0, reason)
            return
        if self.phase or self.tags:
            return
        lost = prepared.assessment.unclaimed()
        if lost:
            names = ", ".join(f"{rule} ({scope})" for rule, scope in lost)
            reason = f"bevindingen zonder scenario: {names}"
            self._own_result("Elke bevinding hoort bij een scenario", Status.ERROR, len(lost), reason)

    def _own_result(self, name: str, status: Status, examined: int, reason: str) -> None:
        """What the run has to say about itself, as a scenario that keeps the verdict from being an approval."""
        result = ScenarioResult(
            id="KTCHECK",
            feature="ktcheck",
            name=name,
            phase="uitvoeren",
            area="volledigheid",
            tags=(),
            requirements=(),
            step="U2",
            severity=Severity.BLOCKING,
            status=status,
            examined=examined,
            findings=0,
            reason=reason,
        )
        self._results.append(result)
        self._bus.emit(ScenarioFinished(result=result, findings=()))


def _may_ask(second_opinion: str, domain: Domain, phase: str | None) -> None:
    """Refuse a second opinion that cannot be asked; raises ``InputError``."""
    if not needs_target(phase):
        raise InputError(f"--second-opinion is about resources of KT2, and --phase {phase} reads none; leave one out")
    services.check(second_opinion, domain)


def default_out(name: str, started: datetime) -> Path:
    """``reports/<domain>/<start>/``, with the domain's name as a file name."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "domein"
    return Path("reports") / slug / started.strftime("%Y%m%dT%H%M%SZ")


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
