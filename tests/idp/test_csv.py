"""A directory as a CSV export, in the spellings that exports have."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ktcheck.errors import InputError
from ktcheck.idp.accounts import DirectoryAccount
from ktcheck.idp.directory.csv import CsvDirectory

CLAIM = "koppeltaal_id"


def read(path: Path) -> list[DirectoryAccount]:
    async def run() -> list[DirectoryAccount]:
        directory = CsvDirectory(path, CLAIM)
        accounts = [account async for page in directory.pages() for account in page]
        assert await directory.total() == len(accounts)
        return accounts

    return asyncio.run(run())


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "accounts.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spellings_of_the_file(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    lines = [("username", "enabled", CLAIM), ("zoë", "true", "é1"), ("u2", "false", " 002 ")]
    text = end.join(delimiter.join(line) for line in lines) + end
    accounts = read(written(tmp_path, text, encoding))
    assert [(account.name, account.enabled, account.values) for account in accounts] == [
        ("zoë", True, ("é1",)),
        ("u2", False, (" 002 ",)),
    ]


@pytest.mark.parametrize("header", [f"login;actief;{CLAIM}", f"{CLAIM.upper()};Gebruikersnaam; Ingeschakeld ;naam"])
def test_spellings_of_the_header(tmp_path: Path, header: str) -> None:
    order = [name.strip().casefold() for name in header.split(";")]
    values = {"login": "u1", "gebruikersnaam": "u1", "actief": "ja", "ingeschakeld": "ja", CLAIM: "v1", "naam": "x"}
    path = written(tmp_path, f"{header}\n{';'.join(values[name] for name in order)}\n")
    (account,) = read(path)
    assert (account.name, account.enabled, account.values) == ("u1", True, ("v1",))


@pytest.mark.parametrize(
    ("word", "enabled"),
    [
        ("true", True), ("TRUE", True), ("1", True), ("ja", True), ("Yes", True), ("waar", True), (" actief ", True),
        ("false", False), ("0", False), ("Nee", False), ("no", False), ("onwaar", False), ("disabled", False),
    ],
)  # fmt: skip
def test_spellings_of_enabled(tmp_path: Path, word: str, enabled: bool) -> None:
    (account,) = read(written(tmp_path, f"username,enabled,{CLAIM}\nu1,{word},v1\n"))
    assert account.enabled is enabled


def test_quotes_empty_lines_and_no_claim(tmp_path: Path) -> None:
    accounts = read(written(tmp_path, f'username,enabled,{CLAIM}\n"a,b",true,"v""1"\n\n,,\nu2,true,\n'))
    assert [(account.name, account.values) for account in accounts] == [("a,b", ('v"1',)), ("u2", ())]


def test_more_than_a_page(tmp_path: Path) -> None:
    lines = "".join(f"u{number},true,v{number}\n" for number in range(2_500))
    assert len(read(written(tmp_path, f"username,enabled,{CLAIM}\n{lines}"))) == 2_500


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1 has no column for the login name"),
        (f"name,enabled,{CLAIM}\n", "line 1 has no column for the login name"),
        ("username,enabled,id\n", f"line 1 has no column for the claim; name one of them {CLAIM}"),
        (f"username,{CLAIM}\n", "line 1 has no column for whether an account is enabled"),
        (f"username,login,enabled,{CLAIM}\n", "line 1 has more than one column for the login name"),
        (f"username,enabled,{CLAIM}\nJansen,true,v1\nJansen,v1\n", "line 3 has 2 fields and the header 3"),
        (f"username,enabled,{CLAIM}\nJansen,misschien,v1\n", "line 2 does not say whether the account is enabled"),
        (f"username,enabled,{CLAIM}\n ,true,Jansen\n", "line 2 has no login name"),
        (f'username,enabled,{CLAIM}\nu1,true,v1\n"Jansen,true,v1\n', "no valid CSV after line 2"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_without_what_is_there(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(written(tmp_path, text))
    assert told in str(caught.value)
    assert "accounts.csv" in str(caught.value)
    assert "Jansen" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(f"username,enabled,{CLAIM}\nu1,true,\x81\x8d\n".encode("latin-1"))
    with pytest.raises(InputError, match="export it as UTF-8"):
        read(path)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the directory cannot be read"):
        read(tmp_path / "weg.csv")
