"""Answers in the form of KT2: FHIR JSON, and an OperationOutcome for what is wrong (TOP-KT-012a)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

FHIR_JSON = "application/fhir+json; charset=utf-8"
FHIR_ID = r"[A-Za-z0-9\-.]{1,64}"


class Refused(Exception):  # noqa: N818 (it is an answer, not an error of the service)
    """The request is answered with a status in the 4xx range and an OperationOutcome."""

    def __init__(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


def fhir(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A FHIR resource as answer."""
    return Response(orjson.dumps(content), status, dict(headers or {}), FHIR_JSON)


def plain_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that is no FHIR: OAuth2 and its metadata."""
    return Response(orjson.dumps(content), status, dict(headers or {}), "application/json")


async def refusal(_: Request, error: Exception) -> Response:
    """A refusal as answer."""
    assert isinstance(error, Refused)
    issue = {"severity": "error", "code": error.code, "diagnostics": str(error)}
    return fhir({"resourceType": "OperationOutcome", "issue": [issue]}, error.status, error.headers)
