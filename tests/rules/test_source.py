"""Area *bron*, rule by rule: what the rule says of which fact."""

from __future__ import annotations

import pytest

from ktcheck.facts import Message, SourceDomain, SourceMatch
from ktcheck.rules import Examination, Problem
from ktcheck.source.record import Reject
from tests.building import LINK, match, say, source

CLEAN = Examination(scope="Patient", application="epd")
REJECT = Reject(file="map/a.xml", place="line 3", reason_nl="het bericht is afgekapt", reason_en="it is truncated")


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        pytest.param(Message(reject=None), Examination(scope="bericht"), id="read in full"),
        pytest.param(
            Message(reject=REJECT),
            Examination(
                scope="bericht",
                problems=(
                    Problem(
                        source="map/a.xml: line 3",
                        words={"reason_nl": "het bericht is afgekapt", "reason_en": "it is truncated"},
                    ),
                ),
            ),
            id="cannot be read",
        ),
    ],
)
def test_readable(message: Message, outcome: Examination) -> None:
    assert say("source.readable", message) == outcome


@pytest.mark.parametrize(
    ("domain", "outcome"),
    [
        pytest.param(SourceDomain(name="a", messages=9, main=True), Examination(scope="bericht"), id="the main one"),
        pytest.param(
            SourceDomain(name="b", messages=2, main=False),
            Examination(scope="bericht", problems=(Problem(actual="b", words={"count": 2}),)),
            id="another one",
        ),
    ],
)
def test_one_domain(domain: SourceDomain, outcome: Examination) -> None:
    assert say("source.one-domain", domain) == outcome


def _undecided(dutch: str, english: str) -> Problem:
    return Problem(source=LINK, words={"type": "Patient", "note_nl": dutch, "note_en": english})


GUESSED = _undecided("alleen de volgorde van de bestanden besliste", "only the order of the files decided")
AMBIGUOUS = _undecided(
    "dezelfde versie komt met verschillende inhoud voor", "the same version occurs with different content"
)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(source(basis="reference", notes=["order-guessed"])), None, id="has no content"),
        pytest.param(match(), CLEAN, id="certain"),
        pytest.param(match(source(notes=["status-inferred"])), CLEAN, id="a note about something else"),
        pytest.param(match(source(basis="companion")), CLEAN, id="content from a companion"),
        pytest.param(
            match(source(notes=["order-guessed"])),
            Examination(scope="Patient", application="epd", problems=(GUESSED,)),
            id="order guessed",
        ),
        pytest.param(
            match(source(notes=["same-version-different-content", "order-guessed"])),
            Examination(scope="Patient", application="epd", problems=(GUESSED, AMBIGUOUS)),
            id="two reasons",
        ),
    ],
)
def test_newest(fact: SourceMatch, outcome: Examination | None) -> None:
    assert say("source.newest", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(), CLEAN, id="one record"),
        pytest.param(match(source(app=None)), Examination(scope="Patient"), id="one record, source undecided"),
        pytest.param(
            match(alike=2),
            Examination(
                scope="Patient",
                application="epd",
                problems=(Problem(source=LINK, words={"type": "Patient", "count": 2}),),
            ),
            id="two records",
        ),
    ],
)
def test_unique_key(fact: SourceMatch, outcome: Examination) -> None:
    assert say("source.unique-key", fact) == outcome


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        pytest.param(match(), Examination(scope="soort", application="epd"), id="moves"),
        pytest.param(match(source("CarePlan")), Examination(scope="soort", application="epd"), id="does not move"),
        pytest.param(
            match(source("Other(Onbekend)"), expected=False),
            Examination(
                scope="soort",
                application="epd",
                problems=(Problem(source=LINK, words={"type": "Other(Onbekend)"}),),
            ),
            id="the mapping does not know it",
        ),
    ],
)
def test_known_kind(fact: SourceMatch, outcome: Examination) -> None:
    assert say("source.known-kind", fact) == outcome
