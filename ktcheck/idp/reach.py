"""Whether identity providers and directories can be reached, without reading an account."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass

from ktcheck.domain import Domain, UserType
from ktcheck.errors import RunError
from ktcheck.idp.directory import open_directory
from ktcheck.idp.discovery import read_metadata
from ktcheck.idp.observe import is_configured, places


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedDirectory:
    """A directory that lets us in, and how many accounts it says it has (None: it does not say)."""

    kind: str
    user_types: tuple[UserType, ...]
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedIssuer:
    """An identity provider that has a discovery document."""

    issuer: str
    user_types: tuple[UserType, ...]


def reach(domain: Domain) -> tuple[list[ReachedIssuer], list[ReachedDirectory]]:
    """Ask every issuer for its discovery document and every directory how many accounts it has.

    Raises:
        InputError: a directory is not as the domain file says, or does not let us in.
        RunError: an issuer or a directory does not answer.
    """
    if not is_configured(domain):
        return [], []
    return asyncio.run(_reach(domain))


async def _reach(domain: Domain) -> tuple[list[ReachedIssuer], list[ReachedDirectory]]:
    trace_id = str(uuid.uuid4())
    issuers, directories = [], []
    for issuer in dict.fromkeys(provider.issuer for provider in domain.idp):
        metadata = await read_metadata(issuer, domain.idp, evidence=lambda _: None, trace_id=trace_id)
        if not metadata.found:
            told = f"status {metadata.status}" if metadata.status else "no answer"
            raise RunError(f"{issuer}: there is no discovery document ({told}); check [[idp]] issuer")
        issuers.append(ReachedIssuer(issuer=issuer, user_types=metadata.user_types))
    for (settings, attribute), user_types in places(domain.idp).items():
        directory = open_directory(
            settings, attribute, evidence=lambda _: None, trace_id=trace_id, secret=lambda _: None
        )
        total = await directory.total()
        directories.append(ReachedDirectory(kind=settings.kind, user_types=user_types, total=total))
    return issuers, directories
