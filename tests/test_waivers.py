"""Reading waivers, and what they take out of the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck.errors import InputError
from ktcheck.facts import Waiver
from ktcheck.findings import Finding, Severity
from ktcheck.waivers import Waivers, covers, load

TEXT = """
[[waiver]]
id = "V-1"
rule = "content.telecom"
type = "Patient"
application = "EPD"
path = "Patient.telecom.value"
most = 2
who = "A. Voorbeeld"
role = "informatiemanager"
why = "wordt in de nazorg bijgewerkt"
on = 2026-01-15
until = 2026-12-31
step = "E3"
"""


def read(folder: Path, text: str) -> tuple[Waiver, ...]:
    path = folder / "waivers.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, ["EPD", "Portaal"])


def finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "rule": "content.telecom",
        "area": "inhoud",
        "severity": Severity.BLOCKING,
        "requirements": (),
        "step": "U5",
        "message_nl": "",
        "message_en": "",
        "scope": "Patient",
        "application": "EPD",
        "resource": "Patient/1",
        "path": "Patient.telecom[3].value",
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


def test_a_waiver_is_read(tmp_path: Path) -> None:
    (waiver,) = read(tmp_path, TEXT)
    assert (waiver.id, waiver.most, waiver.until, waiver.step) == ("V-1", 2, "2026-12-31", "E3")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('id = "V-1"', "", r"waiver\[1\]\.id is missing"),
        ('id = "V-1"', 'id = "1"', "id must be a letter"),
        ('rule = "content.telecom"', 'rule = "content.telecm"', "did you mean 'content.telecom'"),
        ('rule = "content.telecom"', 'rule = "waivers.used"', "cannot be waived"),
        ('application = "EPD"', 'application = "EPDD"', "did you mean 'EPD'"),
        ("most = 2", "most = 0", "whole number, 1 or more"),
        ("most = 2", "most = true", "whole number, 1 or more"),
        ("most = 2", 'most = "all"', "whole number, 1 or more"),
        ('who = "A. Voorbeeld"', 'who = " "', "who is missing"),
        ("on = 2026-01-15", 'on = "2026-01-15"', "a date without quotes"),
        ("until = 2026-12-31", "until = 2026-01-01", "lies before on"),
        ("until = 2026-12-31", "", "until must be a date"),
        ('step = "E3"', 'step = "U5"', "phase Evalueren"),
        ('step = "E3"', 'steps = "E3"', "did you mean 'step'"),
        ("wordt in de nazorg", "voor 123456782", "as a BSN has"),
        ("wordt in de nazorg", "voor 1234.56.782", "as a BSN has"),
        ("wordt in de nazorg", "vraag jan@example.org", "e-mail address"),
        ("[[waiver]]", "[waiver]", "must be tables"),
        ("[[waiver]]", "[[wavier]]", "unknown key wavier"),
        ('type = "Patient"', "type = Patient", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in TEXT
    with pytest.raises(InputError, match=sentence):
        read(tmp_path, TEXT.replace(old, new))


def test_an_id_is_there_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than one waiver 'V-1'"):
        read(tmp_path, TEXT + TEXT)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        load(tmp_path / "waivers.toml", [])


def test_a_waiver_covers_its_scope_and_nothing_else(tmp_path: Path) -> None:
    (waiver,) = read(tmp_path, TEXT)
    assert covers(waiver, finding())
    assert covers(waiver, finding(scope="Person"))  # by the resource
    assert covers(waiver, finding(resource=None))  # by the scope
    assert covers(waiver, finding(path="telecom[0].value"))
    for other in (
        finding(rule="content.name"),
        finding(scope="Task", resource="Task/1"),
        finding(application="Portaal"),
        finding(application=None),
        finding(path="Patient.telecom[3].use"),
        finding(path=None),
    ):
        assert not covers(waiver, other)


def _state(text: str, number: int, folder: Path, day: str = "2026-03-01") -> tuple[str, int, str | None]:
    waivers = Waivers(read(folder, text), day)
    facts = list(waivers.count(finding(resource=f"Patient/{place}") for place in range(number)))
    (row,) = waivers.rows()
    assert [fact.covers for fact in facts] == [row["findings"]]
    return row["state"], row["findings"], waivers.of(finding())


def test_only_a_waiver_in_use_waives(tmp_path: Path) -> None:
    only_a_rule = "\n".join(line for line in TEXT.splitlines() if not line.startswith(("type", "application", "path")))
    assert _state(TEXT, 2, tmp_path) == ("in_use", 2, "V-1")
    assert _state(TEXT, 0, tmp_path) == ("unused", 0, None)
    assert _state(TEXT, 3, tmp_path) == ("too_broad", 3, None)
    assert _state(TEXT, 2, tmp_path, "2027-01-01") == ("expired", 0, None)
    assert _state(only_a_rule, 2, tmp_path) == ("too_broad", 0, None)


def test_a_renewed_waiver_takes_over_from_one_that_expired(tmp_path: Path) -> None:
    renewed = TEXT.replace("V-1", "V-2").replace("2026-12-31", "2027-12-31")
    waivers = Waivers(read(tmp_path, TEXT + renewed), "2027-03-01")
    list(waivers.count([finding()]))
    assert waivers.of(finding()) == "V-2"
    assert [(row["state"], row["findings"]) for row in waivers.rows()] == [("expired", 0), ("in_use", 1)]
