"""The run: from tags to scenarios, and what becomes of those that cannot say passed or failed.

The whole runs are of a copy of the suite with a feature more, in a process of its own and without a server.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest
from pytest_bdd.feature import get_features
from pytest_bdd.parser import ScenarioTemplate

from ktcheck import suite
from ktcheck.acceptance import default_out
from ktcheck.findings import Severity, Status
from ktcheck.plugin import running, status_of, template_of
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.scenarios import PHASES, NotShownError, RunningScenario, understand
from tests.end_to_end.command import Done, ktcheck, python, report
from tests.practice import write_domain
from tests.test_suite import copy

Json = dict[str, Any]
SECRET = "Wendeline-999900006"


# ---- scenarios -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        (["bron", "major", "stap-V1"], "exactly one id"),
        (["bron", "major", "stap-V1", "BRON-01", "BRON-02"], "exactly one id"),
        (["major", "stap-V1", "BRON-01"], "exactly one area"),
        (["bron", "logging", "major", "stap-V1", "BRON-01"], "exactly one area"),
        (["bron", "stap-V1", "BRON-01"], "exactly one severity"),
        (["bron", "major", "advice", "stap-V1", "BRON-01"], "exactly one severity"),
        (["bron", "major", "BRON-01"], "exactly one step"),
        (["bron", "major", "stap-V1", "stap-U1", "BRON-01"], "exactly one step"),
        (["bron", "major", "stap-V1", "BRON-1"], "exactly one id"),
    ],
)
def test_tags_that_do_not_say_all_are_refused(tags: list[str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        understand(tags)


def test_tags_are_understood() -> None:
    tags = understand({"logging", "VOL-09", "advice", "stap-U4", "levering-audit", "levering-idp", "IDR-8", "BIA-12"})
    assert (tags.id, tags.area, tags.severity, tags.step) == ("VOL-09", "logging", Severity.ADVICE, "U4")
    assert tags.deliveries == ("audit", "idp")
    assert tags.requirements == ("BIA-12", "IDR-8")
    assert len(tags.all) == 8


FEATURE = """# language: nl
@volledigheid
Functionaliteit: Proef

  @VOL-08 @major @stap-U2 @IDR-8
  Scenario: Eén ding
    Als er iets gebeurt

  @VOL-09 @advice @stap-U2
  Abstract Scenario: Elke <bron> van <wie>
    Als er iets gebeurt

    Voorbeelden:
      | bron | wie |
      | Task | A   |
"""


def _templates(folder: Path) -> list[ScenarioTemplate]:
    place = folder / "evalueren"
    place.mkdir()
    (place / "proef.feature").write_text(FEATURE, encoding="utf-8")
    (feature,) = get_features([str(place)])
    return list(feature.scenarios.values())


def _item(**params: object) -> pytest.Item:
    return cast("pytest.Item", SimpleNamespace(callspec=SimpleNamespace(params=params) if params else None))


def test_a_scenario_is_what_its_tags_its_feature_and_its_folder_say(tmp_path: Path) -> None:
    one = running(_item(), _templates(tmp_path)[0])
    assert (one.id, one.name, one.feature, one.phase) == ("VOL-08", "Eén ding", "Proef", "evalueren")
    assert (one.tags.area, one.tags.requirements) == ("volledigheid", ("IDR-8",))
    assert (one.examined, one.findings, one.rules, one.steps) == (0, [], [], [])


def test_a_row_of_an_outline_is_a_scenario_of_its_own(tmp_path: Path) -> None:
    row = _item(_pytest_bdd_example={"bron": "Task", "wie": "A"})
    one = running(row, _templates(tmp_path)[1])
    assert (one.id, one.name) == ("VOL-09/Task/A", "Elke Task van A")


def test_an_ordinary_test_is_no_scenario(request: pytest.FixtureRequest) -> None:
    assert template_of(request.node) is None


def _scenario(phase: str, step: str, identity: str) -> RunningScenario:
    tags = understand([identity, "bron", "major", f"stap-{step}"])
    return RunningScenario(id=identity, name="n", feature="f", phase=phase, tags=tags)


def test_scenarios_run_in_the_order_of_the_draaiboek() -> None:
    ordered = [
        _scenario("afspreken", "A1", "BRON-99"),
        _scenario("voorbereiden", "V1", "BRON-01"),
        _scenario("voorbereiden", "V1", "BRON-02"),
        _scenario("voorbereiden", "V2", "BRON-00"),
        _scenario("uitvoeren", "U1", "SNAP-01"),
        _scenario("uitvoeren", "U2", "BRON-01"),
        _scenario("evalueren", "E1", "BRON-01"),
    ]
    jumbled = [ordered[place] for place in (5, 2, 0, 4, 6, 1, 3)]
    assert sorted(jumbled, key=lambda one: one.order) == ordered
    assert [one.phase for one in ordered] == sorted((one.phase for one in ordered), key=PHASES.index)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AssertionError("1 bevinding(en)"), Status.FAILED),
        (NotShownError(Status.BLOCKED, "r"), Status.BLOCKED),
        (NotShownError(Status.NOT_EVIDENCED, "r", excused=True), Status.NOT_EVIDENCED),
        (ValueError("x"), Status.ERROR),
        (KeyError("x"), Status.ERROR),
    ],
)
def test_what_an_error_in_a_step_means(error: Exception, status: Status) -> None:
    assert status_of(error) is status


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("zorgvoorbeeld", "zorgvoorbeeld"),
        ("GGZ Voorbeeld & Co.", "ggz-voorbeeld-co"),
        ("../../etc", "etc"),
        ("???", "domein"),
    ],
)
def test_a_run_lands_in_a_folder_with_the_name_of_the_domain(name: str, folder: str) -> None:
    started = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert default_out(name, started) == Path("reports") / folder / "20260304T050607Z"


# ---- whole runs ------------------------------------------------------------------------------------------------------

EXTRA = """# language: nl
@volledigheid
Functionaliteit: Proef

  @VOL-90 @blocking @stap-U2 @MIG-KT-001-02 @levering-audit
  Scenario: Wat pas kan als de logging er is
    Gegeven de momentopname van het domein in Koppeltaal 2.0
    Dan is elke Patient aanwezig

  @VOL-91 @blocking @stap-U2 @MIG-KT-001-02
  Scenario: Een stap met een fout
    Gegeven de momentopname van het domein in Koppeltaal 2.0
    Dan gaat er iets mis

  @VOL-92 @blocking @stap-U2 @MIG-KT-001-02
  Scenario: Een stap met een bewering die niet van een regel komt
    Dan klopt er iets niet
"""
SENTENCES = f"""

@then("gaat er iets mis")
def _goes_wrong() -> None:
    raise ValueError("{SECRET}")


@then("klopt er iets niet")
def _is_untrue() -> None:
    assert not "{SECRET}"
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The suite with a feature more, with sentences that fail in it, and without the scenario about resource-origin."""
    folder = tmp_path_factory.mktemp("suite")
    copy(folder, folder)
    shutil.copy(suite.ROOT / "pyproject.toml", folder)
    (folder / "features" / "uitvoeren" / "proef.feature").write_text(EXTRA, encoding="utf-8")
    steps = folder / "steps" / "volledigheid.py"
    steps.write_text(steps.read_text(encoding="utf-8") + SENTENCES, encoding="utf-8")
    feature = folder / "features" / "uitvoeren" / "referenties.feature"
    blocks = feature.read_text(encoding="utf-8").split("\n\n")
    feature.write_text("\n\n".join(block for block in blocks if "@REF-08 " not in block), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice domain as files, in which one patient has a strange resource-origin."""
    practice = PracticeDomain(1, 5)
    resources = list(practice.resources())
    patient = next(one for one in resources if one["resourceType"] == "Patient")
    for extension in patient["extension"]:
        if extension["url"].endswith("/resource-origin"):
            extension["valueReference"]["reference"] = practice.applications[-1].device
    return write_domain(practice, tmp_path_factory.mktemp("domain"), resources=resources)


def run(tree: Path, domain: Path, out: Path, *options: str) -> tuple[Done, Json, dict[str, Json]]:
    """A run of the suite in ``tree``: how it ended, its report, and the report's scenarios by id."""
    done = ktcheck("run", domain, "--out", out, *options, cwd=tree)
    content = report(out)
    return done, content, {scenario["id"]: scenario for scenario in content["scenarios"]}


def say(scenario: Json) -> tuple[str, bool, str | None]:
    return scenario["status"], scenario["excused"], scenario["reason"]


def _without_audit(domain: Path) -> Path:
    path = domain.with_name("later.toml")
    text = domain.read_text(encoding="utf-8")
    delivered = "[target.delivered]\naudit = false\n\n[[application]]"
    path.write_text(text.replace("[[application]]", delivered, 1), encoding="utf-8")
    return path


def test_what_is_not_delivered_yet_is_never_passed(copied: Path, domain: Path, tmp_path: Path) -> None:
    done, content, scenarios = run(copied, _without_audit(domain), tmp_path / "out", "--tags", "VOL-90,VOL-02")
    assert say(scenarios["VOL-90"]) == ("not_delivered", False, "nog niet geleverd: audit")
    assert (scenarios["VOL-90"]["examined"], scenarios["VOL-90"]["steps"]) == (0, [])
    assert scenarios["VOL-02"]["status"] == "passed"
    assert say(scenarios["VOL-01/Patient"]) == ("not_run", True, "niet gevraagd (filter)")
    assert content["verdict"] == "incomplete"
    assert content["reasons"] == ["1 scenario nog niet geleverd"]
    assert done.code == 3


def test_what_is_delivered_runs(copied: Path, domain: Path, tmp_path: Path) -> None:
    done, content, scenarios = run(copied, domain, tmp_path / "out", "--tags", "VOL-90")
    assert say(scenarios["VOL-90"]) == ("passed", False, None)
    assert scenarios["VOL-90"]["examined"] == 5
    assert (content["verdict"], done.code) == ("approved", 0)


@pytest.fixture(scope="module")
def whole(
    copied: Path, domain: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Done, Json, dict[str, Json], Path]:
    """A run of everything, without a filter."""
    out = tmp_path_factory.mktemp("whole") / "out"
    return *run(copied, domain, out), out


@pytest.mark.parametrize(("scenario", "kind"), [("VOL-91", "ValueError"), ("VOL-92", "AssertionError")])
def test_a_fault_of_ours_is_an_error_that_names_only_its_kind(
    whole: tuple[Done, Json, dict[str, Json], Path], scenario: str, kind: str
) -> None:
    _, _, scenarios, _ = whole
    assert say(scenarios[scenario]) == ("error", False, f"fout in ktcheck: {kind}")


def test_the_text_of_a_fault_is_written_nowhere(whole: tuple[Done, Json, dict[str, Json], Path]) -> None:
    done, _, _, out = whole
    files = [file for file in out.rglob("*") if file.is_file()]
    assert len(files) > 5
    assert [file.name for file in files if SECRET.encode() in file.read_bytes()] == []
    assert SECRET not in done.out + done.err


def test_plain_pytest_does_not_show_it_either(copied: Path, domain: Path, tmp_path: Path) -> None:
    options = ("--domain", domain, "--out", tmp_path / "out", "--tags", "VOL-91,VOL-92")
    done = python("-m", "pytest", "features", *options, cwd=copied)
    assert done.code == 3
    assert "fout in ktcheck: ValueError" in done.out
    assert "fout in ktcheck: AssertionError" in done.out
    assert SECRET not in done.out + done.err


def test_a_finding_that_no_scenario_asks_for_does_not_get_lost(
    whole: tuple[Done, Json, dict[str, Json], Path],
) -> None:
    done, content, scenarios, out = whole
    reason = "bevindingen zonder scenario: references.origin (Patient)"
    assert say(scenarios["KTCHECK"]) == ("error", False, reason)
    assert (out / "findings.ndjson").read_bytes() == b""
    assert content["verdict"] == "incomplete"
    assert "3 scenario's mislukt door een fout van ktcheck" in content["reasons"]
    assert done.code == 3


def test_steps_of_a_scenario_are_told_up_to_the_one_that_failed(
    whole: tuple[Done, Json, dict[str, Json], Path],
) -> None:
    _, _, scenarios, _ = whole
    assert [(step["keyword"], step["status"]) for step in scenarios["VOL-91"]["steps"]] == [
        ("Gegeven", "passed"),
        ("Dan", "error"),
    ]


def _sparse(domain: Path, folder: Path) -> Path:
    """The domain without related persons, of which nobody is the source, and without care teams, of which somebody is.

    What the suite may read of Organization is narrowed.
    """
    shutil.copytree(domain.parent, folder)
    gone = ("RelatedPerson", "CareTeam")
    lines = [orjson.loads(line) for line in (folder / "inventory.ndjson").read_bytes().splitlines()]
    lines = [line for line in lines if line["kind"] != "record" or line["type"] not in gone]
    # The tasks that they perform go too.
    tasks = [orjson.loads(line) for line in (folder / "snapshot" / "Task.ndjson").read_bytes().splitlines()]
    kept = [task for task in tasks if not task["owner"]["reference"].startswith(gone)]
    lost = {task["identifier"][0]["value"] for task in tasks if task not in kept}
    (folder / "snapshot" / "Task.ndjson").write_bytes(b"".join(orjson.dumps(task) + b"\n" for task in kept))
    lines = [line for line in lines if line.get("key") not in lost]
    lines[0]["resources"]["CarePlanActivity"] -= len(lost)
    for kind in gone:
        del lines[0]["resources"][kind]
        (folder / "snapshot" / f"{kind}.ndjson").write_bytes(b"")
    (folder / "inventory.ndjson").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    manifest = orjson.loads((folder / "snapshot" / "snapshot.json").read_bytes())
    totals = ("entries", "distinct", "total_before", "total_after")
    for count in manifest["types"]:
        if count["type"] in gone:
            count.update(dict.fromkeys(totals, 0))
        if count["type"] == "Task":
            count.update(dict.fromkeys(totals, len(kept)))
        if count["type"] == "Organization":
            count["rights"] = "narrowed"
    (folder / "snapshot" / "snapshot.json").write_bytes(orjson.dumps(manifest))
    text = domain.read_text(encoding="utf-8").replace('"RelatedPerson", ', "")
    path = folder / "domain.toml"
    path.write_text(text.replace(str(domain.parent), str(folder)), encoding="utf-8")
    return path


def test_what_cannot_be_shown_says_why(tmp_path: Path) -> None:
    clean = write_domain(PracticeDomain(1, 5), tmp_path / "clean")
    path = _sparse(clean, tmp_path / "sparse")
    done, content, scenarios = run(tmp_path, path, tmp_path / "out")
    blocked = ("blocked", False, "de suite kan niet alles lezen van Organization")
    excused = ("not_run", True, "het domein heeft geen RelatedPerson en geen applicatie is er de bron van")
    for name in ("VOL-01/Organization", "VOL-03/Organization", "VOL-04/Organization", "IDE-01", "REF-01"):
        assert say(scenarios[name]) == blocked, name
    for name in ("VOL-01/RelatedPerson", "VOL-03/RelatedPerson", "VOL-04/RelatedPerson"):
        assert say(scenarios[name]) == excused, name
    for name in ("VOL-01/CareTeam", "VOL-03/CareTeam", "VOL-04/CareTeam"):
        reason = "er was niets om te controleren; heeft het domein geen CareTeam, haal CareTeam dan weg uit owns van "
        assert say(scenarios[name]) == ("not_evidenced", False, f"{reason}Voorbeeldportaal"), name
    for name in ("VOL-01/Patient", "VOL-03/CarePlanActivity", "REF-09", "SNAP-02", "BRON-01"):
        assert say(scenarios[name]) == ("passed", False, None), name
    assert scenarios["SNAP-01"]["status"] == "failed"
    assert (content["verdict"], done.code) == ("incomplete", 3)


def test_what_kt1_had_and_nobody_found_is_no_excuse(tmp_path: Path) -> None:
    practice = PracticeDomain(1, 8)
    kept = [
        resource for resource in practice.resources() if "partOf" not in resource or resource["resourceType"] != "Task"
    ]
    path = write_domain(practice, tmp_path / "zonder", resources=kept)
    done, content, scenarios = run(tmp_path, path, tmp_path / "out")
    for name in ("VOL-03/CarePlanSubActivity", "INH-12/CarePlanSubActivity"):
        reason = "er was niets om te controleren; KT1 heeft CarePlanSubActivity, maar daarvan is niets teruggevonden"
        assert say(scenarios[name]) == ("not_evidenced", False, reason), name
    assert (content["verdict"], done.code) == ("incomplete", 3)
