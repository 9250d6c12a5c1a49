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


# ---- what a red team found -----------------------------------------------------------------------------------------


def test_what_only_kt2_needs_may_be_made_later(home: Path) -> None:
    client = '\n[client]\nclient_id = "c"\nprivate_key_file = "later.pem"\nkey_id = "k"\n'
    target = '\n[target]\nsnapshot = "later"\n'
    content, _, _ = run(home, "later", client + target)
    assert content["filter"] == {"phase": "voorbereiden"}
    done = ktcheck("run", "later.toml", "--out", home / "alles", cwd=home)
    assert "later.pem" in sentence(done, 2)


def test_nobody_looked_at_kt2_so_nothing_is_missing_there(only_source: tuple[Json, dict[str, Json], Path]) -> None:
    content, _, _ = only_source
    assert content["counts"]
    for row in content["counts"]:
        assert row["source"] == row["expected"] + row["not_migrated"]
        assert [row[name] for name in ("migrated", "missing", "unexpected", "different")] == [None] * 4


def test_a_preparation_with_advice_only_does_not_say_that_all_passed(home: Path) -> None:
    (home / "leeg.toml").write_text('[domain]\nname = "leeg"\n', encoding="utf-8")
    done = ktcheck("run", "leeg.toml", "--phase", "afspreken", "--out", home / "run-leeg", cwd=home)
    assert done.code == 0, done.err
    assert "2 van 3 scenario's geslaagd, bij de andere alleen adviezen" in done.err


def test_the_code_of_an_unknown_kind_stays_out_of_the_report(home: Path) -> None:
    domain = made("vreemd", 1, 5, ("unknown-kind",))
    domain.messages = {name: data.replace(b"MoodDiary", b"JanVerzonnen") for name, data in domain.messages.items()}
    domain.write_messages(home / "vreemd")
    content, _, out = run(home, "vreemd", messages="vreemd")
    assert content["source"]["resources"]["Other(unknown)"] == 1
    public = [path for path in out.rglob("*") if path.is_file() and path.name != "findings.ndjson"]
    assert [path.name for path in public if b"JanVerzonnen" in path.read_bytes()] == []
    assert b"JanVerzonnen" in (out / "findings.ndjson").read_bytes()


def test_a_birth_date_that_is_none_does_not_fit(home: Path) -> None:
    domain = made("datum", 1, 5, ())
    year = b'"1992-02-25T00:00:00+01:00"'
    before = sum(year in data for data in domain.messages.values())
    domain.messages = {name: data.replace(year, b'"1992-02-31"') for name, data in domain.messages.items()}
    domain.write_messages(home / "datum")
    _, _, out = run(home, "datum", messages="datum")
    found = [row for row in findings(out) if row["rule"] == "mappable.required" and row["path"] == "birthDate"]
    assert before
    assert found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("\ufeff[domain]\nname = 'a'\n", None, id="a byte order mark"),
        pytest.param("a = " + "[" * 6000 + "]" * 6000, "nested too deep", id="deep"),
        pytest.param("a = " + "1" * 5000, "too long", id="a long number"),
        pytest.param(
            "[domain]\nname = 'a'\nsequence = 99999999999999999999999\n", "domain.sequence", id="a large number"
        ),
    ],
)
def test_odd_files_get_a_sentence_or_are_read(content: str, said: str | None, home: Path) -> None:
    (home / "raar.toml").write_text(content, encoding="utf-8")
    done = ktcheck("agreements", "raar.toml", cwd=home)
    if said is None:
        assert done.code == 0, done.err
    else:
        assert said in sentence(done, 2)


def test_a_folder_that_is_not_there_is_a_wrong_call(home: Path) -> None:
    done = ktcheck("agreements", "leeg.toml", "--out", "nergens/afspraken.toml", cwd=home)
    assert "nergens is no directory" in sentence(done, 2)
