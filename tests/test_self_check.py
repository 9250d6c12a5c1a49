"""What a self-check leaves to others: whatever the application does not answer for."""

from __future__ import annotations

import pytest

from ktcheck.agreements import Agreements
from ktcheck.self_check import concerns
from tests.building import application

EPD = application("epd", "Patient")


@pytest.mark.parametrize(
    ("named", "scope", "area", "answers"),
    [
        ("epd", "Patient", "inhoud", True),
        ("portaal", "Patient", "inhoud", False),
        (None, "Patient", "inhoud", True),
        (None, "Practitioner", "inhoud", False),
        (None, "berichten", "bron", True),
        ("epd", "Afspraken", "inhoud", False),
        ("epd", "Practitioner", "launch", True),
        ("module", "Patient", "launch", False),
        (None, "Patient", "launch", False),
        (None, "Patient", "logging", False),
        (None, "Weigering", "autorisatie", False),
        (None, "Patient", "idp", True),
    ],
)
def test_an_application_answers_for_its_own(named: str | None, scope: str, area: str, answers: bool) -> None:
    assert concerns(EPD, named, scope, area, Agreements()) is answers
