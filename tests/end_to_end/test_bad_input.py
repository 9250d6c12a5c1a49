"""What a user can get wrong: one sentence, the contract's exit code, and nothing half-written."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ktcheck.cli.practice import made
from tests.end_to_end.command import Done, findings, ktcheck, nothing_at, report, sentence, served, variant
from tests.practice import write_domain

PEM = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


@pytest.fixture(scope="module")
def domains(home: Path) -> Iterator[dict[str, Path]]:
    """A correct domain, one whose messages hold a truncated file, and one that is empty in KT2."""
    empty = made("leeg", 9, 8, ())
    empty.resources.clear()
    with served(home, made("goed", 7, 8, ()), made("afgebroken", 8, 8, ("message-truncated",)), empty) as (_, paths):
        yield paths


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def _run(path: Path, out: Path, *options: str) -> Done:
    return ktcheck("run", path, "--out", out, *options, cwd=out.parent)


# ---- the domain file ----------------------------------------------------------------------------------------


def test_no_domain_file(tmp_path: Path, out: Path) -> None:
    assert "ktcheck init" in sentence(_run(tmp_path / "geen.toml", out), 2)
    nothing_at(out)


@pytest.mark.parametrize(
    ("key", "line", "words"),
    [
        ("name", 'naam = "goed"', ("unknown key domain.naam", "'name'")),
        ("sequence", 'sequence = "een"', ("domain.sequence",)),
        ("messages", 'messages = "weg"', ("source.messages", "weg")),
        ("fhir_base_url", 'fhir_base_url = "http://kt.example/fhir"', ("target.fhir_base_url", "https")),
        ("key_id", 'key_id = "${KT_SLEUTEL}"', ("client.key_id", "KT_SLEUTEL", "not set")),
    ],
)
def test_a_mistake_in_the_domain_file(
    domains: dict[str, Path], out: Path, key: str, line: str | None, words: tuple[str, ...]
) -> None:
    path = variant(domains["goed"], f"fout-{out.parent.name}", {key: line})
    said = sentence(_run(path, out), 2)
    assert path.name in said
    assert [word for word in words if word not in said] == []
    nothing_at(out)


def test_an_environment_variable_that_is_set_is_used(domains: dict[str, Path], tmp_path: Path) -> None:
    path = variant(domains["goed"], "variabele", {"environment": 'environment = "${KT_OMGEVING}"'})
    done = ktcheck("check", path, cwd=tmp_path, env={"KT_OMGEVING": "acc21"})
    assert done.code == 0, done.err


# ---- the way to the service ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "content", "words"),
    [
        ("run", "geen sleutel, maar een boodschappenlijst", "not a PEM file with a private key"),
        ("snapshot", "\n".join((PEM[0], "c2xldXRlbA==", PEM[1])), "damaged"),
    ],
)
def test_an_unusable_key(domains: dict[str, Path], out: Path, command: str, content: str, words: str) -> None:
    (domains["goed"].with_name("geen.pem")).write_text(content, encoding="utf-8")
    path = variant(domains["goed"], "sleutel", {"private_key_file": 'private_key_file = "geen.pem"'})
    said = sentence(ktcheck(command, path, "--out", out, cwd=out.parent), 2)
    assert words in said
    assert "geen.pem" in said
    nothing_at(out)


def test_a_client_id_that_is_not_registered(domains: dict[str, Path], out: Path) -> None:
    path = variant(domains["goed"], "client", {"client_id": 'client_id = "iemand-anders"'})
    for command, options in (("run", ("--out", out)), ("check", ())):
        said = sentence(ktcheck(command, path, *options, cwd=out.parent), 2)
        assert "client_id" in said
        nothing_at(out)


def test_a_key_that_is_not_the_registered_one(domains: dict[str, Path], out: Path) -> None:
    path = variant(
        domains["goed"], "andere", {"private_key_file": f'private_key_file = "{_other_key(domains["goed"])}"'}
    )
    assert "key" in sentence(_run(path, out), 2)
    nothing_at(out)


def _other_key(beside: Path) -> str:
    folder = beside.with_name("andere-sleutel")
    if not folder.exists():
        assert ktcheck("keys", "--kind", "ES384", "--out", folder, cwd=beside.parent).code == 0
    return f"{folder.name}/private-key.pem"


def test_a_service_that_cannot_be_reached(domains: dict[str, Path], out: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f'fhir_base_url = "http://127.0.0.1:{closed.getsockname()[1]}/fhir/r4"'
    path = variant(domains["goed"], "onbereikbaar", {"fhir_base_url": address})
    said = sentence(_run(path, out), 3)
    assert "127.0.0.1 cannot be reached" in said
    nothing_at(out)


def test_an_address_that_is_no_fhir_service(domains: dict[str, Path], out: Path) -> None:
    line = next(line for line in domains["goed"].read_text().splitlines() if line.startswith("fhir_base_url"))
    path = variant(domains["goed"], "elders", {"fhir_base_url": line.replace("/fhir/r4", "/fhir/r9")})
    assert "check [target] fhir_base_url" in sentence(_run(path, out), 3)
    nothing_at(out)


# ---- what was kept ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(home: Path) -> Path:
    """A domain file with an inventory and a snapshot."""
    return write_domain(made("bewaard", 10, 5, ()).domain, home / "bewaard")


def _broken(kept: Path, tmp_path: Path, file: str, content: bytes) -> Path:
    """A copy of the kept domain in which one file has this as its last line."""
    folder = tmp_path / "bewaard"
    shutil.copytree(kept.parent, folder)
    with (folder / file).open("ab") as lines:
        lines.write(content)
    path = folder / kept.name
    path.write_text(path.read_text(encoding="utf-8").replace(str(kept.parent), str(folder)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("snapshot/Patient.ndjson", b'{"resourceType": "Patient", "id": \n'),
        ("snapshot/Patient.ndjson", b'{"resourceType": "Patient"}\n'),
        ("inventory.ndjson", b'{"kind": "record", \n'),
        ("inventory.ndjson", b'{"kind": "record", "type": "Patient"}\n'),
    ],
)
def test_a_broken_line_in_what_was_kept(kept: Path, tmp_path: Path, out: Path, file: str, line: bytes) -> None:
    path = _broken(kept, tmp_path, file, line)
    number = len((path.parent / file).read_bytes().splitlines())
    said = sentence(_run(path, out), 2)
    assert Path(file).name in said
    assert f"line {number}" in said
    nothing_at(out)


def test_a_snapshot_that_lost_a_resource(kept: Path, tmp_path: Path, out: Path) -> None:
    path = _broken(kept, tmp_path, "snapshot/Task.ndjson", b"")
    tasks = path.parent / "snapshot" / "Task.ndjson"
    tasks.write_bytes(b"".join(tasks.read_bytes().splitlines(keepends=True)[:-1]))
    assert "snapshot.json says" in sentence(_run(path, out), 2)
    nothing_at(out)


def test_a_snapshot_with_a_file_of_another_name(kept: Path, tmp_path: Path, out: Path) -> None:
    path = _broken(kept, tmp_path, "snapshot/Patients.ndjson", b"")
    assert "did you mean Patient?" in sentence(_run(path, out), 2)
    nothing_at(out)


# ---- the call -----------------------------------------------------------------------------------------------


def test_tags_that_nothing_has(domains: dict[str, Path], out: Path) -> None:
    assert "onzin" in sentence(_run(domains["goed"], out, "--tags", "onzin"), 2)
    nothing_at(out)


def test_an_unknown_defect(tmp_path: Path, out: Path) -> None:
    said = sentence(ktcheck("sandbox", "--defect", "taak-weg", "--out", out, cwd=tmp_path), 2)
    assert "taak-weg" in said
    nothing_at(out)


def test_defects_that_do_not_go_together(tmp_path: Path, out: Path) -> None:
    both = ("--defect", "reference-logical", "--defect", "reference-absolute-elsewhere")
    said = sentence(ktcheck("sandbox", *both, "--out", out, cwd=tmp_path), 2)
    assert "reference-absolute-elsewhere" in said
    nothing_at(out)


def test_no_folder_with_messages(tmp_path: Path, out: Path) -> None:
    said = sentence(ktcheck("inventory", tmp_path / "weg", "--out", out, cwd=tmp_path), 2)
    assert f"{tmp_path / 'weg'}" in said
    nothing_at(out)


# ---- messages that cannot be read, and nothing at all -------------------------------------------------------


def test_inventory_names_a_truncated_message(domains: dict[str, Path], out: Path) -> None:
    done = ktcheck("inventory", domains["afgebroken"].with_name("kt1"), "--out", out, cwd=out.parent)
    assert done.code == 2
    assert "Traceback" not in done.err
    assert "rejected 1\n" in done.out
    (line,) = [line for line in done.err.splitlines() if line.startswith("rejected: ")]
    _, file, place, reason = line.split(": ", 3)
    assert (domains["afgebroken"].parent / file).is_file()
    assert place
    assert reason
    assert b'"Patient"' in out.read_bytes()
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_run_over_a_truncated_message_is_rejected(domains: dict[str, Path], out: Path) -> None:
    done = _run(domains["afgebroken"], out)
    assert done.code == 1, done.err
    assert [row["rule"] for row in findings(out)] == ["source.readable"]
    assert report(out)["source"]["rejected"] == 1


def test_an_empty_domain_is_rejected(domains: dict[str, Path], out: Path) -> None:
    assert _run(domains["leeg"], out).code == 1
    content = report(out)
    assert content["verdict"] == "rejected"
    for row in content["counts"]:
        assert row["migrated"] == 0
        assert row["missing"] == row["expected"]


def _without_messages(domain: Path) -> Path:
    domain.with_name("leeg").mkdir(exist_ok=True)
    return variant(domain, f"zonder-bron-{domain.stem}", {"messages": 'messages = "leeg"'})


def test_preparing_with_an_empty_source_is_incomplete(domains: dict[str, Path], out: Path) -> None:
    done = _run(_without_messages(domains["goed"]), out, "--phase", "voorbereiden")
    assert done.code == 3, done.err
    content = report(out)
    assert content["verdict"] == "incomplete"
    preparing = {row["id"]: row["status"] for row in content["scenarios"] if row["phase"] == "voorbereiden"}
    # That what was announced is not there is seen; of the rest nothing can be said.
    assert preparing.pop("BRON-10") == "failed"
    assert set(preparing.values()) == {"not_evidenced"}


def test_a_full_domain_beside_an_empty_source_is_never_approved(domains: dict[str, Path], out: Path) -> None:
    """Everything in the domain then is unexpected, and that is blocking; what is complete cannot be shown."""
    assert _run(_without_messages(domains["goed"]), out).code == 1
    content = report(out)
    assert {row["rule"] for row in findings(out)} == {"completeness.unexpected", "source.announced"}
    complete = [row for row in content["scenarios"] if row["id"].startswith(("BRON-0", "VOL-01", "VOL-03"))]
    assert {row["status"] for row in complete} == {"not_evidenced"}


def test_nothing_on_both_sides_is_never_approved(domains: dict[str, Path], out: Path) -> None:
    path = _without_messages(domains["leeg"])
    assert _run(path, out).code in {1, 3}
    text = path.read_text(encoding="utf-8")
    bare = path.with_name("kaal.toml")
    bare.write_text(text[: text.index("[[application]]")], encoding="utf-8")
    done = _run(bare, out.with_name("kaal"))
    assert done.code == 3, done.err
    assert report(out.with_name("kaal"))["verdict"] == "incomplete"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--second-opinion", "http://validator.example"), "patient data goes there"),
        (("--second-opinion", "fhir", "--phase", "voorbereiden"), "reads none"),
    ],
)
def test_a_second_opinion_that_cannot_be_asked(
    domains: dict[str, Path], out: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in sentence(_run(domains["goed"], out, *arguments), 2)
    nothing_at(out)
