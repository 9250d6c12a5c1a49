"""The rule about what applications cannot do without."""

from __future__ import annotations

import pytest

from ktcheck import tables
from ktcheck.facts import Need
from ktcheck.rules import Examination, Problem
from tests.building import LINK, say


@pytest.mark.parametrize("name", tables.needs())
@pytest.mark.parametrize("met", [True, False])
def test_met(name: str, met: bool) -> None:
    need = Need(application="Rustwijzer", name=name, patient=LINK, source="epd", met=met)
    row = tables.needs()[name]
    words = {"application": "Rustwijzer", "need_nl": row.nl, "need_en": row.en}
    missed = (Problem(source=LINK, path=row.element, expected=name, words=words),)
    assert say("needs.met", need) == Examination(scope="Patient", application="epd", problems=() if met else missed)
