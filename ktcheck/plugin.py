"""The acceptance run as a pytest plugin: the only module of the library that knows pytest.

It picks the scenarios, runs them, and tells the run (``ktcheck.acceptance``) how each ended. ``ktcheck run`` and
plain ``pytest features --domain domain.toml`` both come through here.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.feature import get_features
from pytest_bdd.parser import Feature, Scenario, ScenarioTemplate, Step
from pytest_bdd.scenario import scenario_wrapper_template_registry
from pytest_bdd.utils import registry_get_safe

from ktcheck import domain as domains
from ktcheck import suite
from ktcheck.acceptance import Acceptance
from ktcheck.errors import InputError, KtcheckError, RunError, in_one_sentence
from ktcheck.findings import EXIT_CODES, Status, Verdict
from ktcheck.scenarios import PHASES, NotShownError, RunningScenario, needs_target, selected, understand

RUN = pytest.StashKey[Acceptance]()
SCENARIO = pytest.StashKey[RunningScenario]()

# How pytest ends when it came to the end by itself; an interrupt or an error inside it is none of these.
_WHOLE = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED})


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of an acceptance run."""
    group = parser.getgroup("ktcheck", "Koppeltaal acceptance run")
    group.addoption("--domain", type=Path, help="the domain file (TOML)")
    group.addoption("--out", type=Path, help="where the run lands; default reports/<domain>/<start>/")
    group.addoption("--phase", choices=PHASES, help="only the scenarios of one phase of the draaiboek")
    group.addoption("--tags", help="only scenarios with one of these tags (a,b); ~c leaves scenarios with c out")
    group.addoption("--self-check", metavar="APP", help="only what this application (name or client_id) answers for")
    group.addoption(
        "--second-opinion",
        metavar="fhir|URL",
        help="ask the domain's own $validate (fhir), or an HL7 validator service, about a choice of resources; patient "
        "data of these is SENT to that address",
    )
    group.addoption("--lang", choices=("nl", "en"), default="nl", help="language of the report")
    group.addoption("--force", action="store_true", help="replace an earlier run in --out")


def pytest_configure(config: pytest.Config) -> None:
    """Start a run when plain pytest is given a domain file; ``ktcheck run`` brings its own."""
    if config.getoption("--domain"):
        if config.getoption("dist", "no") != "no" or hasattr(config, "workerinput"):
            pytest.exit("an acceptance run is one process: leave out -n and --dist", returncode=2)
        try:
            run = Acceptance(
                domains.load(config.getoption("--domain"), target=needs_target(config.getoption("--phase"))),
                out=config.getoption("--out"),
                phase=config.getoption("--phase"),
                tags=config.getoption("--tags"),
                self_check=config.getoption("--self-check"),
                second_opinion=config.getoption("--second-opinion"),
                lang=config.getoption("--lang"),
                force=config.getoption("--force"),
            )
        except KtcheckError as error:
            pytest.exit(str(error), returncode=error.exit_code)
        config.pluginmanager.register(Scenarios(run), "ktcheck-run")


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


class Scenarios:
    """The hooks of one run."""

    def __init__(self, run: Acceptance) -> None:
        self.error: KtcheckError | None = None
        self._run = run
        self._left_out: list[RunningScenario] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let fixtures find the run."""
        config.stash[RUN] = self._run
        if not config.pluginmanager.has_plugin("terminalreporter"):
            # Nobody will see a traceback (``pytest_runtest_makereport`` replaces it), and making one takes long.
            config.option.tbstyle = "value"

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Understand every scenario; leave out what a filter does not want."""
        chosen: list[tuple[RunningScenario, pytest.Item]] = []
        dropped: list[tuple[RunningScenario, pytest.Item]] = []
        others: list[pytest.Item] = []
        for item in items:
            template = template_of(item)
            if template is None:
                others.append(item)
                continue
            scenario = item.stash[SCENARIO] = running(item, template)
            wanted = self._run.phase in {None, scenario.phase} and selected(scenario.tags.all, self._run.tags)
            (chosen if wanted else dropped).append((scenario, item))
        chosen.sort(key=lambda pair: pair[0].order)
        dropped.sort(key=lambda pair: pair[0].order)
        items[:] = [*(item for _, item in chosen), *others]
        self._left_out = [scenario for scenario, _ in dropped]
        if dropped:
            config.hook.pytest_deselected(items=[item for _, item in dropped])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Prepare everything before the first scenario; what goes wrong here ends the run without a verdict."""
        if session.config.option.collectonly:
            return
        scenarios = [item.stash[SCENARIO] for item in session.items if SCENARIO in item.stash]
        try:
            if self._run.tags and not scenarios:
                raise InputError(f"--tags {self._run.tags} leaves no scenario; see features/ for the tags there are")
            with in_one_sentence():
                self._run.start(scenarios, self._left_out)
        except KtcheckError as error:
            self.error = error
            pytest.exit(str(error), returncode=error.exit_code)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Do not start a scenario that examines what is not delivered yet."""
        scenario = item.stash.get(SCENARIO, None)
        if scenario is None:
            return
        scenario.started = time.monotonic()
        target = self._run.domain.target
        missing = [name for name in scenario.tags.deliveries if target and not getattr(target.delivered, name)]
        if missing:
            raise NotShownError(Status.NOT_DELIVERED, f"nog niet geleverd: {', '.join(missing)}")

    def pytest_bdd_before_step(self, request: pytest.FixtureRequest, step: Step) -> None:
        """Remember when a step began."""
        del step
        request.node.stash[SCENARIO].step_started = time.monotonic()

    def pytest_bdd_after_step(
        self, request: pytest.FixtureRequest, feature: Feature, scenario: Scenario, step: Step
    ) -> None:
        """A step went well."""
        del feature, scenario
        request.node.stash[SCENARIO].add_step(step.keyword, step.name, Status.PASSED)

    def pytest_bdd_step_error(self, request: pytest.FixtureRequest, step: Step, exception: Exception) -> None:
        """A step found something, could not show what it had to, or is wrong itself."""
        request.node.stash[SCENARIO].add_step(step.keyword, step.name, status_of(exception))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Tell the run how a scenario ended."""
        report = yield
        scenario = item.stash.get(SCENARIO, None)
        error = call.excinfo.value if call.excinfo else None
        if scenario is not None and (call.when == "call" or (call.when == "setup" and error)):
            outcome = error if isinstance(error, NotShownError) else None
            if error and not outcome and not (isinstance(error, AssertionError) and scenario.findings):
                # Only the kind of error: its text may hold a personal value.
                outcome = NotShownError(Status.ERROR, f"fout in ktcheck: {type(error).__name__}")
            if error:
                # Plain pytest prints this; a traceback may hold a personal value too.
                report.longrepr = str(outcome or f"{len(scenario.findings)} bevinding(en)")
            self._run.finish(scenario, outcome)
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge, write the reports, and give the contract's exit code."""
        try:
            if self._run.prepared and not self.error:
                if session.shouldstop or session.exitstatus not in _WHOLE:
                    raise RunError("the run was stopped half-way, so there is no verdict; run again")
                with in_one_sentence():
                    session.exitstatus = EXIT_CODES[self._run.conclude(number_of_scenarios())]
        except KtcheckError as error:
            self.error = error
            session.exitstatus = error.exit_code
        finally:
            self._run.close()


def number_of_scenarios() -> int:
    """How many scenarios the features hold; every row of an outline is one."""
    templates = (scenario for feature in get_features([str(suite.FEATURES)]) for scenario in feature.scenarios.values())
    return sum(sum(len(table.examples) for table in template.examples) or 1 for template in templates)


def status_of(error: BaseException) -> Status:
    """What an error in a step makes of that step."""
    if isinstance(error, NotShownError):
        return error.status
    return Status.FAILED if isinstance(error, AssertionError) else Status.ERROR


def execute(run: Acceptance) -> Verdict:
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
        # What else is installed beside pytest is none of the run's business: only what it needs is loaded.
        "--disable-plugin-autoload",
        "-p",
        "pytest_bdd.plugin",
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
    scenarios = Scenarios(run)
    pytest.main(arguments, plugins=[scenarios])
    if scenarios.error:
        raise scenarios.error
    if run.verdict is None:
        raise RunError("the run stopped before its end, so there is no verdict; run again")
    return run.verdict
