"""Keeps people and secrets out of everything that leaves the machine.

Source: design.md, "Principles": reports name resources by logical id and people by a keyed pseudonym; no token,
assertion, cookie, code or password is written anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import secrets
from bisect import insort
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from ktcheck.errors import InputError

REMOVED = "[verwijderd]"
SHORTEST_SECRET = 4

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,39}")
_JWT_PART = re.compile(r"[A-Za-z0-9_-]*")
_DIGITS = 12


class Pseudonyms:
    """Keyed names (HMAC-SHA256) for people and source records: equal for equal values within a run.

    ``key`` is random for every run (``Pseudonyms.fresh()``) and is written nowhere, so that nobody can try out
    patient numbers, and names of different runs cannot be put side by side.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def fresh(cls) -> Pseudonyms:
        """Pseudonyms with a new random key."""
        return cls(secrets.token_bytes(32))

    def of(self, value: str, prefix: str = "bron") -> str:
        """The pseudonym of a KT1 link, key or person, for example ``bron-7f3a91c2``."""
        digest = hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()
        return f"{prefix}-{digest[:_DIGITS]}"

    def public_reference(self, resource: str) -> str:
        """``<Type>/<id>`` as reports may show it.

        An id that is a UUID stays; any other id becomes a pseudonym, because a client chose it and it may be a
        patient number. What is no ``<Type>/<id>`` at all becomes a pseudonym as a whole.
        """
        kind, slash, identity = resource.partition("/")
        if not _TYPE.fullmatch(kind):
            return self.of(resource, "id")
        if not slash or _UUID.fullmatch(identity):
            return resource
        return f"{kind}/{self.of(identity, 'id')}"


class Redactor:
    """Knows every secret of a run and takes it out of what is about to be written.

    A secret is found as it is, URL-encoded (once and twice), in JSON and HTML, in base64 (also in the middle of a
    longer encoded text, as in an ``Authorization: Basic`` header) and, for a JWT, by each of its parts.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._in_text = _Remover()
        self._in_bytes = _Remover()

    def register(self, secret: str) -> None:
        """Keep this secret out of everything from now on; empty text is ignored.

        Raises:
            InputError: the secret is so short that removing it would mangle ordinary words.

        """
        if not secret or secret in self._known:
            return
        if len(secret) < SHORTEST_SECRET:
            raise InputError(
                f"a secret of this run has fewer than {SHORTEST_SECRET} characters, so it cannot be kept out of the "
                "reports; give the account or client a longer one"
            )
        self._known.add(secret)
        for form in _forms(secret):
            self._in_text.add(form)
            self._in_bytes.add(form.encode().decode("latin-1"))

    def clean(self, text: str) -> str:
        """The text with ``[verwijderd]`` for every secret in it."""
        return self._in_text.clean(text)

    def clean_bytes(self, data: bytes) -> bytes:
        """The same for bytes of any kind."""
        return self._in_bytes.clean(data.decode("latin-1")).encode("latin-1")

    def clean_value(self, value: Any) -> Any:
        """The same for every text in a JSON value; member names stay, because they are ours."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {name: self.clean_value(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean_value(item) for item in value]
        return value


class _Remover:
    """Takes forms out of texts, in a time that does not grow with their number: a run has thousands of them."""

    def __init__(self) -> None:
        self._by_beginning: dict[str, list[str]] = {}

    def add(self, form: str) -> None:
        """Take this out from now on; it has at least ``SHORTEST_SECRET`` characters."""
        alike = self._by_beginning.setdefault(form[:SHORTEST_SECRET], [])
        if form not in alike:
            # The longest first, so that a whole token goes before the parts of it.
            insort(alike, form, key=lambda item: -len(item))

    def clean(self, text: str) -> str:
        """The text without any of the forms; those that overlap go together."""
        parts: list[str] = []
        kept = 0
        for start, end in self._spans(text):
            if start >= kept:
                parts += [text[kept:start], REMOVED]
            kept = max(kept, end)
        return "".join([*parts, text[kept:]])

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        known = self._by_beginning
        for start in range(len(text) - SHORTEST_SECRET + 1 if known else 0):
            for form in known.get(text[start : start + SHORTEST_SECRET], ()):
                if text.startswith(form, start):
                    yield start, start + len(form)
                    break


def _forms(secret: str) -> set[str]:
    """Every form in which the secret may turn up."""
    forms: set[str] = set()
    for text in _pieces(secret):
        encoded = quote(text, safe="")
        forms |= {text, quote(text), encoded, quote_plus(text), quote(encoded, safe="")}
        forms |= {re.sub(r"%[0-9A-F]{2}", lambda code: code[0].lower(), form) for form in tuple(forms)}
        forms |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], html.escape(text)}
        forms |= _base64_forms(text.encode())
    return {form for form in forms if len(form) >= SHORTEST_SECRET}


def _pieces(secret: str) -> set[str]:
    """The secret, the parts of a JWT (three) or JWE (five), and the lines of a PEM file."""
    pieces = {secret}
    parts = secret.split(".")
    if len(parts) in {3, 5} and all(_JWT_PART.fullmatch(part) for part in parts):
        pieces |= {part for part in parts if len(part) >= 8}
    lines = secret.splitlines()
    if len(lines) > 1:
        pieces |= {line for line in lines if len(line) >= 8 and not line.startswith("-----")}
    return pieces


def _base64_forms(data: bytes) -> set[str]:
    """The secret in base64, alone and at each of the three places it can have in a longer text."""
    forms: set[str] = set()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms.add(encode(data).decode())
        for offset, mixed in ((0, 0), (1, 2), (2, 3)):
            # Characters at the edges also hold bits of the neighbours: those cannot be known.
            encoded = encode(bytes(offset) + data).decode()
            forms.add(encoded[mixed : (offset + len(data)) * 8 // 6])
    return forms
