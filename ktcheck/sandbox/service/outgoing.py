"""What the parts of a practice domain ask of each other, and of identity providers elsewhere, over HTTP."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx2

Json = dict[str, Any]

_TIMEOUT = 10.0


class Unanswered(Exception):  # noqa: N818 (it is what another service did, not an error of this one)
    """Another service does not answer, or refuses, or answers with what is no JSON object."""


async def get(address: str, headers: Mapping[str, str] | None = None) -> Json:
    """A JSON object.

    Raises:
        Unanswered: it is not to be had.
    """
    return await _asked("GET", address, headers=dict(headers or {}))


async def post(address: str, form: Mapping[str, str], basic: tuple[str, str] | None = None) -> Json:
    """The JSON object that comes back for a form; ``basic`` is a name and a secret.

    Raises:
        Unanswered: it is not to be had.
    """
    return await _asked("POST", address, data=dict(form), auth=basic)


async def _asked(method: str, address: str, **options: Any) -> Json:
    async with httpx2.AsyncClient(verify=_tls(), timeout=_TIMEOUT, trust_env=False) as client:
        try:
            answer = (await client.request(method, address, **options)).raise_for_status().json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
            raise Unanswered("there is no usable answer") from None
    if not isinstance(answer, dict):
        raise Unanswered("the answer is no object")
    return answer


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
