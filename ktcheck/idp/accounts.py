"""What a directory is: accounts, page by page, and how many it says there are."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Protocol

from ktcheck.domain import Directory as Settings
from ktcheck.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryAccount:
    """An account. All but ``enabled`` is personal, so none of it has a ``repr``.

    ``key`` is unique in the directory, ``name`` is what is typed at login, ``values`` are those of the claim: one, or
    none when the account does not have it.
    """

    key: str = field(repr=False)
    name: str = field(repr=False)
    values: tuple[str, ...] = field(repr=False)
    enabled: bool


Page = tuple[DirectoryAccount, ...]


class Directory(Protocol):
    """Where accounts are."""

    def pages(self) -> AsyncGenerator[Page, None]:
        """All accounts, until a page is empty or the reader stops. Raises ``InputError`` or ``RunError``."""

    async def total(self) -> int | None:
        """How many accounts the directory says it has, read without any of them; None when it does not say."""


def texts(value: object) -> tuple[str, ...]:
    """The values of a claim in a directory's answer: a text, a number, or a list of those; empty ones left out."""
    found = value if isinstance(value, list) else [value]
    usable = (str(item) for item in found if isinstance(item, (str, int)) and not isinstance(item, bool))
    return tuple(dict.fromkeys(text for text in usable if text.strip()))


def secret_of(settings: Settings) -> str:
    """The secret of a directory, from the environment. Raises ``InputError`` when it is not there."""
    name = settings.secret_env or ""
    value = os.environ.get(name, "")
    if not value:
        raise InputError(
            f"[idp.directory] secret_env: the environment variable {name} is not set; set it and call again"
        )
    return value
