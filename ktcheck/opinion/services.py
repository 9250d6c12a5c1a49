"""The services that can give a second opinion: the domain's own ``$validate``, and an HL7 validator-wrapper.

Sources: FHIR R4, operation Resource-validate; the HTTP interface of the validator-wrapper (``POST /validate``). A
validator-wrapper is another machine, that gets patient data: its address has to be given for every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import httpx2
import orjson

from ktcheck.domain import Domain
from ktcheck.errors import InputError, KtcheckError
from ktcheck.http import Evidence, is_secure, read_client, validator_client
from ktcheck.opinion.judgement import Judgement, of_outcome, of_wrapper
from ktcheck.smart.backend import BackendServices, BearerAuth, Secret

DOMAIN = "fhir"
"""What ``--second-opinion`` says for the domain's own ``$validate``; anything else is the address of a validator."""

PACKAGE = "koppeltaalv2.00"
"""The FHIR package of the KT2 profiles, which a validator has to know."""

Reason = Literal["status", "unreachable", "no-judgement", "slow", "given-up"]

# With these an answer may be a judgement: some servers answer an invalid resource as they would a wrong request.
_JUDGED = frozenset({200, 400, 412, 422})


class NoJudgementError(Exception):
    """A service did not judge a resource; ``status`` is that of its answer when that is the reason."""

    def __init__(self, reason: Reason, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.status = status


def check(asked: str, domain: Domain) -> None:
    """See whether a second opinion can be asked at all, before anything is read.

    Raises:
        InputError: the domain file lacks what is needed, or the address is none to which patient data may go.
    """
    if asked == DOMAIN:
        if domain.target is None or domain.target.fhir_base_url is None:
            raise InputError(
                "--second-opinion fhir asks the domain itself, so it needs [target] fhir_base_url in the domain file; "
                "with a snapshot only, give the address of a validator"
            )
        if domain.client is None:
            raise InputError("--second-opinion fhir needs [client] in the domain file, for a token")
        return
    try:
        url = httpx2.URL(asked)
        secure = is_secure(asked) and bool(urlsplit(asked).hostname)
    except (httpx2.InvalidURL, ValueError):
        secure = False
    if not secure:
        raise InputError(
            "--second-opinion: patient data goes there, so it has to be 'fhir' or the https address of a validator "
            "(http on this machine only)"
        )
    if url.userinfo or url.query:
        raise InputError(
            "--second-opinion: give the address without a user, password or parameters; it is written in the report"
        )


class Service:
    """Judges one resource at a time, inside an ``async with``; ``host`` is where it runs."""

    host: str

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the client."""
        await self._stack.enter_async_context(self._client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._stack.aclose()

    async def judge(self, resource: Mapping[str, Any], profile: str) -> Judgement:
        """What it says of a resource by a profile; raises ``NoJudgementError`` when it says nothing."""
        raise NotImplementedError

    async def _post(self, url: str, content: object, media: str, **options: Any) -> tuple[int, object]:
        """Status and JSON of an answer (None when it has none)."""
        headers = {"Content-Type": media, "Accept": media}
        try:
            response = await self._client.post(url, content=orjson.dumps(content), headers=headers, **options)
        except KtcheckError:
            raise NoJudgementError("unreachable") from None
        try:
            return response.status_code, orjson.loads(response.content)
        except orjson.JSONDecodeError:
            return response.status_code, None


class DomainService(Service):
    """The domain's own ``$validate``, with the suite's own token."""

    def __init__(self, domain: Domain, *, evidence: Evidence, trace_id: str, secret: Secret) -> None:
        assert domain.target  # ``check`` saw to all three
        assert domain.target.fhir_base_url
        assert domain.client
        self._base_url = domain.target.fhir_base_url.rstrip("/")
        self.host = httpx2.URL(self._base_url).host
        tokens = BackendServices(self._base_url, domain.client, evidence=evidence, trace_id=trace_id, secret=secret)
        super().__init__(
            read_client(self._base_url, evidence=evidence, trace_id=trace_id, auth=BearerAuth(tokens), validates=True)
        )

    async def judge(self, resource: Mapping[str, Any], profile: str) -> Judgement:
        """Ask it; the profile goes along, because the resource may claim none or another one."""
        url = f"{self._base_url}/{resource['resourceType']}/$validate"
        status, content = await self._post(url, resource, "application/fhir+json", params={"profile": profile})
        found = of_outcome(content) if status in _JUDGED else None
        if found is None or (status != 200 and found.valid):
            raise NoJudgementError("no-judgement" if status == 200 else "status", None if status == 200 else status)
        return found


class ValidatorService(Service):
    """An HL7 validator-wrapper at ``url``; ``version`` is the release of the KT2 profiles."""

    def __init__(self, url: str, version: str, *, evidence: Evidence, trace_id: str) -> None:
        self._url = url if url.endswith("/validate") else f"{url.rstrip('/')}/validate"
        self.host = httpx2.URL(url).netloc.decode("ascii")
        self._package = f"{PACKAGE}#{version}"
        self._session: str | None = None
        # HL7 validator 6.5.19 renamed cliContext to validationContext.
        self._context = "validationContext"
        super().__init__(validator_client(self._url, evidence=evidence, trace_id=trace_id))

    async def judge(self, resource: Mapping[str, Any], profile: str) -> Judgement:
        """Ask it; of an older one in the words that it knows."""
        status, content = await self._ask(resource, profile)
        if status != 200 and self._session is None and self._context == "validationContext":
            self._context = "cliContext"
            status, content = await self._ask(resource, profile)
        if status != 200:
            raise NoJudgementError("status", status)
        found = of_wrapper(content)
        if found is None or not isinstance(content, dict):
            raise NoJudgementError("no-judgement")
        session = content.get("sessionId")
        self._session = session if isinstance(session, str) else None
        return found

    async def _ask(self, resource: Mapping[str, Any], profile: str) -> tuple[int, object]:
        """One file to validate. Its name tells nothing; a session keeps what the validator has loaded."""
        request = {
            self._context: {"sv": "4.0.1", "locale": "en", "igs": [self._package], "profiles": [profile]},
            "filesToValidate": [
                {
                    "fileName": "resource.json",
                    "fileContent": orjson.dumps(resource).decode(),
                    "fileType": "json",
                }
            ],
            **({"sessionId": self._session} if self._session else {}),
        }
        return await self._post(self._url, request, "application/json")
