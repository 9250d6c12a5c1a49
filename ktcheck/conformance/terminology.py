"""Value sets without a terminology server: those that can be listed become enumerations, the rest is named."""

from __future__ import annotations

from typing import Any

from ktcheck.conformance.package import Definitions

Json = dict[str, Any]

TERMINOLOGY = "http://hl7.org/fhir/R4/terminology"
LARGEST = 2_000

_ANYTHING = {"urn:ietf:bcp:47", "urn:ietf:bcp:13"}


class Terminology:
    """Expands value sets, each once, into ``$defs`` of codes by system."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._expanded: dict[str, dict[str, list[str]] | None] = {}
        self.defs: dict[str, Json] = {}

    def schema(self) -> Json:
        """Every value set that was asked for, as one document."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": TERMINOLOGY,
            "$defs": dict(sorted(self.defs.items())),
        }

    def reference(self, canonical: str, kind: str) -> str | None:
        """The reference to the codes of a value set for a type that holds a code; None when they cannot be listed."""
        url = canonical.partition("|")[0]
        codes = self.expand(url)
        if codes is None:
            return None
        name = f"{url.partition('://')[2].replace('/', '.')}.{kind}"
        if name not in self.defs:
            self.defs[name] = self._schema(codes, kind, url)
        return f"{TERMINOLOGY}#/$defs/{name}"

    def _schema(self, codes: dict[str, list[str]], kind: str, url: str) -> Json:
        if kind == "CodeableConcept":
            inner = self.reference(url, "Coding")
            return {"properties": {"coding": {"contains": {"$ref": inner}}}, "required": ["coding"]}
        if kind in {"Coding", "Quantity"}:
            systems = [
                {"properties": {"system": {"const": system}, "code": {"enum": members}}, "required": ["system", "code"]}
                for system, members in codes.items()
            ]
            return systems[0] if len(systems) == 1 else {"anyOf": systems}
        return {"enum": sorted({code for members in codes.values() for code in members})}

    def expand(self, url: str) -> dict[str, list[str]] | None:
        """The codes of a value set by system, or None when it cannot be listed (too large, filtered, not here)."""
        if url not in self._expanded:
            self._expanded[url] = None  # a value set that includes itself is no value set
            self._expanded[url] = self._expand(url)
        return self._expanded[url]

    def _expand(self, url: str) -> dict[str, list[str]] | None:
        definition = self._definitions.get(url, "ValueSet")
        if definition is None:
            return None
        compose = definition.get("compose", {})
        found: dict[str, list[str]] = {}
        for part in compose.get("include", ()):
            included = self._part(part)
            if included is None:
                return None
            for system, codes in included.items():
                found.setdefault(system, []).extend(codes)
        for part in compose.get("exclude", ()):
            excluded = self._part(part)
            if excluded is None:
                return None
            for system, codes in excluded.items():
                found[system] = [code for code in found.get(system, []) if code not in set(codes)]
        if not found or sum(map(len, found.values())) > LARGEST:
            return None
        return {system: sorted(set(codes)) for system, codes in sorted(found.items())}

    def _part(self, part: Json) -> dict[str, list[str]] | None:
        if part.get("filter"):
            return None
        found: dict[str, list[str]] | None = None
        if "system" in part:
            codes = [item["code"] for item in part["concept"]] if "concept" in part else self._all(part["system"])
            if codes is None:
                return None
            found = {part["system"]: codes}
        for other in part.get("valueSet", ()):
            expanded = self.expand(other.partition("|")[0])
            if expanded is None:
                return None
            if found is None:
                found = expanded
            else:
                found = {
                    system: [c for c in codes if c in set(expanded.get(system, ()))] for system, codes in found.items()
                }
        return found

    def _all(self, system: str) -> list[str] | None:
        definition = self._definitions.get(system, "CodeSystem")
        if definition is None or definition.get("content") != "complete":
            return None
        return list(_codes(definition.get("concept", ())))


def _codes(concepts: Any) -> Any:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", ()))
