"""The kinds of directory: a CSV export, SCIM 2.0, and the admin API of Keycloak."""

from __future__ import annotations

from collections.abc import Callable

from ktcheck.domain import Directory as Settings
from ktcheck.http import Evidence
from ktcheck.idp.accounts import Directory
from ktcheck.idp.directory.csv import CsvDirectory
from ktcheck.idp.directory.keycloak import KeycloakDirectory


def open_directory(
    settings: Settings, attribute: str, *, evidence: Evidence, trace_id: str, secret: Callable[[str], None]
) -> Directory:
    """The directory of ``[idp.directory]``; ``attribute`` is where it has the claim. Raises ``InputError``."""
    if settings.kind == "csv":
        assert settings.file is not None  # the domain file has it
        return CsvDirectory(settings.file, attribute)
    if settings.kind == "keycloak":
        return KeycloakDirectory(settings, attribute, evidence=evidence, trace_id=trace_id, secret=secret)
    from ktcheck.idp.directory.scim import ScimDirectory  # noqa: PLC0415 (its library takes seconds to import)

    return ScimDirectory(settings, attribute, evidence=evidence, trace_id=trace_id, secret=secret)
