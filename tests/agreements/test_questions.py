"""The table of questions agrees with itself, with the mapping and with the open questions of the memo."""

from __future__ import annotations

import re

import pytest

from ktcheck import tables
from ktcheck.agreements import Agreements, Answer, Question, questions
from ktcheck.mapping.table import rows, values

QUESTIONS = questions()
EVERY = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
RELEASES = tables.migration().profile_versions


def test_every_open_question_of_the_mapping_is_asked() -> None:
    asked = {source for question in QUESTIONS.values() for source in question.sources}
    assert asked == {f"OQ-{number:02}" for number in range(1, 24)}


def test_every_conflict_of_the_mapping_is_asked_about() -> None:
    conflicts = {row.id: row.agreement for row in rows().values() if row.status == "conflict"}
    assert len(conflicts) == 64
    assert {row: key for row, key in conflicts.items() if key not in QUESTIONS} == {}


def test_every_question_that_a_table_names_exists() -> None:
    named = {row.agreement for row in rows().values()}
    named |= {code.agreement for table in values().values() for code in table.codes.values()}
    for row in tables.migration().rows.values():
        named |= {row.agreement, row.named, row.lacking, *row.answers}
    for reference in tables.references().rows.values():
        named |= {reference.agreement, reference.several, *reference.answers}
    named |= {stays.agreement for stays in tables.migration().stays}
    assert named - {None} <= set(QUESTIONS)


def test_every_answer_that_a_table_names_exists() -> None:
    named = [(stays.agreement, set(stays.answers)) for stays in tables.migration().stays]
    of_rows = [row.answers for row in tables.migration().rows.values()]
    of_rows += [row.answers for row in tables.references().rows.values()]
    named += [(key, set(answers)) for row in of_rows for key, answers in row.items()]
    assert len(named) > 15
    assert {key: names for key, names in named if not names <= set(QUESTIONS[key].options)} == {}


def test_every_code_that_an_answer_stands_for_is_one() -> None:
    keys = {code.agreement for table in values().values() for code in table.codes.values() if code.agreement}
    assert keys == {"status-waiting", "status-expired", "status-skipped", "inactive-definitions"}


@EVERY
def test_a_question_can_be_read_in_both_languages(question: Question) -> None:
    texts = {
        "nl": [question.title_nl, question.why_nl, question.decides_nl],
        "en": [question.title_en, question.why_en, question.decides_en],
    }
    for option in question.options.values():
        texts["nl"].append(option.text_nl)
        texts["en"].append(option.text_en)
    assert all(text and text == text.strip() for said in texts.values() for text in said)
    assert question.title_nl.endswith("?")
    assert question.title_en.endswith("?")
    assert question.title_nl != question.title_en
    sentences = [question.why_nl, question.why_en, *texts["nl"][3:], *texts["en"][3:]]
    assert [sentence for sentence in sentences if not sentence.endswith(".")] == []


@EVERY
def test_a_question_has_answers_that_differ_and_one_that_is_proposed(question: Question) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", question.key)
    assert question.default in question.options
    for language in ("nl", "en"):
        texts = [getattr(option, f"text_{language}") for option in question.options.values()]
        assert len(set(texts)) == len(texts)
    assert all(isinstance(name, str) and not re.search(r"\s", name) for name in question.options)


@EVERY
def test_an_answer_needs_answers_that_exist_and_names_known_releases(question: Question) -> None:
    for option in question.options.values():
        assert set(option.not_in) <= set(RELEASES)
        assert option.value in {None, "date", "uri"}
        assert not option.afterwards or option.value == "date"
        for other, names in option.needs.items():
            assert other != question.key
            assert names
            assert set(names) < set(QUESTIONS[other].options), "needs every answer, so none"


@EVERY
def test_the_proposal_needs_nothing_besides_and_goes_together_with_the_other_proposals(question: Question) -> None:
    option = question.options[question.default]
    assert option.value is None
    assert option.not_in in {(), ("0.8",)}
    assert {key: names for key, names in option.needs.items() if QUESTIONS[key].default not in names} == {}


@pytest.mark.parametrize("release", RELEASES)
def test_every_question_has_an_answer_that_can_be_done_in_every_release(release: str) -> None:
    impossible = [
        question.key
        for question in QUESTIONS.values()
        if all(release in option.not_in for option in question.options.values())
    ]
    assert impossible == []


def test_what_needs_care_teams_says_so() -> None:
    needing = {
        (question.key, option.name)
        for question in QUESTIONS.values()
        for option in question.options.values()
        if "care-teams" in option.needs
    }
    assert needing == {
        ("several-performers", "care-team"),
        ("participants", "care-team"),
        ("teams-without-subject", "organization"),
    }


# ---- answers -------------------------------------------------------------------------------------------------------

AGREED = Agreements({"temporary-identifiers": Answer(option="remove", value="2027-01-01", by="cluster")})


def test_an_answer_counts_and_otherwise_the_proposal() -> None:
    assert (AGREED.option("temporary-identifiers"), AGREED.value("temporary-identifiers")) == ("remove", "2027-01-01")
    assert (AGREED.option("main-task"), AGREED.value("main-task")) == ("none", None)
    assert [AGREED.agreed(key) for key in ("temporary-identifiers", "main-task")] == [True, False]


@pytest.mark.parametrize(
    ("key", "language", "said"),
    [
        ("main-task", "nl", " (rust op uitgangspunt main-task: none, niet afgesproken)"),
        ("main-task", "en", " (rests on assumption main-task: none, not agreed)"),
        ("temporary-identifiers", "nl", " (rust op afspraak temporary-identifiers: remove)"),
        ("temporary-identifiers", "en", " (rests on agreement temporary-identifiers: remove)"),
    ],
)
def test_a_sentence_says_what_it_rests_on(key: str, language: str, said: str) -> None:
    assert AGREED.rests_on(key, language) == said


def test_the_rows_for_the_report_are_all_questions_with_the_answer_that_counts() -> None:
    found = {row["key"]: row for row in AGREED.rows()}
    assert list(found) == list(QUESTIONS)
    removed, plan = found["temporary-identifiers"], found["main-task"]
    assert (removed["option"], removed["value"], removed["by"], removed["agreed"]) == (
        "remove",
        "2027-01-01",
        "cluster",
        True,
    )
    assert removed["option_en"] == QUESTIONS["temporary-identifiers"].options["remove"].text_en
    assert (plan["option"], plan["value"], plan["by"], plan["on"], plan["agreed"]) == ("none", None, None, None, False)
    assert (plan["sources"], plan["default"]) == (["OQ-04"], "none")
