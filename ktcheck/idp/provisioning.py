"""People and accounts, joined in a temporary SQLite file: memory does not grow with either.

The file holds login names and claim values: it is made inside a private temporary folder and goes with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ktcheck.domain import IdentityProvider, UserType
from ktcheck.idp.accounts import Page
from ktcheck.idp.facts import Account, AccountUsers, Nearness, RelatedPatient, UserAccounts, UserIdentifiers
from ktcheck.idp.persons import Person

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE person (row INTEGER PRIMARY KEY, type TEXT, id TEXT, expected INT, active INT, migrated INT, patient TEXT);
CREATE UNIQUE INDEX person_id ON person (type, id);
CREATE TABLE value (type TEXT, system TEXT, value TEXT, near TEXT, person INT);
CREATE TABLE uses (application TEXT, name TEXT, PRIMARY KEY (application, name)) WITHOUT ROWID;
CREATE TABLE account (row INTEGER PRIMARY KEY, directory INT, key TEXT, name TEXT, enabled INT);
CREATE UNIQUE INDEX account_key ON account (directory, key);
CREATE TABLE claim (directory INT, value TEXT, near TEXT, account INT);
CREATE TABLE serves (directory INT, type TEXT, system TEXT);
"""
_INDEXES = """
CREATE INDEX value_value ON value (type, system, value);
CREATE INDEX value_near ON value (type, system, near);
CREATE INDEX value_person ON value (person);
CREATE INDEX claim_value ON claim (directory, value);
CREATE INDEX claim_near ON claim (directory, near);
CREATE INDEX claim_account ON claim (account);
CREATE INDEX account_name ON account (directory, name);
ANALYZE;
"""
# The persons (p) whose identifier equals a claim (c) in a directory that serves their type.
_USERS = """
    claim c JOIN serves s ON s.directory = c.directory
    JOIN value v ON v.type = s.type AND v.system = s.system AND v.value = c.value
    JOIN person p ON p.row = v.person
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A provider of the domain file and the number of its directory, None when it has none that could be read."""

    provider: IdentityProvider
    directory: int | None
    unread: str | None = None


class Provisioning:
    """Fill it with people and accounts, then ask for facts."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        path.chmod(0o600)
        self._db.executescript(_SCHEMA)

    def add_people(self, people: Iterable[Person], providers: Iterable[IdentityProvider]) -> None:
        """Everybody in the domain, with the identifiers that providers match on."""
        systems = {(provider.user_type, provider.identifier_system) for provider in providers}
        for row, person in enumerate(people, 1):
            expected = person.active and person.migrated
            facts = (row, person.type, person.id, expected, person.active, person.migrated, person.patient)
            self._db.execute("INSERT OR IGNORE INTO person VALUES (?, ?, ?, ?, ?, ?, ?)", facts)
            values = [
                (person.type, system, value, _near(value), row)
                for system, value in person.identifiers
                if (person.type, system) in systems
            ]
            self._db.executemany("INSERT INTO value VALUES (?, ?, ?, ?, ?)", values)

    def add_uses(self, uses: Iterable[tuple[str, str]]) -> None:
        """Which application has a task of whom."""
        self._db.executemany("INSERT OR IGNORE INTO uses VALUES (?, ?)", uses)

    def add_page(self, directory: int, page: Page) -> int:
        """Accounts of a directory; how many of them are new."""
        new = 0
        for account in page:
            facts = (directory, account.key, account.name, account.enabled)
            cursor = self._db.execute(
                "INSERT OR IGNORE INTO account (directory, key, name, enabled) VALUES (?, ?, ?, ?)", facts
            )
            if cursor.rowcount:
                new += 1
                values = [(directory, value, _near(value), cursor.lastrowid) for value in account.values]
                self._db.executemany("INSERT INTO claim VALUES (?, ?, ?, ?)", values)
        return new

    def drop(self, directory: int) -> None:
        """Forget a directory that was not read to its end."""
        for table in ("account", "claim"):
            self._db.execute(f"DELETE FROM {table} WHERE directory = ?", (directory,))  # noqa: S608

    def settle(self, served: Iterable[Served]) -> None:
        """Everything is there: which directory serves whom."""
        rows = {
            (item.directory, item.provider.user_type, item.provider.identifier_system)
            for item in served
            if item.directory is not None
        }
        self._db.executemany("INSERT INTO serves VALUES (?, ?, ?)", sorted(rows))
        self._db.executescript(_INDEXES)
        self._db.commit()

    def expected(self, user_type: UserType) -> int:
        """How many active migrated persons of a type there are."""
        (number,) = self._db.execute("SELECT COUNT(*) FROM person WHERE type = ? AND expected", (user_type,)).fetchone()
        return int(number)

    def counts(self, directory: int) -> tuple[int, int, int]:
        """Of a directory: its accounts, the enabled ones, and the enabled ones without the claim."""
        query = """SELECT COUNT(*), COALESCE(SUM(enabled), 0), COALESCE(SUM(
            enabled AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.account = account.row)), 0)
            FROM account WHERE directory = ?"""
        read, enabled, without = self._db.execute(query, (directory,)).fetchone()
        return read, enabled, without

    def identifiers(self, user_type: UserType, system: str) -> Iterator[UserIdentifiers]:
        """Every person of a type, with how many identifiers of a system."""
        query = """SELECT p.id, p.active, p.migrated, COUNT(v.person) FROM person p
            LEFT JOIN value v ON v.person = p.row AND v.system = ? WHERE p.type = ? GROUP BY p.row ORDER BY p.row"""
        for own, active, migrated, number in self._db.execute(query, (system, user_type)):
            yield UserIdentifiers(
                user_type=user_type,
                person=f"{user_type}/{own}",
                system=system,
                active=bool(active),
                migrated=bool(migrated),
                number=number,
            )

    def user_accounts(self, served: Served) -> Iterator[UserAccounts]:
        """Every person of the provider's type beside the accounts in its directory."""
        user_type, application = served.provider.user_type, served.provider.application
        if served.directory is None:
            yield UserAccounts(user_type=user_type, application=application, person=None, unread=served.unread)
            return
        query = "SELECT row, id, active, migrated FROM person WHERE type = ? ORDER BY row"
        for row, own, active, migrated in self._db.execute(query, (user_type,)):
            values = self._values(row, served.provider.identifier_system)
            accounts = tuple(self._accounts(served.directory, row, values))
            single = values[0] if len(values) == 1 else None
            yield UserAccounts(
                user_type=user_type,
                application=application,
                person=f"{user_type}/{own}",
                active=bool(active),
                migrated=bool(migrated),
                needed=application is None or self._is_user(application, f"{user_type}/{own}"),
                identified=single is not None,
                accounts=accounts,
                near=self._nearest(served.directory, single) if single and not accounts else None,
            )

    def _values(self, person: int, system: str) -> list[str]:
        query = "SELECT value FROM value WHERE person = ? AND system = ? ORDER BY rowid"
        return [value for (value,) in self._db.execute(query, (person, system))]

    def _is_user(self, application: str, name: str) -> bool:
        query = "SELECT 1 FROM uses WHERE application = ? AND name = ?"
        return self._db.execute(query, (application, name)).fetchone() is not None

    def _accounts(self, directory: int, person: int, values: list[str]) -> Iterator[Account]:
        query = f"""SELECT DISTINCT a.name, a.enabled, EXISTS (
                SELECT 1 FROM {_USERS} WHERE c.account = a.row AND p.row <> ? AND p.expected)
            FROM claim o JOIN account a ON a.row = o.account WHERE o.directory = ? AND o.value = ? ORDER BY a.row"""  # noqa: S608
        for value in dict.fromkeys(values):
            for name, enabled, others in self._db.execute(query, (person, directory, value)):
                yield Account(name=name, enabled=bool(enabled), others=bool(others))

    def _nearest(self, directory: int, value: str) -> Nearness | None:
        query = "SELECT value FROM claim WHERE directory = ? AND near = ? ORDER BY rowid LIMIT 1"
        found = self._db.execute(query, (directory, _near(value))).fetchone()
        return _nearness(value, found[0]) if found else None

    def account_users(self, directory: int) -> Iterator[AccountUsers]:
        """Every account of a directory that has the claim, beside everybody who has its value."""
        types: tuple[UserType, ...] = tuple(
            kind
            for (kind,) in self._db.execute("SELECT type FROM serves WHERE directory = ? ORDER BY rowid", (directory,))
        )
        types = tuple(dict.fromkeys(types))
        query = """SELECT row, name, enabled FROM account WHERE directory = ?
            AND EXISTS (SELECT 1 FROM claim WHERE claim.account = account.row) ORDER BY row"""
        users = f"SELECT DISTINCT p.type, p.id, p.active, p.patient FROM {_USERS} WHERE c.account = ? ORDER BY p.row"  # noqa: S608
        for row, name, enabled in self._db.execute(query, (directory,)):
            found = self._db.execute(users, (row,)).fetchall()
            active = [(kind, own, patient) for kind, own, is_active, patient in found if is_active]
            related = [patient for kind, _, patient in active if kind == "RelatedPerson"]
            yield AccountUsers(
                user_types=types,
                name=name,
                enabled=bool(enabled),
                users=len(found),
                active=tuple(
                    (kind, tuple(f"{kind}/{own}" for of, own, _ in active if of == kind))
                    for kind in types
                    if any(of == kind for of, *_ in active)
                ),
                patients=len(related) > 1 and len(set(related)) == len(related) and None not in related,
                near=not found and self._is_near_somebody(row),
            )

    def _is_near_somebody(self, account: int) -> bool:
        """Whether it almost fits an active migrated person who has no account."""
        query = """SELECT 1 FROM claim c JOIN serves s ON s.directory = c.directory
            JOIN value v ON v.type = s.type AND v.system = s.system AND v.near = c.near
            JOIN person p ON p.row = v.person AND p.expected
            WHERE c.account = ? AND NOT EXISTS (
                SELECT 1 FROM claim e WHERE e.directory = c.directory AND e.value = v.value) LIMIT 1"""
        return self._db.execute(query, (account,)).fetchone() is not None

    def related_patients(self) -> Iterator[RelatedPatient]:
        """Every active migrated related person beside his patient."""
        query = """SELECT r.id, r.patient, p.row IS NOT NULL, p.active, p.migrated FROM person r
            LEFT JOIN person p ON p.type = 'Patient' AND p.id = r.patient
            WHERE r.type = 'RelatedPerson' AND r.expected ORDER BY r.row"""
        for own, patient, exists, active, migrated in self._db.execute(query):
            yield RelatedPatient(
                person=f"RelatedPerson/{own}",
                patient=f"Patient/{patient}" if patient else None,
                exists=bool(exists),
                active=bool(active),
                migrated=bool(migrated),
            )

    def close(self) -> None:
        """Release the file."""
        self._db.close()


def _near(value: str) -> str:
    """What is equal for values that differ in case, blanks or zeros in front only."""
    return "".join(value.split()).casefold().lstrip("0")


def _nearness(value: str, other: str) -> Nearness:
    """In what two values differ that are near each other."""
    if "".join(value.split()) == "".join(other.split()):
        return "blanks"
    if value.casefold() == other.casefold():
        return "case"
    return "zeros" if value.lstrip("0") == other.lstrip("0") else "spelling"
