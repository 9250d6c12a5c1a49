import json
import stat
from pathlib import Path

import pytest

from ktcheck.errors import InputError
from ktcheck.output import RunWriter, free_directory, free_file, replace_files
from ktcheck.privacy import REMOVED, Redactor


def redactor() -> Redactor:
    made = Redactor()
    made.register("geheim-token")
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nothing_is_in_place_before_commit(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "run", redactor()) as writer:
        writer.write_text("a.txt", "text")
        assert not (tmp_path / "run").exists()
        assert writer.commit() == tmp_path / "run"
    assert (tmp_path / "run" / "a.txt").read_text() == "text"
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_leaving_without_commit_leaves_nothing(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "run", redactor()) as writer:
        writer.append_line("findings.ndjson", {"rule": "x"})
        assert writer.staging.exists()
    assert list(tmp_path.iterdir()) == []


def test_everything_written_is_redacted(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "run", redactor()) as writer:
        writer.write_text("a", "x geheim-token")
        writer.write_bytes("b", b"\xff geheim-token")
        writer.write_json("c", {"k": ["geheim-token"]})
        writer.append_line("d", {"k": "geheim-token"})
        writer.append_line("d", {"k": "geheim%2Dtoken", "n": 1})
        run = writer.commit()
    assert (run / "a").read_text() == f"x {REMOVED}"
    assert (run / "b").read_bytes() == b"\xff " + REMOVED.encode()
    assert json.loads((run / "c").read_text()) == {"k": [REMOVED]}
    assert json.loads((run / "d").read_text().splitlines()[0]) == {"k": REMOVED}
    assert len((run / "d").read_text().splitlines()) == 2


def test_findings_and_evidence_are_private(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "run", redactor()) as writer:
        writer.append_line("findings.ndjson", {})
        writer.write_json("evidence/token.json", {})
        writer.write_text("report.html", "")
        run = writer.commit()
    assert mode(run / "findings.ndjson") == 0o600
    assert mode(run / "evidence" / "token.json") == 0o600
    assert mode(run / "report.html") & 0o044


@pytest.mark.parametrize("name", ["../outside", "/absolute", "a/../../b"])
def test_names_stay_inside(tmp_path: Path, name: str) -> None:
    with RunWriter(tmp_path / "run", redactor()) as writer, pytest.raises(ValueError, match="not a name inside"):
        writer.write_text(name, "")


def test_an_existing_run_is_kept_unless_forced(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "report.json").write_text("older")
    with pytest.raises(InputError, match="exists already; choose another --out or use --force"):
        RunWriter(run, redactor())
    with RunWriter(run, redactor(), force=True) as writer:
        writer.write_text("report.json", "newer")
        assert (run / "report.json").read_text() == "older"
        writer.commit()
    assert (run / "report.json").read_text() == "newer"
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_force_leaves_other_peoples_files_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="did not make"):
        RunWriter(home, redactor(), force=True)
    assert (home / "thesis.txt").exists()


def test_an_empty_directory_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with RunWriter(tmp_path / "run", redactor()) as writer:
        writer.write_text("a", "")
        writer.commit()
    assert (tmp_path / "run" / "a").exists()


def test_two_runs_cannot_write_in_one_place(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "run", redactor()) as first:
        with pytest.raises(InputError, match="another run is writing there"):
            RunWriter(tmp_path / "run", redactor())
        assert first.staging.is_dir()


def test_a_place_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        RunWriter(tmp_path / "file" / "run", redactor())
    with pytest.raises(InputError, match="cannot hold a run"):
        RunWriter(Path("/"), redactor())


def test_free_places(tmp_path: Path) -> None:
    file = tmp_path / "inventory.ndjson"
    free_file(file, force=False)
    file.write_text("")
    free_file(file, force=True)
    with pytest.raises(InputError, match="exists already"):
        free_file(file, force=False)
    with pytest.raises(InputError, match="is a directory"):
        free_file(tmp_path, force=True)
    with pytest.raises(InputError, match="is a file"):
        free_directory(file, force=True)
    free_directory(tmp_path / "new", force=False)
    assert file.exists()


def test_replacing_removes_what_is_no_longer_made(tmp_path: Path) -> None:
    (tmp_path / "allure-results").mkdir()
    (tmp_path / "allure-results" / "old.json").write_text("old")
    (tmp_path / "findings.ndjson").write_text("kept")
    replace_files(tmp_path, {"allure-results/new.json": b"new", "report.html": b"page"}, owned=("allure-results",))
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == [
        "allure-results/new.json",
        "findings.ndjson",
        "report.html",
    ]
