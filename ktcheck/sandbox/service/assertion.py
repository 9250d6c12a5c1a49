"""Client authentication with a signed assertion, ``private_key_jwt`` (TOP-KT-005c, TOP-KT-021)."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ktcheck.sandbox.service.incoming import Accepts, Untrusted, check_times, faults, is_for, signed_by, token_id
from ktcheck.sandbox.service.oauth import Denied
from ktcheck.sandbox.service.registry import Client
from ktcheck.sandbox.service.tenant import Tenant

_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_REMEMBERED = 600


def authenticated(form: Mapping[str, str], tenant: Tenant, endpoint: str, prefix: str) -> Client:
    """The client that signed the assertion of a form.

    Args:
        form: what was posted.
        tenant: the domain.
        endpoint: the address that was posted to; the assertion has to be for it.
        prefix: with which the names of the faults begin that let something pass here.

    Raises:
        Denied: 400 without an assertion, 401 when it is not believed.
    """
    if form.get("client_assertion_type") != _TYPE:
        raise Denied(400, "invalid_request", "client_assertion_type is missing or another one")
    if not form.get("client_assertion"):
        raise Denied(400, "invalid_request", "client_assertion is missing")
    try:
        return _believed(form["client_assertion"], tenant, endpoint, faults(tenant.accepts, prefix))
    except Untrusted as error:
        raise Denied(401, "invalid_client", str(error)) from None


def _believed(text: str, tenant: Tenant, endpoint: str, accepts: Accepts) -> Client:
    client, claims = signed_by(text, tenant.registry, accepts)
    if claims.get("sub") != client.client_id:
        raise Untrusted("sub is not the client_id")
    if not is_for(claims, endpoint) and not accepts("other-endpoint"):
        raise Untrusted("aud is not this endpoint")
    check_times(claims, accepts)
    new = tenant.used.first(f"assertion {client.client_id} {token_id(claims)}", time.time() + _REMEMBERED)
    if not new and not accepts("replayed"):
        raise Untrusted("the assertion was used before")
    return client
