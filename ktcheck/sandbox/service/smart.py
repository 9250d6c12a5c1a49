"""Where a domain's authorization service is and what it can do (TOP-KT-016)."""

from __future__ import annotations

from typing import Any

from ktcheck.sandbox.service import faults
from ktcheck.sandbox.service.incoming import ALGORITHMS
from ktcheck.sandbox.service.tenant import Tenant

Json = dict[str, Any]


def configuration(tenant: Tenant) -> Json:
    """The smart-configuration."""
    content = {
        "issuer": tenant.issuer,
        "jwks_uri": f"{tenant.issuer}/jwks",
        "authorization_endpoint": tenant.authorization_endpoint,
        "token_endpoint": tenant.token_endpoint,
        "introspection_endpoint": tenant.introspection_endpoint,
        "management_endpoint": f"{tenant.root}/beheer",
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": ["openid", "launch", "fhirUser", "system/*.cruds", "system/*.cruds?resource-origin="],
        "response_types_supported": ["code"],
        "capabilities": [
            "launch-ehr",
            "authorize-post",
            "client-confidential-asymmetric",
            "sso-openid-connect",
            "context-ehr-hti",
            "permission-v2",
        ],
        "code_challenge_methods_supported": ["S256"],
    }
    return faults.put_in(content, tenant.launch_faults, faults.SMART_CONFIGURATION)
