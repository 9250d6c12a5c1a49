"""A realm with the patients of a domain, made through Keycloak's admin API as an administrator would."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.third_party.keycloak.server import ADMIN, Server

CLAIM = "koppeltaal_id"
"""The attribute of a user, and the claim of the id_token."""

LOGIN_CLIENT = "koppeltaal"
DIRECTORY_CLIENT = "ktcheck"

_TIMEOUT = 60.0

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody with an account; without a password he cannot log in."""

    username: str
    identifier: str
    enabled: bool = True
    password: str | None = field(default=None, repr=False)


class Realm:
    """A realm of its own on a server.

    Args:
        server: where it is made.
        users: who is in it.
        redirect_uri: where the authorization service of the domain wants its users back.
    """

    def __init__(self, server: Server, users: Iterable[User], redirect_uri: str) -> None:
        self.name = f"zorgvoorbeeld-{secrets.token_hex(4)}"
        self.url = server.url
        self.login_secret = secrets.token_urlsafe(24)
        self.directory_secret = secrets.token_urlsafe(24)
        self._server = server
        self._admin("POST", "", self._representation(users, redirect_uri))

    @property
    def issuer(self) -> str:
        """The issuer of its tokens."""
        return f"{self.url}/realms/{self.name}"

    def count(self) -> int:
        """How many people have an account."""
        return int(self._admin("GET", f"/{self.name}/users/count"))

    def users(self, **query: str | int) -> list[Json]:
        """The accounts that a search finds; Keycloak answers with 100 at most unless ``max`` says more."""
        found: list[Json] = self._admin("GET", f"/{self.name}/users", query=query)
        return found

    def add(self, user: User) -> None:
        """One more account."""
        self._admin("POST", f"/{self.name}/users", _representation(user))

    def change(self, username: str, **changes: Any) -> None:
        """Let an account be otherwise: members of Keycloak's UserRepresentation."""
        user = self._user(username)
        self._admin("PUT", f"/{self.name}/users/{user['id']}", user | changes)

    def remove(self, username: str) -> None:
        """Take an account away."""
        self._admin("DELETE", f"/{self.name}/users/{self._user(username)['id']}")

    def delete(self) -> None:
        """Take the realm away."""
        self._admin("DELETE", f"/{self.name}")

    def _user(self, username: str) -> Json:
        (user,) = self.users(username=username, exact="true")
        return user

    def _admin(
        self, method: str, path: str, body: Json | None = None, query: Mapping[str, str | int] | None = None
    ) -> Any:
        """An answer of the admin API; the token lives for a minute, so each call takes its own."""
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": ADMIN,
            "password": self._server.password,
        }
        with httpx2.Client(timeout=_TIMEOUT, trust_env=False) as client:
            told = client.post(f"{self.url}/realms/master/protocol/openid-connect/token", data=form).raise_for_status()
            answer = client.request(
                method,
                f"{self.url}/admin/realms{path}",
                json=body,
                params=query,
                headers={"Authorization": f"Bearer {told.json()['access_token']}"},
            ).raise_for_status()
        return answer.json() if answer.content else None

    def _representation(self, users: Iterable[User], redirect_uri: str) -> Json:
        return {
            "realm": self.name,
            "enabled": True,
            # Passwords of nobody: checking one well costs a third of a second, and the tests log in a hundred times.
            "passwordPolicy": "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)",
            "components": {"org.keycloak.userprofile.UserProfileProvider": [_user_profile()]},
            "clients": [
                {
                    "clientId": LOGIN_CLIENT,
                    "secret": self.login_secret,
                    "redirectUris": [redirect_uri],
                    "protocolMappers": [_MAPPER],
                    "attributes": {"pkce.code.challenge.method": "S256"},
                },
                {
                    "clientId": DIRECTORY_CLIENT,
                    "secret": self.directory_secret,
                    "standardFlowEnabled": False,
                    "serviceAccountsEnabled": True,
                },
            ],
            "users": [
                *map(_representation, users),
                {
                    "username": f"service-account-{DIRECTORY_CLIENT}",
                    "enabled": True,
                    "serviceAccountClientId": DIRECTORY_CLIENT,
                    "clientRoles": {"realm-management": ["view-users"]},
                },
            ],
        }


_MAPPER = {
    "name": CLAIM,
    "protocol": "openid-connect",
    "protocolMapper": "oidc-usermodel-attribute-mapper",
    "config": {"user.attribute": CLAIM, "claim.name": CLAIM, "jsonType.label": "String", "id.token.claim": "true"},
}


def _user_profile() -> Json:
    """No name or address is needed, and only the administrator says which number is whose."""
    profile = {
        "attributes": [{"name": "username"}, {"name": "email"}],
        "unmanagedAttributePolicy": "ADMIN_EDIT",
    }
    return {"providerId": "declarative-user-profile", "config": {"kc.user.profile.config": [json.dumps(profile)]}}


def _representation(user: User) -> Json:
    password = {"type": "password", "value": user.password, "temporary": False}
    return {
        "username": user.username,
        "enabled": user.enabled,
        "attributes": {CLAIM: [user.identifier]},
        "credentials": [password] if user.password else [],
    }
