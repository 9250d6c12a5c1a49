"""``ktcheck run --phase voorbereiden`` with only a source: what does not fit, before anything is migrated."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from ktcheck.cli.practice import made
from tests.end_to_end.command import REPOSITORY, Json, findings, ktcheck, report, sentence

APPLICATIONS = """
[[application]]
name = "Voorbeeld EPD"
client_id = "epd"
device = "Device/epd"
role = "source"
owns = ["Patient", "RelatedPerson", "Organization"]

[[application]]
name = "Rustwijzer (RUSTAPP)"
client_id = "rust"
device = "Device/rust"
role = "module"
owns = ["ActivityDefinition"]
requires = [{requires}]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the messages of a practice domain, and of one with a patient without a birth date."""
    folder = tmp_path_factory.mktemp("preparing")
    made("goed", 1, 5, ()).write_messages(folder / "kt1")
    made("fout", 1, 5, ("birth-date-missing",)).write_messages(folder / "fout")
    return folder


def run(home: Path, name: str, more: str = "", messages: str = "kt1") -> tuple[Json, dict[str, Json], Path]:
    """The report, its scenarios of this phase by id, and the directory of a run with only a source."""
    text = f'[domain]\nname = "{name}"\n\n[source]\nmessages = "{messages}"\n{more}'
    (home / f"{name}.toml").write_text(text, encoding="utf-8")
    out = home / f"run-{name}"
    done = ktcheck("run", f"{name}.toml", "--phase", "voorbereiden", "--out", out, cwd=home)
    assert done.code == 0, done.err
    content = report(out)
    return content, {row["id"]: row for row in content["scenarios"] if row["phase"] == "voorbereiden"}, out


@pytest.fixture(scope="module")
def only_source(home: Path) -> tuple[Json, dict[str, Json], Path]:
    return run(home, "bron")


def test_it_needs_only_a_source_and_says_what_does_not_fit(only_source: tuple[Json, dict[str, Json], Path]) -> None:
    content, scenarios, out = only_source
    assert content["verdict"] == "approved_with_reservations"
    assert content["target"] is None
    fit = {name: row for name, row in scenarios.items() if name.startswith("MAP")}
    assert sorted(fit) == [f"MAP-0{number}" for number in range(1, 7)]
    assert all(row["examined"] > 0 for row in fit.values())
    assert {name for name, row in fit.items() if row["status"] == "passed"} == {"MAP-06"}
    areas = Counter(line["area"] for line in findings(out) if line["rule"].startswith("mappable."))
    assert areas == {"mapbaarheid": sum(row["findings"] for row in fit.values())}


def test_what_nobody_asked_for_is_not_run_and_says_why(only_source: tuple[Json, dict[str, Json], Path]) -> None:
    _, scenarios, _ = only_source
    assert (scenarios["EIS-01"]["status"], scenarios["EIS-01"]["examined"]) == ("not_run", 0)
    assert "requires" in scenarios["EIS-01"]["reason"]


def test_the_inventory_of_incompatibilities_is_in_the_report_without_anything_personal(
    only_source: tuple[Json, dict[str, Json], Path],
) -> None:
    content, _, out = only_source
    schema = orjson.loads((REPOSITORY / "profiles" / "report.schema.json").read_bytes())
    Draft202012Validator(schema).validate(content)
    kinds = {row["kind"] for row in content["mappability"]}
    assert kinds >= {"lost", "cannot-store", "changed", "warning", "required", "nested", "open"}
    assert {row["application"] for row in content["mappability"]} == {None}
    photo = next(row for row in content["mappability"] if row["row"] == "patient.photo")
    assert photo["decides_nl"]
    assert not photo["agreed"]
    with (out / "mapbaarheid.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file, delimiter=";"))) == len(content["mappability"]) + 1
    public = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != "findings.ndjson")
    assert b"patient.example" not in public
    assert b"9999000" not in public


def test_a_finding_names_the_record_the_element_the_consequence_and_who_decides(home: Path) -> None:
    _, scenarios, out = run(home, "fout", messages="fout")
    (missing,) = (line for line in findings(out) if line["path"] == "birthDate")
    assert missing["rule"] == "mappable.required"
    assert missing["source"].endswith("/Patient/99001")
    assert missing["severity"] == "major"
    assert "Patient, birthDate" in missing["message_nl"]
    assert "Wie beslist" in missing["message_nl"]
    assert scenarios["MAP-01"]["status"] == "failed"


def test_what_an_application_requires_is_looked_up(home: Path) -> None:
    content, scenarios, _ = run(home, "eist", APPLICATIONS.format(requires='"email"'))
    assert scenarios["EIS-01"]["status"] == "passed"
    assert scenarios["EIS-01"]["examined"] > 0
    assert {row["application"] for row in content["mappability"]} > {"Voorbeeld EPD", "Rustwijzer (RUSTAPP)"}
    _, scenarios, out = run(home, "team", APPLICATIONS.format(requires='"email", "CareTeam"'))
    assert scenarios["EIS-01"]["status"] == "failed"
    assert {line["expected"] for line in findings(out) if line["rule"] == "needs.met"} == {"CareTeam"}


def test_a_requirement_that_nobody_knows_is_told_in_one_sentence(home: Path) -> None:
    applications = APPLICATIONS.format(requires='"e-mail"')
    (home / "mis.toml").write_text(
        f'[domain]\nname = "x"\n\n[source]\nmessages = "kt1"\n{applications}', encoding="utf-8"
    )
    done = ktcheck("run", "mis.toml", "--phase", "voorbereiden", "--out", home / "mis", cwd=home)
    said = sentence(done, 2)
    assert "requires 'e-mail'" in said
    assert "did you mean 'email'" in said
