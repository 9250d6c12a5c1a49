"""Reading and adding confirmations, and what each is worth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_bdd.feature import get_features

from ktcheck import tables
from ktcheck.confirmations import Confirmations, append, load, made, text
from ktcheck.errors import InputError
from ktcheck.facts import Confirmation
from ktcheck.scenarios import PHASES, understand
from ktcheck.suite import FEATURES

VERSION = {"baseline": "b" * 64, "profile_version": "0.16.3", "environment": "e" * 64}
DAY = "2026-03-01"
TEXT = """
[[confirmation]]
step = "V5"
who = "A. Voorbeeld"
role = "informatiemanager"
on = 2026-01-15
until = 2026-12-31
grounds = "draaiboek van de migratiedag"
version = {profile_version = "0.16.3", environment = "abc"}
"""


def confirmation(step: str = "V5", *, on: str = "2026-01-15", until: str | None = None) -> Confirmation:
    return made(step, VERSION, who="A. Voorbeeld", role="beheerder", grounds="verslag", on=on, until=until)


def standing(
    *confirmations: Confirmation, sequence: int = 1, changed: Mapping[str, str] | None = None
) -> Confirmations:
    return Confirmations(confirmations, version={**VERSION, **(changed or {})}, day=DAY, sequence=sequence)


def read(folder: Path, content: str) -> tuple[Confirmation, ...]:
    path = folder / "bevestigingen.toml"
    path.write_text(content, encoding="utf-8")
    return load(path)


# ---- the draaiboek -------------------------------------------------------------------------------------------------


def test_every_step_is_shown_by_scenarios_or_confirmed_by_people_and_never_by_both() -> None:
    features = get_features([str(FEATURES)])
    templates = [(feature, template) for feature in features for template in feature.scenarios.values()]
    shown = {understand(template.tags | feature.tags).step for feature, template in templates}
    assert shown | {name for name, step in tables.steps().items() if "confirm" in step} == set(tables.steps())
    assert {name for name in shown if "confirm" in tables.steps()[name]} == set()


@pytest.mark.parametrize("name", tables.steps())
def test_a_step_says_what_is_done_by_whom_and_what_has_to_come_of_it(name: str) -> None:
    step = tables.steps()[name]
    texts = {f"{part}_{language}" for part in ("title", "description", "outcome") for language in ("nl", "en")}
    assert step.keys() - {"confirm", "only"} == {"id", "phase", "owner", *texts}
    assert all(step[key] for key in texts | {"owner"})
    assert step["phase"] in PHASES
    assert set(step.get("confirm", ())) <= VERSION.keys()
    assert step.get("only") in {None, "first", "next"}


def test_the_steps_are_in_the_order_of_the_phases() -> None:
    phases = [PHASES.index(step["phase"]) for step in tables.steps().values()]
    assert phases == sorted(phases)
    assert set(phases) == set(range(len(PHASES)))


def test_only_the_first_domain_agrees_on_who_goes_first_and_only_the_others_repeat() -> None:
    assert {"A0", "A2", "E4"} <= tables.steps_of(1).keys()
    assert "U10" not in tables.steps_of(1)
    assert {"A0", "A2", "E4"}.isdisjoint(tables.steps_of(2))
    assert "U10" in tables.steps_of(3)


# ---- the file ------------------------------------------------------------------------------------------------------


def test_a_confirmation_is_read(tmp_path: Path) -> None:
    (found,) = read(tmp_path, TEXT)
    assert (found.step, found.role, found.on, found.until) == ("V5", "informatiemanager", "2026-01-15", "2026-12-31")
    assert found.version == {"profile_version": "0.16.3", "environment": "abc"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('who = "A. Voorbeeld"', "", r"confirmation\[1\].who is missing"),
        ('role = "informatiemanager"', 'role = ""', r"confirmation\[1\].role is missing"),
        ('grounds = "draaiboek van de migratiedag"', "grounds = 1", "grounds must be a text"),
        ('who = "A. Voorbeeld"', 'who = "a@voorbeeld.example"', "an e-mail address"),
        ('grounds = "draaiboek van de migratiedag"', 'grounds = "zie 123 456 782"', "nine digits"),
        ("on = 2026-01-15", 'on = "2026-01-15"', "on must be a date without quotes"),
        ("until = 2026-12-31", "until = 2026-01-01", r"until \(2026-01-01\) lies before on"),
        ("version = {", "# {", "version must be the table that 'ktcheck confirm' writes"),
        ("{profile_version", "{profielversie", r"unknown key .*profielversie; did you mean 'profile_version'"),
        ("step = ", "stap = ", r"unknown key confirmation\[1\].stap; did you mean 'step'"),
        ("[[confirmation]]", "[[bevestiging]]", r"unknown key bevestiging; each is a table \[\[confirmation\]\]"),
        ("[[confirmation]]", "[[confirmation", "not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_is_told_in_one_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as error:
        read(tmp_path, TEXT.replace(old, new))
    assert "bevestigingen.toml" in str(error.value)
    assert "\n" not in str(error.value).removesuffix("\n").split("not valid TOML")[0]


def test_what_is_added_comes_below_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "bevestigingen.toml"
    append(path, confirmation("A0"))
    first = path.read_text(encoding="utf-8")
    path.write_text(f"# van het cluster\n{first}", encoding="utf-8")
    append(path, confirmation("V5", until="2026-12-31"))
    assert path.read_text(encoding="utf-8").startswith(f"# van het cluster\n{first}")
    assert load(path) == (confirmation("A0"), confirmation("V5", until="2026-12-31"))
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_nothing_is_added_to_a_file_that_is_no_file_of_confirmations(tmp_path: Path) -> None:
    path = tmp_path / "waivers.toml"
    path.write_text("[[waiver]]\n", encoding="utf-8")
    with pytest.raises(InputError, match="unknown key waiver"):
        append(path, confirmation())
    assert path.read_text(encoding="utf-8") == "[[waiver]]\n"


WORDS = st.text(st.characters(exclude_categories=("C", "N")), min_size=1).filter(lambda word: word.strip())


@given(who=WORDS, role=WORDS, grounds=WORDS)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, who: str, role: str, grounds: str
) -> None:
    try:
        said = made("E2", VERSION, who=who, role=role, grounds=grounds, on="2026-01-15", until=None)
    except InputError:
        return  # what looks like an e-mail address is refused
    assert read(tmp_path_factory.mktemp("terug"), text(said)) == (said,)


# ---- a new confirmation --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "rests_on"),
    [
        ("A0", {"profile_version"}),
        ("U0", {"profile_version", "environment"}),
        ("E2", {"profile_version", "environment", "baseline"}),
    ],
)
def test_a_confirmation_records_what_its_step_rests_on(step: str, rests_on: set[str]) -> None:
    assert confirmation(step).version.keys() == rests_on


@pytest.mark.parametrize(
    ("step", "sentence"),
    [("X9", "the draaiboek has no step 'X9'"), ("U2", "step U2 is shown by scenarios")],
)
def test_only_what_people_confirm_can_be_confirmed(step: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        confirmation(step)


@pytest.mark.parametrize("missing", ["who", "role", "grounds"])
def test_who_confirms_says_who_and_why(missing: str) -> None:
    said = {"who": "A. Voorbeeld", "role": "beheerder", "grounds": "verslag", missing: " "}
    with pytest.raises(InputError, match=f"--{missing} is missing"):
        made("V5", VERSION, on="2026-01-15", until=None, **said)


# ---- what each is worth --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "a0", "u0", "e2"),
    [
        ({}, "valid", "valid", "valid"),
        ({"baseline": "x"}, "valid", "valid", "other_version"),
        ({"environment": "x"}, "valid", "other_version", "other_version"),
        ({"profile_version": "0.8"}, "other_version", "other_version", "other_version"),
    ],
)
def test_another_version_ends_what_rests_on_it(changed: dict[str, str], a0: str, u0: str, e2: str) -> None:
    found = standing(*map(confirmation, ("A0", "U0", "E2")), changed=changed)
    assert [row["state"] for row in found.rows()] == [a0, u0, e2]


@pytest.mark.parametrize(("until", "state"), [(None, "valid"), (DAY, "valid"), ("2026-02-28", "expired")])
def test_it_counts_until_its_last_day(until: str | None, state: str) -> None:
    said = standing(confirmation(until=until)).of("V5")
    assert said is not None
    assert said["state"] == state


def test_of_several_the_last_in_the_file_counts() -> None:
    found = standing(confirmation(until="2026-02-01"), confirmation(on="2026-02-10"))
    assert [row["state"] for row in found.rows()] == ["replaced", "valid"]
    said = found.of("V5")
    assert said is not None
    assert said["on"] == "2026-02-10"


def test_a_step_that_people_do_not_confirm_is_told() -> None:
    wrong = Confirmation(step="U2", who="A", role="b", grounds="c", on="2026-01-01")
    found = standing(wrong)
    assert [row["state"] for row in found.rows()] == ["unknown_step"]
    assert [(fact.step, fact.state) for fact in found.facts() if fact.state] == [("U2", "unknown_step")]
    assert found.any()
    assert not found.any(of_steps=True)


@pytest.mark.parametrize("sequence", [1, 2])
def test_there_is_a_fact_for_every_step_of_the_domain_that_people_confirm(sequence: int) -> None:
    expected = [name for name, step in tables.steps_of(sequence).items() if "confirm" in step]
    facts = list(standing(sequence=sequence).facts())
    assert [fact.step for fact in facts] == expected
    assert {fact.step for fact in facts if not fact.before_verdict} == {"E2", "E3", "E4"} & set(expected)


def test_a_domain_that_names_no_file_has_nothing_to_say() -> None:
    none = Confirmations(version=VERSION, day=DAY)
    assert not none
    assert list(none.facts()) == []
    assert list(none.rows()) == []
    assert standing()  # a file in which nobody confirmed anything yet
