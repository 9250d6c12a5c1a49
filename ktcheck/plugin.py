"""The acceptance run as a pytest plugin: the only module of the library that knows pytest.

It turns scenarios into events and hands those to the console and the report; what a run decides is in
``verdict``, what it found in ``assessment``. ``ktcheck run`` and plain ``pytest features --domain domain.toml``
both come through here.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from pytest_bdd.feature import get_features
from pytest_bdd.parser import Feature, Scenario, ScenarioTemplate, Step
from pytest_bdd.scenario import scenario_wrapper_template_registry
from pytest_bdd.utils import registry_get_safe

from ktcheck import domain as domains
from ktcheck import suite
from ktcheck.domain import Domain
from ktcheck.errors import InputError, KtcheckError, RunError
from ktcheck.events import Bus, RunFinished, RunStarted, ScenarioFinished
from ktcheck.findings import EXIT_CODES, Finding, ScenarioResult, Severity, Status, StepResult, Verdict
from ktcheck.output import RunWriter
from ktcheck.preparation import Prepared, prepare, private_folder
from ktcheck.privacy import Pseudonyms, Redactor
from ktcheck.report import build
from ktcheck.report.builder import ReportBuilder
from ktcheck.report.console import ConsoleListener
from ktcheck.scenarios import PHASES, Tags, selected, understand
from ktcheck.verdict import judge

RUN = pytest.StashKey["AcceptanceRun"]()
SCENARIO = pytest.StashKey["RunningScenario"]()

# How pytest ends when it came to the end by itself; an interrupt or an error inside it is none of these.
_WHOLE = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED})


class NotShownError(Exception):
    """A scenario that could not show what it has to show; ``status`` says why in the contract's words."""

    def __init__(self, status: Status, reason: str, *, excused: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.excused = excused


@dataclass(slots=True)
class RunningScenario:
    """A scenario while it runs: what its steps examined and found so far."""

    id: str
    name: str
    feature: str
    phase: str
    tags: Tags
    started: float = 0.0
    examined: int = 0
    findings: list[Finding] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    steps: list[StepResult] = field(default_factory=list)
    step_started: float = 0.0
    outcome: NotShownError | None = None


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of an acceptance run."""
    group = parser.getgroup("ktcheck", "Koppeltaal acceptance run")
    group.addoption("--domain", type=Path, help="the domain file (TOML)")
    group.addoption("--out", type=Path, help="where the run lands; default reports/<domain>/<start>/")
    group.addoption("--phase", choices=PHASES, help="only the scenarios of one phase of the draaiboek")
    group.addoption("--tags", help="only scenarios with one of these tags (a,b); ~c leaves scenarios with c out")
    group.addoption("--lang", choices=("nl", "en"), default="nl", help="language of the report")
    group.addoption("--force", action="store_true", help="replace an earlier run in --out")


def pytest_configure(config: pytest.Config) -> None:
    """Start a run when plain pytest is given a domain file; ``ktcheck run`` brings its own."""
    if config.getoption("--domain"):
        if config.getoption("dist", "no") != "no" or hasattr(config, "workerinput"):
            pytest.exit("an acceptance run is one process: leave out -n and --dist", returncode=2)
        try:
            run = AcceptanceRun(
                domains.load(config.getoption("--domain")),
                out=config.getoption("--out"),
                phase=config.getoption("--phase"),
                tags=config.getoption("--tags"),
                lang=config.getoption("--lang"),
                force=config.getoption("--force"),
            )
        except KtcheckError as error:
            pytest.exit(str(error), returncode=error.exit_code)
        config.pluginmanager.register(run, "ktcheck-run")


@pytest.hookimpl(tryfirst=True)
def pytest_bdd_apply_tag(tag: str, function: Any) -> bool:
    """Tags are ours to read (``scenarios.understand``), they are no pytest marks."""
    del tag, function
    return True


def template_of(item: pytest.Item) -> ScenarioTemplate | None:
    """The scenario that a test item runs, or None for an ordinary test."""
    return registry_get_safe(scenario_wrapper_template_registry, getattr(item, "obj", None))


def running(item: pytest.Item, template: ScenarioTemplate) -> RunningScenario:
    """The scenario of a test item, understood; a row of an outline is a scenario of its own."""
    rule_tags = template.rule.tags if template.rule else set()
    tags = understand(template.tags | template.feature.tags | rule_tags)
    callspec = getattr(item, "callspec", None)
    example: dict[str, str] = callspec.params.get("_pytest_bdd_example", {}) if callspec else {}
    return RunningScenario(
        id="/".join((tags.id, *example.values())),
        name=template.render(example).name if example else template.name,
        feature=template.feature.name,
        phase=Path(template.feature.filename).parent.name,
        tags=tags,
    )


class AcceptanceRun:
    """One run over one domain, from the domain file to the directory with its reports."""

    def __init__(
        self,
        domain: Domain,
        *,
        out: Path | None = None,
        phase: str | None = None,
        tags: str | None = None,
        lang: str = "nl",
        force: bool = False,
    ) -> None:
        self.domain = domain
        self.phase = phase
        self.tags = tags
        self.lang = lang
        self.started = datetime.now(UTC)
        self.error: KtcheckError | None = None
        self.verdict: Verdict | None = None
        self.prepared: Prepared | None = None
        self._results: list[ScenarioResult] = []
        self._weights: Counter[Severity] = Counter()
        self._left_out: list[RunningScenario] = []
        self._stack = ExitStack()
        self._redactor = Redactor()
        place = out or default_out(domain.domain.name, self.started)
        self.writer = self._stack.enter_context(RunWriter(place, self._redactor, force=force))
        self._console = ConsoleListener(lang=self.lang)
        self._builder = ReportBuilder(Pseudonyms.fresh(), lambda line: self.writer.append_line("findings.ndjson", line))
        self._bus = Bus([self._console, self._builder])

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let fixtures find the run."""
        config.stash[RUN] = self

    # ---- which scenarios -------------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Understand every scenario; leave out what a filter does not want."""
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        for item in items:
            template = template_of(item)
            if template is None:
                kept.append(item)
                continue
            scenario = item.stash[SCENARIO] = running(item, template)
            wanted = self.phase in {None, scenario.phase} and selected(scenario.tags.all, self.tags)
            (kept if wanted else dropped).append(item)
        self._left_out = sorted((item.stash[SCENARIO] for item in dropped), key=_order)
        items[:] = sorted(kept, key=lambda item: _order(item.stash.get(SCENARIO, None)))
        if dropped:
            config.hook.pytest_deselected(items=dropped)

    # ---- the run ---------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Prepare everything before the first scenario; what goes wrong here ends the run without a verdict."""
        scenarios = [item.stash[SCENARIO] for item in session.items if SCENARIO in item.stash]
        folder = self._stack.enter_context(private_folder())
        try:
            if self.tags and not scenarios:
                raise InputError(f"--tags {self.tags} leaves no scenario; see features/ for the tags there are")
            self.prepared = prepare(
                self.domain,
                folder,
                self._bus,
                evidence=lambda exchange: self.writer.append_line("evidence/exchanges.ndjson", exchange),
                secret=self._redactor.register,
                target=any(scenario.phase != "voorbereiden" for scenario in scenarios),
            )
            facts = {**self.prepared.facts(), "filter": self._filter()}
            self._bus.emit(RunStarted(started=_text(self.started), facts=facts, scenarios=len(scenarios)))
            for scenario in self._left_out:
                self._finish(scenario, NotShownError(Status.NOT_RUN, "niet gevraagd (filter)", excused=True))
        except KtcheckError as error:
            self.error = error
            pytest.exit(str(error), returncode=error.exit_code)

    def _filter(self) -> dict[str, str] | None:
        wanted = {"phase": self.phase, "tags": self.tags}
        return {key: value for key, value in wanted.items() if value} or None

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Do not start a scenario that examines what is not delivered yet."""
        scenario = item.stash.get(SCENARIO, None)
        if scenario is None:
            return
        scenario.started = time.monotonic()
        missing = [name for name in scenario.tags.deliveries if not self._is_delivered(name)]
        if missing:
            raise NotShownError(Status.NOT_DELIVERED, f"nog niet geleverd: {', '.join(missing)}")

    def _is_delivered(self, name: str) -> bool:
        return self.domain.target is None or bool(getattr(self.domain.target.delivered, name))

    def pytest_bdd_before_step(self, request: pytest.FixtureRequest, step: Step) -> None:
        """Remember when a step began."""
        del step
        request.node.stash[SCENARIO].step_started = time.monotonic()

    def pytest_bdd_after_step(
        self, request: pytest.FixtureRequest, feature: Feature, scenario: Scenario, step: Step
    ) -> None:
        """A step went well."""
        del feature, scenario
        self._add_step(request.node.stash[SCENARIO], step, Status.PASSED)

    def pytest_bdd_step_error(self, request: pytest.FixtureRequest, step: Step, exception: Exception) -> None:
        """A step found something, could not show what it had to, or is wrong itself."""
        self._add_step(request.node.stash[SCENARIO], step, _status(exception))

    def _add_step(self, scenario: RunningScenario, step: Step, status: Status) -> None:
        seconds = round(time.monotonic() - scenario.step_started, 3)
        result = StepResult(keyword=step.keyword.strip(), text=step.name, status=status, seconds=seconds)
        scenario.steps.append(result)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Tell the world how a scenario ended."""
        report = yield
        scenario = item.stash.get(SCENARIO, None)
        failed_outside = call.when != "call" and call.excinfo is not None
        if scenario is not None and (call.when == "call" or failed_outside):
            error = call.excinfo.value if call.excinfo else None
            if isinstance(error, NotShownError):
                scenario.outcome = error
            elif error is not None and not (isinstance(error, AssertionError) and scenario.findings):
                # Only the kind of error: its text may hold a personal value.
                scenario.outcome = NotShownError(Status.ERROR, f"fout in ktcheck: {type(error).__name__}")
            if error is not None:
                # Plain pytest prints this; a traceback may hold a personal value too.
                report.longrepr = str(scenario.outcome or f"{len(scenario.findings)} bevinding(en)")
            self._finish(scenario, scenario.outcome)
        return report

    def _finish(self, scenario: RunningScenario, outcome: NotShownError | None) -> None:
        found = Status.FAILED if scenario.findings else Status.PASSED
        result = ScenarioResult(
            id=scenario.id,
            feature=scenario.feature,
            name=scenario.name,
            phase=scenario.phase,
            area=scenario.tags.area,
            tags=scenario.tags.all,
            requirements=scenario.tags.requirements,
            step=scenario.tags.step,
            severity=scenario.tags.severity,
            status=outcome.status if outcome else found,
            examined=scenario.examined,
            findings=len(scenario.findings),
            rules=tuple(scenario.rules),
            reason=str(outcome) if outcome else None,
            excused=bool(outcome and outcome.excused),
            steps=tuple(scenario.steps),
            seconds=round(time.monotonic() - scenario.started, 3) if scenario.started else 0.0,
        )
        findings = tuple(replace(finding, scenario=scenario.id) for finding in scenario.findings)
        scenario.findings.clear()
        self._results.append(result)
        self._weights.update(finding.severity for finding in findings)
        self._bus.emit(ScenarioFinished(result=result, findings=findings))

    # ---- the end ---------------------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge, write the reports, and give the contract's exit code."""
        try:
            if self.prepared and not self.error:
                if session.shouldstop or session.exitstatus not in _WHOLE:
                    raise RunError("the run was stopped half-way, so there is no verdict; run again")
                self._guard(self.prepared)
                self._conclude(self.prepared)
                session.exitstatus = EXIT_CODES[cast("Verdict", self.verdict)]
        except KtcheckError as error:
            self.error = error
            session.exitstatus = error.exit_code
        finally:
            self._console.close()
            self._stack.close()

    def _guard(self, prepared: Prepared) -> None:
        """Nothing may get lost: neither a scenario that pytest left out by itself, nor a finding without a scenario."""
        absent = _number_of_scenarios() - len(self._results)
        if absent:
            reason = f"{absent} scenario('s) door pytest zelf weggelaten; kies met --phase of --tags"
            self._own_result("Elk scenario is meegenomen", Status.NOT_RUN, 0, reason)
            return
        if self._left_out:
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

    def _conclude(self, prepared: Prepared) -> None:
        verdict, reasons = judge(self._results, self._weights)
        self._bus.emit(
            RunFinished(
                finished=_text(datetime.now(UTC)),
                verdict=verdict,
                reasons=reasons,
                counts=tuple(prepared.counting.rows()),
            )
        )
        prepared.assessment.close()
        if not self._weights:
            self.writer.write_text("findings.ndjson", "")
        build.write_all(self._builder.report(), self.writer, self.lang)
        self.writer.commit()
        self.verdict = verdict


def _number_of_scenarios() -> int:
    """How many scenarios the features hold; every row of an outline is one."""
    templates = (scenario for feature in get_features([str(suite.FEATURES)]) for scenario in feature.scenarios.values())
    return sum(sum(len(table.examples) for table in template.examples) or 1 for template in templates)


def _order(scenario: RunningScenario | None) -> tuple[int, str, str]:
    """Phases and steps in the order of the draaiboek; rows of an outline stay as they stand in the feature."""
    if scenario is None:
        return (len(PHASES), "", "")
    return (PHASES.index(scenario.phase), scenario.tags.step, scenario.tags.id)


def _status(error: BaseException) -> Status:
    if isinstance(error, NotShownError):
        return error.status
    return Status.FAILED if isinstance(error, AssertionError) else Status.ERROR


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def default_out(name: str, started: datetime) -> Path:
    """``reports/<domain>/<start>/``, with the domain's name as a file name."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "domein"
    return Path("reports") / slug / started.strftime("%Y%m%dT%H%M%SZ")


def execute(run: AcceptanceRun) -> Verdict:
    """Do a whole run in this process, wherever the suite is installed; once per process.

    Raises:
        InputError: a file or setting is wrong.
        RunError: the run could not be completed.
    """
    arguments = [
        str(suite.FEATURES),
        "-c",
        str(suite.ROOT / "pyproject.toml"),
        f"--rootdir={suite.ROOT}",
        f"--confcutdir={suite.ROOT}",
        "-p",
        "no:terminal",
        "-p",
        "no:cacheprovider",
        # A warning of another version of a library is no reason to stop an acceptance run.
        "-o",
        "filterwarnings=default",
        "-o",
        "addopts=--strict-markers",
    ]
    pytest.main(arguments, plugins=[run])
    if run.error:
        raise run.error
    if run.verdict is None:
        raise RunError("the run stopped before its end, so there is no verdict; run again")
    return run.verdict
