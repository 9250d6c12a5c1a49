"""Facts about identity providers and the accounts in their directories. No claim value is in any of them.

Login names are: they tell whoever has to act which account it is about, in ``findings.ndjson`` only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ktcheck.domain import UserType

Nearness = Literal["case", "blanks", "zeros", "spelling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTypeProviders:
    """How many active migrated persons of a user type there are, and which choices of provider the domain file makes.

    ``choices`` are the (application, issuer) of each ``[[idp]]`` in its order, with None for the domain's default.
    """

    user_type: UserType
    persons: int
    choices: tuple[tuple[str | None, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """A key as an identity provider publishes it: ``signs`` asymmetrically, and whether private members are shown."""

    signs: bool
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerMetadata:
    """What an identity provider says of itself (OpenID Connect Discovery).

    ``status`` is that of the answer, None when none came; ``found``: it is a JSON object. ``endpoints`` are the names
    of the members that are addresses, with whether each is https (or on this machine). ``algorithms``,
    ``response_types`` and ``claims_supported`` are None when it does not say. ``keys`` is None when there is no key set
    to be had; ``claims`` are those that the domain file counts on.
    """

    user_types: tuple[UserType, ...]
    issuer: str
    status: int | None
    found: bool
    announced: str | None = None
    endpoints: tuple[tuple[str, bool], ...] = ()
    algorithms: tuple[str, ...] | None = None
    response_types: tuple[str, ...] | None = None
    claims_supported: tuple[str, ...] | None = None
    claims: tuple[str, ...] = ()
    keys: tuple[PublishedKey, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryCount:
    """How many accounts were read from a directory, how many it says it has (None: it does not say), and without claim.

    ``unread`` says in Dutch why nothing was read, or not all.
    """

    user_types: tuple[UserType, ...]
    kind: str
    read: int = 0
    total: int | None = None
    enabled: int = 0
    without_claim: int = 0
    unread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserIdentifiers:
    """How many identifiers a person has under the system that the domain file matches on.

    ``active`` and ``migrated`` are about the KT2 resource ``person`` (``<Type>/<id>``).
    """

    user_type: UserType
    person: str
    system: str
    active: bool
    migrated: bool
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account whose claim equals a person's identifier. ``others``: an active migrated other person has it too."""

    name: str
    enabled: bool
    others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAccounts:
    """A person beside the accounts of one identity provider.

    ``application`` is the one whose own provider this is, None for the domain's default; ``needed``: the person has to
    be able to log in there. ``near`` says how an account differs that almost fits, when none does. ``unread``: nothing
    is known of any person of this type, and why (in Dutch).
    """

    user_type: UserType
    application: str | None
    person: str | None
    active: bool = False
    migrated: bool = False
    needed: bool = False
    identified: bool = False
    accounts: tuple[Account, ...] = ()
    near: Nearness | None = None
    unread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUsers:
    """An account with a claim, beside the persons of the user types of its directory that have that value.

    ``active`` are the active ones among ``users``, by user type. ``patients``: these related persons are of different
    patients. ``near``: it almost fits a person without an account, of whom that is told.
    """

    user_types: tuple[UserType, ...]
    name: str
    enabled: bool
    users: int
    active: tuple[tuple[UserType, tuple[str, ...]], ...] = ()
    patients: bool = False
    near: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPatient:
    """An active migrated related person and the patient that ``RelatedPerson.patient`` leads to (None: nowhere)."""

    person: str
    patient: str | None
    exists: bool = False
    active: bool = False
    migrated: bool = False


ProvidedFact = (
    UserTypeProviders | IssuerMetadata | DirectoryCount | UserIdentifiers | UserAccounts | AccountUsers | RelatedPatient
)
