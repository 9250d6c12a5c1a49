"""What the authorization service publishes, read without a token: its SMART configuration and its keys (TOP-KT-016)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson

from ktcheck import http
from ktcheck.errors import RunError
from ktcheck.idp.discovery import read_keys
from ktcheck.launch.facts import AuthorizationKeys, SmartConfiguration


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Both as facts; ``configuration`` is None when the service did not answer."""

    configuration: SmartConfiguration | None
    keys: AuthorizationKeys

    @property
    def content(self) -> Mapping[str, Any]:
        """The SMART configuration; empty when there is none."""
        return self.configuration.content if self.configuration else {}

    def endpoint(self, name: str) -> str | None:
        """An address in the SMART configuration, if it is a safe one."""
        url = self.content.get(name)
        try:
            return url if isinstance(url, str) and http.is_secure(url) else None
        except httpx2.InvalidURL:
            return None


async def read_published(base_url: str, *, evidence: http.Evidence, trace_id: str) -> Published:
    """Ask for both; whatever the answer is, is a fact."""
    configuration = await _configuration(base_url, evidence, trace_id)
    published = Published(configuration=configuration, keys=AuthorizationKeys(status=None, keys=None))
    url = published.endpoint("jwks_uri")
    if url is None:
        return published
    status, keys = await read_keys(url, evidence=evidence, trace_id=trace_id)
    return Published(configuration=configuration, keys=AuthorizationKeys(status=status, keys=keys))


async def _configuration(base_url: str, evidence: http.Evidence, trace_id: str) -> SmartConfiguration | None:
    url = f"{base_url}/.well-known/smart-configuration"
    try:
        async with http.read_client(
            base_url, evidence=evidence, trace_id=trace_id, accept="application/json"
        ) as client:
            response = await client.get(url)
    except RunError:
        return None
    try:
        content = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        content = None
    return SmartConfiguration(
        status=response.status_code,
        content_type=response.headers.get("content-type", "").partition(";")[0].strip().lower() or None,
        content=content if isinstance(content, dict) else {},
    )
