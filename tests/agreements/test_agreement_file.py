"""``afspraken.toml``: what is written can be read, and what is wrong is told in one sentence."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktcheck import agreement_file
from ktcheck.agreements import Agreements, Answer, Option, questions
from ktcheck.errors import InputError

TEXTS = st.none() | st.text(max_size=40).map(str.strip).filter(bool)
DATES = st.dates().map(lambda day: day.isoformat())
URIS = st.sampled_from(["https://epd.example/definities", "urn:oid:2.16.840.1.113883.2.4"])
VALUES = {None: st.none(), "date": DATES, "uri": URIS}


def _answer_with(option: Option) -> st.SearchStrategy[Answer]:
    return st.builds(
        Answer,
        option=st.just(option.name),
        value=VALUES[option.value],
        by=TEXTS,
        on=st.none() | DATES,
        reason=TEXTS,
    )


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        key: st.sampled_from(list(question.options.values())).flatmap(_answer_with)
        for key, question in list(questions().items())[:16]
    },
)


def load(tmp_path: Path, text: str) -> Agreements:
    path = tmp_path / "afspraken.toml"
    path.write_text(text, encoding="utf-8")
    return agreement_file.load(path)


def sentence(tmp_path: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        load(tmp_path, text)
    place, _, said = str(caught.value).partition(": ")
    assert place == str(tmp_path / "afspraken.toml")
    assert "\n" not in said
    return said


# ---- reading -------------------------------------------------------------------------------------------------------


def test_an_answer_with_everything(tmp_path: Path) -> None:
    text = """
        [temporary-identifiers]
        answer = "remove"
        value = 2027-06-01
        by = "cluster Noord"
        on = 2026-01-31
        reason = "Daarna zijn ze niet meer nodig."
    """
    assert load(tmp_path, text).answers == {
        "temporary-identifiers": Answer(
            option="remove",
            value="2027-06-01",
            by="cluster Noord",
            on="2026-01-31",
            reason="Daarna zijn ze niet meer nodig.",
        )
    }


def test_an_answer_with_nothing_besides(tmp_path: Path) -> None:
    text = '[main-task]\nanswer = "none"\nby = ""\nreason = "  "\n[care-teams]\nanswer = "yes"\n'
    assert load(tmp_path, text).answers == {"main-task": Answer(option="none"), "care-teams": Answer(option="yes")}


def test_a_uri_besides_an_answer(tmp_path: Path) -> None:
    text = '[definition-identifier-system]\nanswer = "fixed"\nvalue = "https://vzvz.example/definities"\n'
    assert load(tmp_path, text).value("definition-identifier-system") == "https://vzvz.example/definities"


def test_an_empty_file_agrees_on_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "").answers == {}


DATE = "temporary-identifiers.value (with answer 'remove') must be a date without quotes, such as 2026-01-31"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[main-tusk]\nanswer = "none"', "unknown question main-tusk; did you mean 'main-task'?"),
        ('[zzz]\nanswer = "none"', "unknown question zzz; 'ktcheck agreements' lists them all"),
        ('main-task = "none"', 'main-task must be a table: [main-task], and below it answer = "..."'),
        ('[main-task]\nanwser = "none"', "unknown key main-task.anwser; did you mean 'answer'?"),
        (
            '[main-task]\nqqqq = "none"',
            "unknown key main-task.qqqq; known are answer, value, by, on, reason",
        ),
        ("[main-task]\n", 'main-task has no answer; known are "none", "task"'),
        ("[main-task]\nanswer = 1", 'main-task.answer must be a text in quotes; known are "none", "task"'),
        ("[care-teams]\nanswer = true", 'care-teams.answer must be a text in quotes; known are "yes", "no"'),
        ('[main-task]\nanswer = "some"', 'main-task cannot be answered with \'some\'; known are "none", "task"'),
        (
            '[main-task]\nanswer = "none"\nvalue = 1',
            "main-task.value has no meaning with answer 'none'; take it out",
        ),
        (
            '[temporary-identifiers]\nanswer = "remove"',
            DATE,
        ),
        (
            '[temporary-identifiers]\nanswer = "remove"\nvalue = "2026-01-31"',
            DATE,
        ),
        (
            '[temporary-identifiers]\nanswer = "remove"\nvalue = 2026-01-31T10:00:00',
            DATE,
        ),
        (
            '[definition-identifier-system]\nanswer = "fixed"',
            "definition-identifier-system.value must be a URI in quotes with answer 'fixed'",
        ),
        (
            '[definition-identifier-system]\nanswer = "fixed"\nvalue = "geen uri"',
            "definition-identifier-system.value must be a URI in quotes with answer 'fixed'",
        ),
        (
            '[definition-identifier-system]\nanswer = "fixed"\nvalue = 3',
            "definition-identifier-system.value must be a URI in quotes with answer 'fixed'",
        ),
        ('[main-task]\nanswer = "none"\nby = 3', "main-task.by must be a text in quotes"),
        ('[main-task]\nanswer = "none"\nreason = []', "main-task.reason must be a text in quotes"),
        (
            '[main-task]\nanswer = "none"\non = "gisteren"',
            "main-task.on must be a date without quotes, such as 2026-01-31",
        ),
    ],
)
def test_what_is_wrong_is_told(text: str, said: str, tmp_path: Path) -> None:
    assert sentence(tmp_path, text) == said


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    said = sentence(tmp_path, "[main-task]\nanswer = none")
    assert said.startswith("not valid TOML: ")
    assert "line 2" in said


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"weg\.toml: there is no such file; make one with 'ktcheck agreements --out'"):
        agreement_file.load(tmp_path / "weg.toml")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the agreements cannot be read: Is a directory"):
        agreement_file.load(tmp_path)
    path = tmp_path / "latin.toml"
    path.write_bytes(b"# caf\xe9")
    with pytest.raises(InputError, match=r"the agreements cannot be read: it is not UTF-8 text"):
        agreement_file.load(path)


# ---- writing -------------------------------------------------------------------------------------------------------


def running(text: str) -> str:
    """A text without line ends and marks of comments."""
    return " ".join(text.replace("#", " ").split())


def test_a_fresh_file_agrees_on_nothing_and_explains_everything(tmp_path: Path) -> None:
    text = agreement_file.text({})
    assert load(tmp_path, text).answers == {}
    said = running(text)
    for key, question in questions().items():
        assert f"\n# [{key}]\n" in text
        told = [question.title_nl, question.why_nl, f"Beslist: {question.decides_nl}."]
        told += [f"{option.name}: {option.text_nl}" for option in question.options.values()]
        assert [item for item in told if running(item) not in said] == []
    assert max(len(line) for line in text.splitlines()) <= 120


def test_a_fresh_file_without_its_marks_is_the_proposal_for_everything() -> None:
    lines = agreement_file.text({}).splitlines()
    answers = [line.removeprefix("# ") for line in lines if line.startswith(("# [", "# answer = "))]
    told = {key: table["answer"] for key, table in tomllib.loads("\n".join(answers)).items()}
    assert told == {key: question.default for key, question in questions().items()}


def test_what_an_answer_asks_of_others_is_in_the_file() -> None:
    text = running(agreement_file.text({}))
    assert "(voorstel; vraagt om care-teams: yes)" in text
    assert "(kan niet in profielversie 0.16.3 en 0.8)" in text
    assert "(met value = 2026-01-31 (een datum))" in text


@settings(max_examples=30)
@given(ANSWERS)
def test_what_is_written_can_be_read(answers: dict[str, Answer]) -> None:
    text = agreement_file.text(answers)
    assert tomllib.loads(text).keys() == answers.keys()
    assert agreement_file.parse(text).answers == answers
    assert agreement_file.text(agreement_file.parse(text).answers) == text
