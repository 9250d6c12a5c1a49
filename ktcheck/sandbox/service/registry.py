"""Domain administration: the applications of a domain, and the identity provider of each user type (TOP-KT-023)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from joserfc.jwk import KeySet

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """A registered application: its public keys, its redirect URIs, the scopes of its role (None: it may read all).

    ``launch_uri``: where tasks of others can be launched too, of an application that is being tried.
    """

    client_id: str
    keys: KeySet
    scopes: tuple[str, ...] | None
    redirect_uris: tuple[str, ...]
    launch_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """An OIDC provider of the domain: ``name`` is the logical identifier that an ``idp_hint`` gives.

    ``claim`` of its id_token holds the value of the user's identifier under ``identifier_system``.
    """

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str
    identifier_system: str


class Registry:
    """What the administrator of a domain keeps."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.providers: dict[tuple[str | None, str], tuple[IdentityProvider, ...]] = {}

    def register(
        self,
        client_id: str,
        jwks: Json,
        scopes: Sequence[str] | None = None,
        redirect_uris: Sequence[str] = (),
        launch_uri: str | None = None,
    ) -> None:
        """Register an application, or replace it."""
        keys = KeySet.import_key_set(jwks)  # type: ignore[arg-type]
        granted = None if scopes is None else tuple(scopes)
        self.clients[client_id] = Client(client_id, keys, granted, (*redirect_uris,), launch_uri)

    def with_key(self, key_id: object) -> Client | None:
        """The first application that has a key with this kid."""
        return next((item for item in self.clients.values() if key_id in [key.kid for key in item.keys.keys]), None)

    def choose(self, user_type: str, provider: IdentityProvider, client_id: str | None = None) -> None:
        """Add a provider for a user type: of one application, or of all that have none of their own."""
        key = (client_id, user_type)
        self.providers[key] = (*self.providers.get(key, ()), provider)

    def settle(self, user_type: str, provider: IdentityProvider, client_id: str | None = None) -> None:
        """Let a provider be the only one for a user type, of one application or by default."""
        self.providers[client_id, user_type] = (provider,)

    def provider(self, client_id: str, user_type: str, hint: str | None) -> tuple[IdentityProvider | None, bool]:
        """The provider where users of a type log in for an application, and whether the hint was known.

        A hint picks one of those of the user type; without it, or when it is unknown, the first counts.
        """
        default = self.providers.get((None, user_type), ())
        own = self.providers.get((client_id, user_type), ()) or default
        hinted = [item for item in (*own, *default) if item.name == hint]
        chosen = next(iter(hinted or own), None)
        return chosen, hint is None or bool(hinted)

    def other_than(self, provider: IdentityProvider | None) -> IdentityProvider:
        """Another provider of the domain, where the same people are found."""
        other = next(item for items in self.providers.values() for item in items if item != provider)
        if provider is None:
            return other
        return replace(other, claim=provider.claim, identifier_system=provider.identifier_system)
