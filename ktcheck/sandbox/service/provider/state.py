"""What an OpenID provider keeps: its accounts and clients, who is logging in, who did, and the codes it handed out."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ktcheck.sandbox.accounts import Account
from ktcheck.sandbox.materialised import ServiceFaults

Json = dict[str, Any]

LOGIN_SECONDS = 600
SESSION_SECONDS = 1800
CODE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Relying:
    """A client of the provider: its secret, and where it may be sent back to."""

    secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Login:
    """A request for a login that waits for a user name and a password, and the token that its form has to bring."""

    parameters: Mapping[str, str]
    csrf: str
    until: float


@dataclass(frozen=True, slots=True)
class Code:
    """What a code was handed out for."""

    parameters: Mapping[str, str]
    account: Account
    logged_in: int
    until: float


@dataclass(slots=True)
class Provider:
    """An OpenID provider at ``issuer``, for the accounts of ``name`` among those of the domain."""

    name: str
    issuer: str
    directory: list[Account]
    faults: ServiceFaults
    directory_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    clients: dict[str, Relying] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    sessions: dict[str, tuple[Account, int]] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, tuple[Account, float]] = field(default_factory=dict)

    @property
    def accounts(self) -> list[Account]:
        """The accounts of this provider; the list may change while it is being served."""
        everybody = "idp-other-than-agreed" in self.faults.launch
        return [account for account in self.directory if everybody or account.issuer == self.name]

    def account(self, username: str, password: str) -> Account | None:
        """The account with this name and password."""
        for account in self.accounts:
            if account.username == username and hmac.compare_digest(account.password.encode(), password.encode()):
                return account
        return None

    def may_log_in(self, account: Account) -> bool:
        """Whether the account is enabled; a fault lets in whoever should be refused as inactive."""
        return account.enabled or "hti-inactive-user" in self.faults.accepts

    def begin(self, parameters: Mapping[str, str]) -> tuple[str, Login]:
        """Remember a request for a login; its id and what is remembered."""
        login = Login(parameters, secrets.token_urlsafe(24), time.time() + LOGIN_SECONDS)
        own = secrets.token_urlsafe(16)
        self.logins[own] = login
        return own, login

    def open_session(self, account: Account) -> str:
        """Let a browser be logged in as an account; the value of its cookie."""
        session = secrets.token_urlsafe(32)
        self.sessions[session] = (account, int(time.time()))
        return session

    def session(self, cookie: str | None) -> tuple[Account, int] | None:
        """Who is logged in with this cookie, and since when (seconds since 1970)."""
        found = self.sessions.get(cookie or "")
        if found is None or found[1] + SESSION_SECONDS <= time.time() or not self.may_log_in(found[0]):
            return None
        return found

    def hand_out(self, parameters: Mapping[str, str], account: Account, logged_in: int) -> str:
        """A code for an account that logged in."""
        code = secrets.token_urlsafe(32)
        self.codes[code] = Code(parameters, account, logged_in, time.time() + CODE_SECONDS)
        return code
