"""The structure of FHIR itself: every datatype and resource type as a closed JSON Schema definition.

Source: FHIR R4, json.html: primitives beside their ``_`` properties, choice types, no nulls but in lists of primitives
that have extensions, no empty texts, lists or objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ktcheck.conformance.beyond import RULES as BEYOND
from ktcheck.conformance.package import Definitions
from ktcheck.conformance.terminology import Terminology
from ktcheck.conformance.tree import Node, grow

Json = dict[str, Any]

CORE = "http://hl7.org/fhir/StructureDefinition/"
BASE = "http://hl7.org/fhir/R4"
_SYSTEM = "http://hl7.org/fhirpath/System."
_FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_REGEX = "http://hl7.org/fhir/StructureDefinition/regex"
_JSON = {"Boolean": "boolean", "Integer": "integer", "Decimal": "number"}
# A number in JSON although the definition says System.String: these restrict integer (json.html).
_ANY_RESOURCE = {
    "type": "object",
    "properties": {"resourceType": {"type": "string", "minLength": 1}},
    "required": ["resourceType"],
}
_INTEGERS = {"integer", "positiveInt", "unsignedInt"}


_CONTAINED = {"contained": False, "meta": {"properties": {"versionId": False, "lastUpdated": False, "security": False}}}
# Invariants that JSON Schema says itself, or says when to ask: much faster. ele-1: nothing may be empty anyway.
PLAIN: dict[str, Json] = {
    "ele-1": {},
    "ext-1": {
        "if": {"required": ["extension"]},
        "then": {"$ref": f"{BASE}#/$defs/Extension.value.none"},
        "else": {"not": {"$ref": f"{BASE}#/$defs/Extension.value.none"}},
    },
    "cpt-2": {"dependentRequired": {"value": ["system"]}},
    "dom-2": {"properties": {"contained": {"items": {"properties": _CONTAINED}}}},
    "dom-4": {},  # with dom-2
    "dom-5": {},  # with dom-2
    "kt2pnu-1": {"required": ["use"]},
}
# Invariants about something that is seldom there: what has to be there before they are asked.
WHEN: dict[str, list[str]] = {"per-1": ["start", "end"], "inv-1": ["lastModified", "authoredOn"]}
BOUND = frozenset({"code", "Coding", "CodeableConcept", "Quantity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something of a profile that no schema can say: what, at which element of which profile."""

    profile: str
    element: str
    what: str


def rule(item: Json) -> Json:
    """An invariant as a schema: in plain JSON Schema where that can be said, else under our keyword ``fhirpath``."""
    if item["key"] in PLAIN:
        return PLAIN[item["key"]]
    asked = {"fhirpath": [{name: item[name] for name in ("key", "severity", "expression")}]}
    needs = WHEN.get(item["key"])
    return {"if": {"required": needs}, "then": asked} if needs else asked


class Base:
    """Compiles R4's own types, each once, into ``$defs``."""

    def __init__(self, definitions: Definitions, terminology: Terminology) -> None:
        self._definitions = definitions
        self._terminology = terminology
        self.defs: dict[str, Json] = {}
        self.left: list[Left] = []
        self._rules: dict[str, list[Json]] = {}

    def schema(self) -> Json:
        """Everything that was asked for, with what it needs, as one document."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": BASE,
            "$defs": dict(sorted(self.defs.items())),
        }

    def need(self, name: str) -> str:
        """The reference to a type, which is compiled first when that has not been done."""
        if name not in self.defs:
            definition = self._definitions.get(CORE + name, "StructureDefinition")
            if definition is None:
                raise KeyError(name)
            self.defs[name] = {}  # types refer to themselves
            kind = definition["kind"]
            tree = grow(definition)
            self._note_rules(definition)
            self.defs[name] = (
                self._primitive(tree, name) if kind == "primitive-type" else self._object(tree, tree, name)
            )
            if kind == "resource":
                self.defs[name]["properties"]["resourceType"] = {"const": name}
                self.defs[name]["required"] = ["resourceType", *self.defs[name].get("required", ())]
        return f"#/$defs/{name}"

    def without(self, path: str) -> str:
        """The reference to the absence of a choice element (``Extension.value[x]``)."""
        name = f"{path.removesuffix('[x]')}.none"
        if name not in self.defs:
            kind, _, last = path.rpartition(".")
            self.need(kind.partition(".")[0])
            prefix = last.removesuffix("[x]")
            variants = [
                n for n in self.defs[kind]["properties"] if n.startswith(prefix) and n[len(prefix) :][:1].isupper()
            ]
            self.defs[name] = {"not": {"anyOf": [{"required": [variant]} for variant in variants]}}
        return f"#/$defs/{name}"

    def is_primitive(self, name: str) -> bool:
        """Whether a type is a primitive one."""
        definition = self._definitions.get(CORE + name, "StructureDefinition")
        return definition is not None and definition["kind"] == "primitive-type"

    def _primitive(self, tree: Node, name: str) -> Json:
        (kind,) = tree.children["value"].types
        regex = next((item["valueString"] for item in kind.get("extension", ()) if item["url"] == _REGEX), None)
        json_type = "integer" if name in _INTEGERS else _JSON.get(kind["code"].removeprefix(_SYSTEM), "string")
        if json_type != "string":
            limits = {"positiveInt": {"minimum": 1}, "unsignedInt": {"minimum": 0}}
            return {"type": json_type, **limits.get(name, {})}
        return {"type": "string", **({"pattern": f"^({regex})$"} if regex else {"minLength": 1})}

    def _object(self, node: Node, root: Node, name: str) -> Json:
        """A closed object with every element of a type or of a part of it."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        rules: list[Json] = []
        for child in node.children.values():
            names = self._add(child, root, name, properties)
            if len(names) > 1:
                one = [{"required": [variant]} for variant in names]
                none = f"{child.id.removesuffix('[x]')}.none"
                self.defs.setdefault(none, {"not": {"anyOf": one}})
                rules.append({"oneOf": one if child.element["min"] else [*one, {"$ref": f"#/$defs/{none}"}]})
            elif child.element["min"]:
                if f"_{names[0]}" in properties:
                    rules.append({"anyOf": [{"required": [names[0]]}, {"required": [f"_{names[0]}"]}]})
                else:
                    required.append(names[0])
        rules += [_aligned(name) for name in properties if "null" in str(properties[name]) and not name.startswith("_")]
        schema: Json = {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}
        if required:
            schema["required"] = required
        return merged([schema, *rules, *self._rules.get(node.id, ())])

    def _note_rules(self, definition: Json) -> None:
        """The invariants that a type adds to its parent's: those of its differential; every resource has dom-*."""
        elements = list(definition.get("differential", {}).get("element", ()))
        if definition["kind"] == "resource":
            domain = self._definitions.get(f"{CORE}DomainResource", "StructureDefinition")
            general = domain["differential"]["element"][0].get("constraint", ()) if domain else ()
            elements.append({"id": definition["type"], "constraint": general})
        for element in elements:
            for item in element.get("constraint", ()):
                if item["key"] not in BEYOND and item.get("expression"):
                    self._rules.setdefault(element["id"], []).append(rule(item))

    def _add(self, child: Node, root: Node, name: str, properties: dict[str, Any]) -> list[str]:
        """Add an element under each of its names; returns those names."""
        last = child.id.rsplit(".", 1)[1]
        if "contentReference" in child.element:
            place = child.element["contentReference"].partition("#")[2]
            self._backbone(root, place, name)
            properties[last] = _listed({"$ref": f"#/$defs/{place}"}, child.is_list)
            return [last]
        if child.children:
            self._backbone(root, child.id, name)
            properties[last] = _listed({"$ref": f"#/$defs/{child.id}"}, child.is_list)
            return [last]
        names = []
        for kind in child.types:
            code = self._code(kind)
            own = last.replace("[x]", code[0].upper() + code[1:]) if last.endswith("[x]") else last
            names.append(own)
            if code == "Resource":
                properties[own] = _listed(_ANY_RESOURCE, child.is_list)
            elif code == "xhtml":
                properties[own] = {"type": "string", "minLength": 1}
                self.left += [
                    Left(
                        profile=BASE, element=child.id, what=f"the invariant {item['key']} about HTML: {item['human']}"
                    )
                    for item in child.element.get("constraint", ())
                    if item["key"].startswith("txt-")
                ]
            elif self.is_primitive(code) and not kind["code"].startswith(_SYSTEM):
                value = {"$ref": self.need(code), **self._bound(child, code)}
                self._add_primitive(own, value, child.is_list, properties)
            else:
                value = {"$ref": self.need(code), **self._bound(child, code), **refers(self.targets(kind))}
                properties[own] = _listed(merged([value, *self._rules.get(child.id, ())]), child.is_list)
        return names

    def _code(self, kind: Json) -> str:
        """The FHIR type of an element: ids and urls are declared as System.String."""
        if not kind["code"].startswith(_SYSTEM):
            return str(kind["code"])
        given = next((item for item in kind.get("extension", ()) if item["url"] == _FHIR_TYPE), None)
        return str(given.get("valueUrl") or given.get("valueUri")) if given else "string"

    def _bound(self, child: Node, code: str) -> Json:
        """The codes that an element has to be one of."""
        binding = child.element.get("binding", {})
        if binding.get("strength") != "required" or code not in BOUND:
            return {}
        reference = self._terminology.reference(binding["valueSet"], code)
        if reference is None:
            what = f"codes of {binding['valueSet']} are not checked: it cannot be listed from the packages"
            self.left.append(Left(profile=BASE, element=child.id, what=what))
            return {}
        return {"allOf": [{"$ref": reference}]}

    def targets(self, kind: Json) -> frozenset[str]:
        """The resource types that a reference may point to; empty: any."""
        if kind["code"] != "Reference":
            return frozenset()
        found = set()
        for url in kind.get("targetProfile", ()):
            definition = self._definitions.get(url, "StructureDefinition")
            if definition is None:
                return frozenset()
            found.add(definition["type"])
        return frozenset() if "Resource" in found else frozenset(found)

    def _add_primitive(self, own: str, value: Json, is_list: bool, properties: dict[str, Any]) -> None:
        element = self.need("Element")
        if not is_list:
            properties[own] = value
            properties[f"_{own}"] = {"$ref": element}
            return
        # null in the one list stands for a value, or an extension, that the other list has at that place.
        properties[own] = {"type": "array", "minItems": 1, "items": {"anyOf": [value, {"type": "null"}]}}
        properties[f"_{own}"] = {
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [{"$ref": element}, {"type": "null"}]},
        }

    def _backbone(self, root: Node, place: str, name: str) -> None:
        if place not in self.defs:
            self.defs[place] = {}
            node = root.at(place.partition(".")[2])
            assert node is not None
            self.defs[place] = self._object(node, root, name)


def _aligned(name: str) -> Json:
    """A list of values may hold null only beside a list of their extensions."""
    full = {"properties": {name: {"items": {"not": {"type": "null"}}}}}
    return {"if": {"not": {"required": [f"_{name}"]}}, "then": full}


def refers(types: frozenset[str]) -> Json:
    """A literal reference is to one of these types; what kind of reference it is, is told elsewhere."""
    if not types:
        return {}
    names = "|".join(sorted(types))
    return {
        "properties": {
            "reference": {"pattern": f"^(#|urn:|(.*/)?({names})/[A-Za-z0-9.-]+(/_history/[A-Za-z0-9.-]+)?$)"},
            "type": {"enum": sorted(types)},
        }
    }


def _listed(schema: Json, is_list: bool) -> Json:
    return {"type": "array", "minItems": 1, "items": schema} if is_list else schema


def merged(parts: Iterable[Json]) -> Json:
    """All of the parts at once: in one object where their keywords differ, else in ``allOf``."""
    result: Json = {}
    more: list[Json] = []
    for part in parts:
        clash = result.keys() & part.keys()
        if clash == {"required"}:
            result["required"] = [*result["required"], *(n for n in part["required"] if n not in result["required"])]
            result |= {key: value for key, value in part.items() if key != "required"}
        elif clash == {"fhirpath"}:
            result["fhirpath"] = [*result["fhirpath"], *(i for i in part["fhirpath"] if i not in result["fhirpath"])]
            result |= {key: value for key, value in part.items() if key != "fhirpath"}
        elif clash == {"properties"} and not (result["properties"].keys() & part["properties"].keys()):
            result["properties"] = result["properties"] | part["properties"]
            result |= {key: value for key, value in part.items() if key != "properties"}
        elif clash == {"allOf"}:
            more += part["allOf"]
            result |= {key: value for key, value in part.items() if key != "allOf"}
        elif clash:
            more.append(part)
        else:
            result |= part
    if more:
        result["allOf"] = [*result.get("allOf", ()), *more]
    return result
