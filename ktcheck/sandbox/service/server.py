"""The practice service as a web server on this machine only."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import uvicorn

from ktcheck.errors import InputError, RunError
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.service.administration import PORTAL, set_up
from ktcheck.sandbox.service.app import application
from ktcheck.sandbox.service.registry import IdentityProvider
from ktcheck.sandbox.service.tenant import Tenant

_HOST = "127.0.0.1"
_START_SECONDS = 10.0
_ELSEWHERE = "elders"


class Service:
    """Serves practice domains as KT2 does, from a thread, while the ``with`` block runs.

    Args:
        domains: what is served; each under its own name.
        port: the port to listen on; 0 is any free one.
        token_lifetime: how long an access token is valid, in seconds.
        audit_delay: after how many seconds the log of a request can be found.

    Raises:
        InputError: two domains have the same name, or the port is taken.
    """

    def __init__(
        self, *domains: Materialised, port: int = 0, token_lifetime: int = 300, audit_delay: float = 2.0
    ) -> None:
        names = [item.domain.name for item in domains]
        if len(set(names)) < len(names):
            raise InputError("two practice domains have the same name; give each its own")
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((_HOST, port))
        except OSError:
            self._socket.close()
            raise InputError(f"port {port} of this machine is taken; choose another one") from None
        self._origin = f"http://{_HOST}:{self._socket.getsockname()[1]}"
        self._token_lifetime = token_lifetime
        self._audit_delay = audit_delay
        self.tenants: dict[str, Tenant] = {}
        for item in domains:
            self.add(item)
        config = uvicorn.Config(
            application(self.tenants), log_level="error", access_log=False, lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="practice-service", daemon=True
        )

    def __enter__(self) -> Service:
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RunError("the practice service does not start on this machine; try again")
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_START_SECONDS)
        self._socket.close()

    def base_url(self, domain: str) -> str:
        """The FHIR base URL of a domain."""
        return self.tenants[domain].fhir_base

    def add(self, item: Materialised) -> None:
        """Serve one more domain."""
        name = item.domain.name
        tenant = Tenant(item, f"{self._origin}/api/v1/{name}", self._token_lifetime, self._audit_delay)
        set_up(tenant, self._origin)
        self.tenants[name] = tenant

    def elsewhere(self) -> Materialised:
        """A small domain that is served along, so that there are tokens of another domain; made when asked for."""
        if _ELSEWHERE not in self.tenants:
            self.add(PracticeDomain(1, 1, _ELSEWHERE).materialise())
        return self.tenants[_ELSEWHERE].domain

    def register(
        self,
        domain: str,
        client_id: str,
        jwks: dict[str, Any],
        scopes: Sequence[str] | None = None,
        redirect_uris: Sequence[str] = (),
        launch_uri: str | None = None,
    ) -> None:
        """Register a client of a domain: its public keys (a JWKS) and where users may be sent back to.

        Without ``scopes`` it may read everything. With a ``launch_uri`` the portal launches any task there.
        """
        self.tenants[domain].registry.register(client_id, jwks, scopes, redirect_uris, launch_uri)

    def portal(self, domain: str) -> str:
        """The page of the portal of a domain, for a person who launches by hand."""
        return f"{self._origin}/apps/{domain}/{PORTAL}/taken"

    def log_in_at(self, domain: str, user_type: str, provider: IdentityProvider, client_id: str | None = None) -> None:
        """Let users of a type log in at another provider than the built-in one, for one application or by default."""
        self.tenants[domain].registry.settle(user_type, provider, client_id)

    def callback(self, domain: str) -> str:
        """The redirect URI of a domain's authorization service, to be registered at a provider."""
        return self.tenants[domain].callback

    def wait(self) -> None:
        """Keep serving until the thread ends, for a service that a person uses."""
        self._thread.join()
