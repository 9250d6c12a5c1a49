"""One file's bytes into a DSTU1 bundle in its JSON form, whatever form and encoding the file has."""

from __future__ import annotations

import codecs
from typing import Any

import orjson

from ktcheck.source import atom
from ktcheck.source.elements import shape
from ktcheck.source.messages import RawMessage, Unreadable

# UTF-32 first: its little-endian mark starts with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BLANK = b" \t\r\n"


def read_bundle(raw: RawMessage) -> dict[str, Any]:
    """The bundle (or other resource) in a file; XML and JSON of the same message give the same result.

    Source: kt1-source.md sections 2.1 to 2.3.

    Raises:
        Unreadable: the file is empty, is neither, is broken, has a DTD, or is nested too deep.

    """
    if raw.problem:
        raise raw.problem
    data = raw.data
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    body = data.removeprefix(mark).lstrip(_BLANK)
    if not body.strip(b"\0" + _BLANK):
        raise Unreadable("byte 0", "het bestand is leeg", "the file is empty")
    first = body.replace(b"\0", b"").lstrip(_BLANK)[:1]
    if first == b"<":
        found = atom.parse(body if encoding == "utf-8" else data)
    elif first == b"{":
        found = _json(body, encoding)
    else:
        raise Unreadable(
            "byte 0",
            "het bestand is geen XML en geen JSON-object",
            "the file is neither XML nor a JSON object",
        )
    bundle: dict[str, Any] = shape(found, "Resource")
    for entry in bundle["entry"] if isinstance(bundle.get("entry"), list) else []:
        if isinstance(entry, dict):
            entry.pop("summary", None)
    return bundle


def _json(body: bytes, encoding: str) -> dict[str, Any]:
    try:
        found = orjson.loads(body.decode(encoding))
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"byte {error.start}",
            f"de tekst is geen geldige {encoding.upper()}",
            f"the text is not valid {encoding.upper()}",
        ) from None
    except orjson.JSONDecodeError as error:
        raise Unreadable(
            f"line {error.lineno}, column {error.colno}",
            "de JSON is niet geldig, of te diep genest",
            "the JSON is not valid, or nested too deep",
        ) from None
    return dict(found)
