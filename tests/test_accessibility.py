"""The judge of our pages is itself judged: it sees what is wrong, and is silent on what is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.accessibility import PHONE, LocalPages

pytestmark = pytest.mark.browser

GOOD = """<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Verslag</title></head>
<body><main><h1>Verslag</h1><p>Goedgekeurd</p></main></body></html>"""


def _file(folder: Path, html: str) -> Path:
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    return file


def test_a_good_page_has_no_violations(local_pages: LocalPages, tmp_path: Path) -> None:
    assert local_pages.violations(_file(tmp_path, GOOD)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        (' lang="nl"', "", "html-has-lang"),
        ("<p>", '<p style="color:#bbb;background:#fff">', "color-contrast"),
        ("<p>", '<p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=">', "image-alt"),
    ],
)
def test_a_fault_is_seen(local_pages: LocalPages, tmp_path: Path, right: str, wrong: str, rule: str) -> None:
    (line,) = local_pages.violations(_file(tmp_path, GOOD.replace(right, wrong)))
    assert line.startswith(rule)


def test_a_page_that_asks_the_network_fails(local_pages: LocalPages, tmp_path: Path) -> None:
    file = _file(tmp_path, GOOD.replace("<p>", '<p><img alt="" src="https://elders.example/teller.gif">'))
    with pytest.raises(AssertionError, match=r"asks the network for .*elders\.example"):
        local_pages.violations(file)


def test_pictures_and_prints(local_pages: LocalPages, tmp_path: Path) -> None:
    file = _file(tmp_path, GOOD)
    picture = local_pages.screenshot(file, tmp_path / "page.png", size=PHONE).read_bytes()
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == PHONE
    (page,) = PdfReader(local_pages.printed(file, tmp_path / "page.pdf")).pages
    assert "Goedgekeurd" in page.extract_text()
