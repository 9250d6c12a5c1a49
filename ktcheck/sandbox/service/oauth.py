"""What every endpoint of OAuth2 shares: reading a form, and saying no (RFC 6749)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ktcheck.sandbox.service.answers import plain_json

Json = dict[str, Any]

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Denied(Exception):  # noqa: N818 (it is an answer of OAuth2, not an error of the service)
    """The answer is no: an error code of OAuth2 with a status and a reason."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code

    def answer(self) -> Response:
        """The refusal as JSON."""
        return plain_json({"error": self.code, "error_description": str(self)}, self.status, NO_STORE)


async def refusal(_: Request, error: Exception) -> Response:
    """A refusal of an endpoint as answer."""
    assert isinstance(error, Denied)
    return error.answer()


async def form(request: Request) -> dict[str, str]:
    """The fields of a form that was posted; each is there once.

    Raises:
        Denied: it is no form, or cannot be read.
    """
    if request.headers.get("content-type", "").split(";", maxsplit=1)[0].strip() != "application/x-www-form-urlencoded":
        raise Denied(400, "invalid_request", "the request is not a form (application/x-www-form-urlencoded)")
    body = await request.body()
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body))
    except ValueError:
        raise Denied(400, "invalid_request", "the form cannot be read") from None
    return once((name, value) for name, values in fields.items() for value in values)


async def parameters(request: Request) -> dict[str, str]:
    """The parameters of a request that may come as a query or as a form."""
    return await form(request) if request.method == "POST" else once(request.query_params.multi_items())


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name.

    Raises:
        Denied: one is there more than once.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise Denied(400, "invalid_request", "a parameter is there more than once")
        found[name] = value
    return found


def redirect(address: str, **parameters: str | None) -> Response:
    """Send a browser to an address, with parameters added to its query; None is left out."""
    scheme, host, path, query, _ = urlsplit(address)
    pairs = [*parse_qsl(query, keep_blank_values=True)]
    pairs += [(name, value) for name, value in parameters.items() if value is not None]
    return RedirectResponse(urlunsplit((scheme, host, path, urlencode(pairs), "")), 302, NO_STORE)
