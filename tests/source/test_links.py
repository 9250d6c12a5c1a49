"""Links: what is wrong with one, and which are alike (kt1-source.md 4.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.source.links import KINDS, Flaw, bare, flaws

BASE = "https://epd.zorgvoorbeeld.example/kt"


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        ("Patient", f"{BASE}/Patient/1394433515"),
        ("CarePlan", "http://zorgvoorbeeld/CarePlan/32235"),
        ("Patient", f"{BASE}:8443/Patient/d4849156-d961-45bb-a16c-e929209c2dc5"),
        ("ActivityDefinition", f"{BASE}/Other/ActivityDefinition:8722"),
        ("CareTeam", f"{BASE}/CareTeam/24470607"),
        ("CareTeam", f"{BASE}/Other/24470607"),
        ("UserMessage", f"{BASE}/usermessage/1"),
        ("Other(MoodDiary)", f"{BASE}/MoodDiary/1"),
        ("Other(MoodDiary)", f"{BASE}/Other/1"),
    ],
)
def test_links_as_they_occur_are_well_formed(kind: str, link: str) -> None:
    assert flaws(link, kind) == ()


@pytest.mark.parametrize(
    ("link", "flaw"),
    [
        ("Patient/1", "not-absolute"),
        ("urn:uuid:1", "not-absolute"),
        ("ftp://zorgvoorbeeld.example/Patient/1", "not-absolute"),
        ("https:///Patient/1", "not-absolute"),
        ("https://zorgvoorbeeld.example?/Patient/1", "not-absolute"),
        (f"{BASE}/Patient/1 2", "blank"),
        (f"{BASE}/Patient/1\u200b", "blank"),
        (f"{BASE}/Patient/1\n", "blank"),
        (f"{BASE}/Patient/1?_format=json", "query"),
        (f"{BASE}/Patient/1#x", "fragment"),
        (f"{BASE}/Patient/", "no-id"),
        ("https://zorgvoorbeeld.example/1", "no-id"),
        (f"{BASE}/Practitioner/1", "other-kind"),
        (f"{BASE}/Other/1", "other-kind"),
        (f"{BASE}/Other/CareTeam:1", "other-kind"),
        (f"{BASE}/1/2", "other-kind"),
    ],
)
def test_what_is_wrong_with_the_link_of_a_patient(link: str, flaw: Flaw) -> None:
    assert flaws(link, "Patient") == (flaw,)


def test_a_link_can_be_wrong_in_more_than_one_way() -> None:
    assert flaws(f"{BASE}/Practitioner/1 2?x#y", "Patient") == ("blank", "query", "fragment", "other-kind")


@given(st.sampled_from(KINDS), st.from_regex(r"[A-Za-z0-9\-.]{1,64}", fullmatch=True))
def test_base_kind_and_id_are_all_that_a_link_needs(kind: str, own: str) -> None:
    assert flaws(f"{BASE}/{kind}/{own}", kind) == ()
    assert all(flaws(f"{BASE}/{kind}/{own}", other) == ("other-kind",) for other in KINDS if other != kind)
    assert flaws(f"{BASE}/Other/{kind}:{own}", kind) == ()


@pytest.mark.parametrize(
    "link",
    [
        "https://epd.example/kt/Patient/1",
        "http://epd.example/kt/Patient/1",
        "HTTPS://EPD.example:443/kt/patient/1",
        "http://epd.example:80/kt/Patient/1/",
        " https://epd.example/kt/Patient/1\u200b",
    ],
)
def test_spellings_of_one_link_are_alike(link: str) -> None:
    assert bare(link) == "epd.example/kt/patient/1"


@pytest.mark.parametrize(
    "link",
    [
        "https://epd.example/kt/Patient/11",
        "https://epd.example/Patient/1",
        "https://portaal.example/kt/Patient/1",
        "https://epd.example/kt/Practitioner/1",
    ],
)
def test_other_links_are_not_alike(link: str) -> None:
    assert bare(link) != "epd.example/kt/patient/1"
