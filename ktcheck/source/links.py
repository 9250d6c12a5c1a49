"""Links, versions and times of KT1, and what they tell (kt1-source.md sections 4.1 to 4.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

NS = "http://ggz.koppeltaal.nl/fhir/Koppeltaal/"
_OLD_NS = "http://vzvz.nl/fhir/Koppeltaal/"
_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_ABSOLUTE = re.compile(r"https?://[^/\s]+/.", re.IGNORECASE)
_HISTORY = "/_history/"
_VERSION = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[:.](\d{3}))?")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_START = re.compile(r"https?://([^/?#\s]+?)(?::\d*)?(?=/)", re.IGNORECASE)
_TAIL = re.compile(r"[?#]")

OTHER_KINDS = (
    "ActivityDefinition",
    "UserMessage",
    "CarePlanActivityStatus",
    "CarePlanActivityResult",
    "CareTeam",
    "StorageItem",
)
KINDS = ("Patient", "Practitioner", "RelatedPerson", "Organization", "Device", "CarePlan", *OTHER_KINDS)
_BY_SEGMENT = {kind.lower(): kind for kind in KINDS}


def clean(text: str) -> str:
    """A URL without the zero-width characters and blanks that copying from the PDFs put in it."""
    # Nearly every URL is plain ASCII, and translating it would take most of the reader's time.
    return text.strip() if text.isascii() else text.translate(_ZERO_WIDTH).strip()


@lru_cache(4096)
def kt1_name(url: str) -> str | None:
    """``CarePlan#StartDate`` for any spelling of that URL in the KT1 namespace, or None for another URL."""
    url = clean(url)
    for prefix in (NS, _OLD_NS):
        if url.startswith(prefix):
            return url.removeprefix(prefix).removeprefix("Profile/")
    return None


def split_link(text: object) -> tuple[str, str | None] | None:
    """Link without version, and version, of an absolute resource link; None for anything else.

    ``…/Practitioner/`` with nothing behind it is no link.
    """
    if not isinstance(text, str):
        return None
    link, _, version = clean(text).partition(_HISTORY)
    if not _ABSOLUTE.match(link) or is_empty_link(link):
        return None
    return link, version or None


def is_empty_link(text: str) -> bool:
    """Whether a reference has a type and no id: ``…/Practitioner/``."""
    link = clean(text)
    return not link or (link.endswith("/") and link.rstrip("/").rpartition("/")[2].lower() in _BY_SEGMENT)


def kind_of(link: str) -> str:
    """The kind of KT1 resource that the type segment of a link names, ``Other(…)`` when KT1 does not know it."""
    *_, segment, last = ["", "", *link.split("/")]
    if segment == "Other" and ":" in last:
        segment = last.partition(":")[0]
    return _BY_SEGMENT.get(segment.lower()) or other(segment)


Flaw = Literal["not-absolute", "blank", "query", "fragment", "no-id", "other-kind"]


def flaws(link: str, kind: str) -> tuple[Flaw, ...]:
    """What is wrong with the link of a resource of a kind (section 4.1); empty for ``<base>/<Kind>/<id>``.

    ``Other`` as the kind in a link (the server's ``Other/ActivityDefinition:8722``, or without a kind before the
    colon) contradicts no kind that DSTU1 wrote as Other.
    """
    start = _START.match(link)
    if start is None:
        return ("not-absolute",)
    found: list[Flaw] = []
    if clean(link) != link or any(character.isspace() for character in link):
        found.append("blank")
    if "?" in link:
        found.append("query")
    if "#" in link:
        found.append("fragment")
    path: str = _TAIL.split(link[start.end() :])[0]
    *_, segment, last = ["", "", *path.split("/")]
    if not segment or not last:
        found.append("no-id")
    elif kind_of(path) != kind and not (kind_of(path) == "Other(Other)" and _is_other(kind)):
        found.append("other-kind")
    return tuple(found)


def _is_other(kind: str) -> bool:
    return kind in OTHER_KINDS or kind.startswith("Other(")


def bare(link: str) -> str:
    """A link without what people write differently: its scheme, port, case and a slash at the end."""
    link = clean(link)
    start = _START.match(link)
    text = f"{start[1]}{link[start.end() :]}" if start else link
    return text.rstrip("/").casefold()


def other(code: str) -> str:
    """``Other(<code>)``; a text that is no code (and might be personal) gives ``Other(unknown)``."""
    return f"Other({code})" if _CODE.fullmatch(code) else "Other(unknown)"


def version_stamp(version: str | None) -> str | None:
    """The part of a date-shaped version that sorts as text: ``YYYY-MM-DDTHH:MM:SS:mmm``, else None."""
    match = _VERSION.match(version or "")
    return f"{match[1]}:{match[2] or '000'}" if match else None


def time_stamp(text: object) -> str:
    """An instant as UTC text in the shape of ``version_stamp``; ``""`` when there is none.

    A time without offset is taken as UTC.
    """
    if not isinstance(text, str):
        return ""
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}:{moment.microsecond // 1000:03}".rjust(23, "0")


def instant(stamp: str | None) -> str | None:
    """A stamp as an ISO 8601 UTC instant, None for none."""
    return f"{stamp[:19]}.{stamp[20:]}Z" if stamp else None
