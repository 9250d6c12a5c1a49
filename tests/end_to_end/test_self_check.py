"""``ktcheck run --self-check``: a participant with its own client and its own rights, and who handed its check in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from ktcheck.cli.practice import made
from ktcheck.smart import keys
from tests.end_to_end.command import Done, Json, findings, ktcheck, report, sentence, served, variant

EPD, PORTAL = "Voorbeeld EPD", "Voorbeeldportaal"
# The first is the EPD's, the second the portal's.
DEFECTS = ("bsn-lost", "task-missing")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("self-check")


@pytest.fixture(scope="module")
def acceptance(home: Path) -> Iterator[Path]:
    """The domain file of the acceptance team; beside it that of each participant, with its own client and rights."""
    domain = made("fout", 4, 8, DEFECTS)
    with served(home, domain) as (service, paths):
        for app in domain.domain.applications:
            if app.name in {EPD, PORTAL}:
                pair = keys.make(paths["fout"].parent / app.role, "RS384")
                scopes = [f"system/{name}.crud?resource-origin={app.device}" for name in app.owns]
                scopes += ["system/Device.r", f"system/AuditEvent.r?resource-origin={app.device}"]
                service.register("fout", app.client_id, orjson.loads(pair.jwks_file.read_bytes()), scopes)
                lines = {
                    "private_key_file": f'private_key_file = "{app.role}/{pair.private_key_file.name}"',
                    "key_id": f'key_id = "{pair.key_id}"',
                    "client_id": f'client_id = "{app.client_id}"',
                }
                variant(paths["fout"], app.name, lines)
        yield paths["fout"]


def _own(acceptance: Path, name: str) -> Path:
    return acceptance.with_name(f"{name}.toml")


@pytest.fixture(scope="module")
def epd(acceptance: Path, home: Path) -> tuple[Path, Done]:
    out = home / "epd" / "run"
    return out, ktcheck("run", _own(acceptance, EPD), "--self-check", EPD, "--out", out, cwd=home)


@pytest.fixture(scope="module")
def portal(acceptance: Path, home: Path) -> tuple[Path, Done]:
    out = home / "portal" / "run"
    return out, ktcheck("run", _own(acceptance, PORTAL), "--self-check", PORTAL, "--out", out, cwd=home)


def _rules(run: Path) -> set[str]:
    return {line["rule"] for line in findings(run)}


def test_the_source_application_finds_its_own_defect_and_not_those_of_others(
    epd: tuple[Path, Done], portal: tuple[Path, Done]
) -> None:
    assert epd[1].code == portal[1].code == 1, epd[1].err + portal[1].err
    assert epd[1].out == f"self-check of {EPD}, rejected: {epd[0] / 'report.html'}\n"
    assert _rules(epd[0]) == {"identification.business-kept"}
    assert _rules(portal[0]) == {"completeness.present"}


def test_own_resources_are_counted_with_rights_to_those_only(epd: tuple[Path, Done]) -> None:
    content = report(epd[0])
    counts = {row["source_type"]: row for row in content["counts"]}
    assert counts["Patient"]["migrated"] == counts["Patient"]["expected"] == 8
    assert "CarePlanActivity" not in counts
    assert all([part["name"] for part in row["applications"]] in ([EPD], []) for row in counts.values())
    assert content["self_check"]["application"] == EPD
    assert content["filter"] == {"self_check": EPD}


def test_what_it_may_not_see_is_told_and_is_no_pass(epd: tuple[Path, Done]) -> None:
    content = report(epd[0])
    assert "Task" in content["self_check"]["unseen"]
    assert "Patient" not in content["self_check"]["unseen"]
    blocked = [row for row in content["scenarios"] if row["status"] == "blocked"]
    assert blocked
    assert all(row["excused"] and "mag niet alles zien van" in row["reason"] for row in blocked)
    others = [row for row in content["scenarios"] if row["status"] == "not_run" and "zelftest" in row["reason"]]
    assert {"VOL-01/CarePlanActivity", "AFS-01", "PRO-10"} <= {row["id"] for row in others}
    assert {row["scenario"] for row in content["findings"]} == {"IDE-05"}
    passed = {row["id"]: row["examined"] for row in content["scenarios"] if row["status"] == "passed"}
    assert all(passed.values())
    assert {"VOL-01/Patient", "IDE-02", "INH-01/Patient"} <= set(passed)
    assert {row["status"] for row in content["scenarios"] if not row["excused"]} == {"passed", "failed"}


def test_the_baseline_is_that_of_the_acceptance_run_and_the_acceptance_run_says_it_saw_it(
    acceptance: Path, epd: tuple[Path, Done], portal: tuple[Path, Done], home: Path
) -> None:
    other = home / "other-suite"
    other.mkdir()
    old: Json = report(portal[0]) | {"baseline": "0" * 64}
    (other / "report.json").write_bytes(orjson.dumps(old))
    text = acceptance.read_text(encoding="utf-8")
    for name, path in ((EPD, epd[0]), (PORTAL, other)):
        line = f'name = "{name}"\n'
        assert line in text
        text = text.replace(line, f'{line}self_check = "{path}/report.json"\n')
    file = acceptance.with_name("seen.toml")
    file.write_text(text, encoding="utf-8")
    out = home / "acceptance"
    assert ktcheck("run", file, "--out", out, cwd=home).code == 1
    content = report(out)
    assert content["baseline"] == report(epd[0])["baseline"]
    assert content["environment"] == report(epd[0])["environment"]
    assert content["self_check"] is None
    seen = {row["application"]: (row["seen"], row["verdict"]) for row in content["self_checks"]}
    assert seen.pop(EPD) == ("same_baseline", "rejected")
    assert seen.pop(PORTAL) == ("other_baseline", "rejected")
    assert set(seen.values()) == {("not_seen", None)}
    assert "ktcheck" not in seen
    assert {"identification.business-kept", "completeness.present"} <= _rules(out)


def test_another_applications_client_is_one_sentence(acceptance: Path, home: Path) -> None:
    done = ktcheck("run", acceptance, "--self-check", EPD, "--out", home / "none", cwd=home)
    assert "[client] client_id is not that of 'Voorbeeld EPD'" in sentence(done, 2)
    done = ktcheck("run", acceptance, "--self-check", "Voorbeeld EPT", "--out", home / "none", cwd=home)
    assert "did you mean 'Voorbeeld EPD'?" in sentence(done, 2)


def test_what_was_handed_in_is_the_self_check_of_that_application(
    acceptance: Path, epd: tuple[Path, Done], home: Path
) -> None:
    text = acceptance.read_text(encoding="utf-8")
    line = f'name = "{PORTAL}"\n'
    file = acceptance.with_name("mixed-up.toml")
    file.write_text(text.replace(line, f'{line}self_check = "{epd[0]}/report.json"\n'), encoding="utf-8")
    done = ktcheck("run", file, "--out", home / "none", cwd=home)
    assert f"this is the self-check of {EPD!r} in 'fout', not of {PORTAL!r}" in sentence(done, 2)
