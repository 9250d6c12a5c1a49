"""The shape of a migration: what the domains of a cluster have in common when they are migrated in the same way.

The shape of the approved first domain is the template for the others (``report.json``, member ``shape``). It holds how
things are set up and how numbers relate: no personal data, and nothing that is different in every domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ktcheck import tables
from ktcheck.agreements import Agreements
from ktcheck.domain import Domain, IdentityProvider
from ktcheck.facts import Fact, Target

Row = Mapping[str, Any]
ASPECTS = ("versions", "agreements", "applications", "permissions", "idp", "identifiers", "counts", "launch", "waivers")


class Shape:
    """Listens to the facts as they pass, for what only the resources show."""

    def __init__(self, domain: Domain, agreements: Agreements) -> None:
        self._domain = domain
        self._agreements = agreements
        self._systems: set[tuple[str, str]] = set()

    def add(self, fact: Fact) -> None:
        """Take in a fact; only migrated resources have a part in the shape."""
        if isinstance(fact, Target) and fact.sources:
            self._systems |= {(fact.type, self._system(item.get("system"))) for item in fact.identifiers}

    def found(
        self, counts: Iterable[Row], target: Row | None, launches: Iterable[Row], waivers: Iterable[Row]
    ) -> dict[str, dict[str, Any]]:
        """The shape, by aspect and name; the arguments are as in ``report.json``.

        Every value is a text, but that of ``counts``: how many records KT1 had, and how many of them move.
        """
        target = target or {}
        versions = {
            "profile_version": self._domain.target.profile_version if self._domain.target else None,
            "profile_release": target.get("profile_release"),
            "fhir_version": target.get("fhir_version"),
        }
        return {
            "versions": {name: value for name, value in versions.items() if value},
            "agreements": {row["key"]: _answer(row) for row in self._agreements.rows()},
            "applications": {app.name: f"{app.role}: {', '.join(app.owns) or '-'}" for app in self._domain.application},
            "permissions": {row["type"]: row["rights"] for row in target.get("types", ()) if "rights" in row},
            "idp": {_provider(idp): self._login(idp) for idp in self._domain.idp},
            "identifiers": {f"{kind} {system}": "+" for kind, system in sorted(self._systems)},
            "counts": {row["source_type"]: [row["source"] or 0, row["expected"] or 0] for row in counts},
            "launch": {
                f"{row['application']} {row['user_type']}": ", ".join(step["name"] for step in row["steps"])
                for row in launches
            },
            "waivers": {
                " ".join(row[key] for key in ("rule", "type", "application", "path") if row[key]): "+"
                for row in waivers
            },
        }

    def _system(self, system: object) -> str:
        """A system that the tables know as it is; of another only the host, because the rest may name anybody."""
        if not isinstance(system, str):
            return "(none)"
        if system in _known_systems() or system in {idp.identifier_system for idp in self._domain.idp}:
            return self._general(system)
        host = urlsplit(system).hostname
        return self._general(f"//{host}") if host else "(other)"

    def _login(self, idp: IdentityProvider) -> str:
        """How a user type logs in, with what is different in every domain taken out of the address."""
        parts = urlsplit(idp.issuer)
        address = self._general(f"{parts.hostname}{parts.path}")
        kinds = [idp.login.kind if idp.login else "-", idp.directory.kind if idp.directory else "-"]
        return f"{idp.claim} = {self._general(idp.identifier_system)}, {' '.join(kinds)}, {address}"

    def _general(self, text: str) -> str:
        about = self._domain.domain
        for name, general in ((about.name, "{domain}"), (about.environment, "{environment}")):
            text = re.sub(re.escape(name), general, text, flags=re.IGNORECASE) if name else text
        return text


def _known_systems() -> frozenset[str]:
    prefix = tables.migration().system
    own = {f"{prefix}{row.identifier}" for row in tables.migration().rows.values() if row.identifier}
    table = tables.identifiers()
    return frozenset(own.union(table.not_national, table.not_national.values(), table.normalise.values()))


def _answer(row: Row) -> str:
    text = f"{row['option']} {row['value']}" if row["value"] else str(row["option"])
    return text if row["agreed"] else f"({text})"


def _provider(idp: IdentityProvider) -> str:
    return f"{idp.user_type} {idp.application}" if idp.application else idp.user_type
