"""A directory as a CSV export: one account a line, as ``docs/domain-file.md`` describes.

Exports come in many spellings: delimiter ``;``, ``,`` or tab, UTF-8 with or without byte order mark, UTF-16, or
Windows-1252. An error names file and line, never what is there.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

from ktcheck.errors import InputError
from ktcheck.idp.accounts import DirectoryAccount, Page

_PAGE = 1_000
_BLOCK = 1 << 20
_NAMES = ("username", "login", "gebruikersnaam")
_ENABLED = ("enabled", "active", "actief", "ingeschakeld")
_TRUE = frozenset({"true", "1", "yes", "y", "ja", "j", "waar", "enabled", "active", "actief", "aan", "ingeschakeld"})
_FALSE = frozenset(
    {"false", "0", "no", "n", "nee", "onwaar", "disabled", "inactive", "inactief", "uit", "uitgeschakeld"}
)


class CsvDirectory:
    """Reads the file as a stream, more than once if need be."""

    def __init__(self, path: Path, attribute: str) -> None:
        self._path = path
        self._attribute = attribute
        self._rows: int | None = None

    async def pages(self) -> AsyncGenerator[Page, None]:
        """All accounts; raises ``InputError`` with file and line for what cannot be read."""
        page: list[DirectoryAccount] = []
        rows = 0
        for account in self._accounts():
            rows += 1
            page.append(account)
            if len(page) == _PAGE:
                yield tuple(page)
                page = []
        self._rows = rows
        if page:
            yield tuple(page)

    async def total(self) -> int | None:
        """How many lines there are; a login name that comes twice makes fewer accounts of them."""
        if self._rows is None:
            self._rows = sum(1 for _ in self._accounts())
        return self._rows

    def _accounts(self) -> Iterator[DirectoryAccount]:
        path, line = self._path, 1
        try:
            with path.open(encoding=_encoding(path), newline="") as file:
                first = file.readline()
                delimiter = max(";,\t", key=first.count)
                header = next(csv.reader([first], delimiter=delimiter), [])
                name, claim, enabled = self._columns(header)
                reader = csv.reader(file, delimiter=delimiter, strict=True)
                for row in reader:
                    line = reader.line_num + 1
                    if not any(field.strip() for field in row):
                        continue
                    if len(row) != len(header):
                        raise InputError(
                            f"{path}: line {line} has {len(row)} fields and the header {len(header)}; correct it"
                        )
                    yield DirectoryAccount(
                        key=self._filled(row[name], line),
                        name=row[name],
                        values=(row[claim],) if row[claim].strip() else (),
                        enabled=self._truth(row[enabled], line),
                    )
        except OSError as error:
            raise InputError(f"{path}: the directory cannot be read: {error.strerror}") from None
        except UnicodeError:
            raise InputError(f"{path}: no text in UTF-8, UTF-16 or Windows-1252; export it as UTF-8") from None
        except csv.Error:
            raise InputError(f"{path}: no valid CSV after line {line}; check the quotes") from None

    def _columns(self, header: list[str]) -> tuple[int, int, int]:
        """The positions of login name, claim and enabled."""
        names = [name.strip().casefold() for name in header]
        return (
            self._column(names, _NAMES, "the login name"),
            self._column(names, (self._attribute.casefold(),), "the claim"),
            self._column(names, _ENABLED, "whether an account is enabled"),
        )

    def _column(self, names: list[str], wanted: tuple[str, ...], what: str) -> int:
        found = [place for place, name in enumerate(names) if name in wanted]
        if len(found) == 1:
            return found[0]
        problem = "more than one column" if found else "no column"
        raise InputError(f"{self._path}: line 1 has {problem} for {what}; name one of them {' or '.join(wanted)}")

    def _filled(self, text: str, line: int) -> str:
        if not text.strip():
            raise InputError(f"{self._path}: line {line} has no login name; complete it or leave the line out")
        return text

    def _truth(self, text: str, line: int) -> bool:
        word = text.strip().casefold()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise InputError(f"{self._path}: line {line} does not say whether the account is enabled; write true or false")


def _encoding(path: Path) -> str:
    """By its byte order mark; without one UTF-8, and when it is not that, what spreadsheets on Windows write."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        if file.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16"
        file.seek(0)
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"
