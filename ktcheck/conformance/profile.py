"""What a profile adds to its parent, as a JSON Schema: only the differences, level by level.

Source: FHIR R4, profiling.html. A constraint that the parent, the type's own profile or the datatype has already is
theirs; so the document in which a validator finds an error is the level that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ktcheck.conformance.base import BASE, BOUND, CORE, Base, Left, merged, refers, rule
from ktcheck.conformance.beyond import RULES as BEYOND
from ktcheck.conformance.package import Definitions
from ktcheck.conformance.terminology import Terminology
from ktcheck.conformance.tree import Node, grow

Json = dict[str, Any]


_HEAD = frozenset({"$schema", "$id", "title"})
# Extensions are always sliced by url (profiling.html), and not every snapshot says so.
_BY_URL: Json = {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}
_UNTOLD: Json = {"discriminator": [], "rules": "open"}


@dataclass(slots=True)
class Compiled:
    """What came of one profile."""

    schema: Json
    left: list[Left] = field(default_factory=list)


class Profiles:
    """Compiles profiles and the profiles that they rest on, each once.

    Given ``required``, the profiles compiled that way, it compiles what is advised: the extensible bindings.
    """

    def __init__(
        self, definitions: Definitions, base: Base, terminology: Terminology, *, required: Profiles | None = None
    ) -> None:
        self._warnings = required is not None
        self._strength = "extensible" if required else "required"
        self._required = required or self
        self._definitions = definitions
        self._base = base
        self._terminology = terminology
        self._trees: dict[str, Node | None] = {}
        self.compiled: dict[str, Compiled] = {}
        self._now: Compiled | None = None
        self._url = ""

    def need(self, url: str) -> str | None:
        """The reference to a profile or type, compiled first when that has not been done; None when it is not here."""
        url = url.partition("|")[0]
        definition = self._definitions.get(url, "StructureDefinition")
        if definition is None or "snapshot" not in definition:
            return None
        if definition.get("derivation") != "constraint" and not self._warnings:
            return f"{BASE}{self._base.need(definition['type'])}"
        if definition["kind"] == "primitive-type" or not self._knows_more(definition):
            return None
        if url not in self.compiled:
            before = self._now, self._url
            self.compiled[url] = self._now = Compiled({})
            self._url = url
            self._compile(definition)
            self._now, self._url = before
        if self._warnings and not self.compiled[url].schema.keys() - _HEAD:
            return None
        return self.identity(url)

    def identity(self, url: str) -> str:
        """The ``$id`` of the schema of a profile."""
        return f"{url}/warnings" if self._warnings else url

    def _knows_more(self, definition: Json) -> bool:
        """R4's own datatypes say nothing in warnings that their elements do not say themselves."""
        return not self._warnings or definition["kind"] == "resource" or definition.get("derivation") == "constraint"

    def _compile(self, definition: Json) -> None:
        tree, parent = self._tree(definition["url"]), self._tree(definition.get("baseDefinition", ""))
        assert tree is not None
        assert self._now is not None
        parts, olds = [], []
        # What is advised may be replaced by a level above, what is required only narrowed.
        if not self._warnings:
            above = self.need(definition["baseDefinition"])
            parts, olds = ([{"$ref": above}] if above else []), ([parent] if parent else [])
            if above is None:
                self._leave(tree, f"the parent {definition['baseDefinition']} is not in the packages")
        body = merged([self._object(tree, olds), *self._rules(tree, olds)])
        self._now.schema |= {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": self.identity(definition["url"]),
            "title": definition.get("name", ""),
            **merged([*parts, body]),
        }

    def _tree(self, url: str) -> Node | None:
        url = url.partition("|")[0]
        if url not in self._trees:
            definition = self._definitions.get(url, "StructureDefinition")
            self._trees[url] = grow(definition) if definition and "snapshot" in definition else None
        return self._trees[url]

    def _leave(self, node: Node, what: str) -> None:
        assert self._now is not None
        self._now.left.append(Left(profile=self._url, element=node.id, what=what))

    # ---- an object and its elements ----------------------------------------------------------------------------

    def _object(self, node: Node, olds: list[Node]) -> Json:
        """The constraints on the elements of an object that its older forms do not have yet."""
        properties: dict[str, Any] = {}
        rules: list[Json] = []
        for name, child in node.children.items():
            before = [old.children[name] for old in olds if name in old.children]
            if child.implied and before:
                child.element = {**before[0].element, "id": child.id}
            self._element(child, before, properties, rules)
        return merged([{"properties": properties} if properties else {}, *rules])

    def _element(self, child: Node, before: list[Node], properties: dict[str, Any], rules: list[Json]) -> None:
        names = self._names(child)
        if child.element["max"] != "0":
            self._values(child, before, names, properties, rules)
        if self._warnings:
            return
        known = min((self._names(old) for old in before), key=len, default=names)
        if child.element["max"] == "0":
            if not any(old.element["max"] == "0" for old in before):
                for name in known:
                    properties[name] = False
                    if self._base.is_primitive(known[name]["code"]):
                        properties[f"_{name}"] = False
            return
        if known.keys() - names.keys() and not child.element["min"]:
            rules.append(self._narrowed(child, names))
        if child.element["min"] and not any(old.element["min"] for old in before):
            rules.append(_present(names, self._base))
        if child.is_list and child.element["min"] > 1:
            properties.setdefault(next(iter(names)), {})["minItems"] = child.element["min"]
        limit = child.element["max"]
        if child.is_list and limit != "*" and not any(old.element["max"] == limit for old in before):
            properties.setdefault(next(iter(names)), {})["maxItems"] = int(limit)

    def _values(
        self,
        child: Node,
        before: list[Node],
        names: dict[str, Json],
        properties: dict[str, Any],
        rules: list[Json],
    ) -> None:
        """The constraints on the values of an element, and on its slices."""
        choice = child.id.endswith("[x]")
        for name, kind in names.items():
            # A slice of a choice is one of its types: value[x]:valueCodeableConcept.
            chosen = child.slices.get(name) if choice else None
            sliced = [(chosen, self._slices(before, name))] if chosen else []
            for part, olds in ((child, before), *sliced):
                value, beside = self._value(part, olds, kind)
                demanded = part is chosen and part.element["min"] and not any(old.element["min"] for old in olds)
                if demanded and not self._warnings:
                    rules.append(_present({name: kind}, self._base))
                _put(properties, name, _listed(value, child.is_list))
                _put(properties, f"_{name}", _listed(beside, child.is_list))
                if _demands(beside):
                    rules.append({"dependentRequired": {name: [f"_{name}"]}})
        if not choice:
            (name,) = names
            _put(properties, name, self._sliced(child, before, names[name]))

    def _narrowed(self, child: Node, names: Iterable[str]) -> Json:
        """Of a choice only these types: when KT2 demands one, that it is there says so already."""
        chosen = [{"required": [name]} for name in names]
        return {"anyOf": [*chosen, {"$ref": f"{BASE}{self._base.without(child.element['base']['path'])}"}]}

    def _names(self, node: Node) -> dict[str, Json]:
        """The JSON names of an element with the type that each has."""
        last = node.id.rsplit(".", 1)[-1].partition(":")[0]
        if not last.endswith("[x]"):
            return {last: node.types[0] if node.types else {"code": ""}}
        return {last.replace("[x]", kind["code"][0].upper() + kind["code"][1:]): kind for kind in node.types}

    def _slices(self, nodes: Iterable[Node], name: str) -> list[Node]:
        return [node.slices[name] for node in nodes if name in node.slices]

    # ---- one value ---------------------------------------------------------------------------------------------

    def _value(self, node: Node, olds: list[Node], kind: Json) -> tuple[Json, Json]:
        """The constraints on one value, and on what is beside it (``_name``) when it is a primitive."""
        element = node.element
        parts = []
        for key, value in () if self._warnings else element.items():
            if key.startswith(("fixed", "pattern")) and not any(old.element.get(key) == value for old in olds):
                parts.append({"const": value} if key.startswith("fixed") else _subset(value))
        if (
            isinstance(element.get("maxLength"), int)
            and not self._warnings
            and not any("maxLength" in old.element for old in olds)
        ):
            parts.append({"maxLength": element["maxLength"]})
        parts += self._binding(node, olds, kind)
        parts += self._types(node, olds, kind)
        parts += self._rules(node, olds)
        below = self._object(node, [*olds, *self._roots(kind)]) if node.children else {}
        if self._base.is_primitive(kind["code"]):
            return merged(parts), below
        return merged([*parts, below]), {}

    def _roots(self, kind: Json) -> list[Node]:
        """The definitions of a type that its elements come from: its profiles, and the type itself."""
        urls = [*kind.get("profile", ()), CORE + kind["code"]]
        return [tree for url in urls if (tree := self._tree(url))]

    def _binding(self, node: Node, olds: list[Node], kind: Json) -> Iterator[Json]:
        binding = node.element.get("binding", {})
        url = binding.get("valueSet")
        if binding.get("strength") != self._strength or not url or kind["code"] not in BOUND:
            return
        if any(_same_binding(old.element.get("binding", {}), binding) for old in olds):
            return
        reference = self._terminology.reference(url, kind["code"])
        if reference:
            yield {"$ref": reference}
        else:
            what = "advised codes" if self._warnings else "codes"
            self._leave(node, f"{what} of {url} are not checked: it cannot be listed from the packages")

    def _types(self, node: Node, olds: list[Node], kind: Json) -> Iterator[Json]:
        """Profiles of a type, and the resource types that a reference may point to."""
        had = [profile for old in olds for item in old.types for profile in item.get("profile", ())]
        for profile in kind.get("profile", ()):
            if profile in had:
                continue
            reference = self.need(profile)
            if reference:
                yield {"$ref": reference}
            elif not self._warnings:
                self._leave(node, f"the profile {profile} is not in the packages")
        if self._warnings:
            return
        targets = self._base.targets(kind)
        if targets and not any(targets == self._base.targets(item) for old in olds for item in old.types):
            yield refers(targets)

    # ---- slices ------------------------------------------------------------------------------------------------

    def _sliced(self, child: Node, before: list[Node], kind: Json) -> Json:
        if not child.slices:
            return {}
        told_by = (node.element["slicing"] for node in (child, *before) if "slicing" in node.element)
        slicing = next(told_by, _BY_URL if kind["code"] == "Extension" else _UNTOLD)
        rules: list[Json] = []
        matches = []
        told = {name: self._match(part, slicing) for name, part in child.slices.items()}
        for name, part in child.slices.items():
            match = told[name]
            if part.element["max"] == "0" and list(told.values()).count(match) > 1:
                self._leave(part, "prohibited, but a schema cannot tell it from another slice that is allowed")
                continue
            if match is None:
                self._leave(part, f"slice by {_discriminated(slicing)} cannot be said in a schema")
                continue
            matches.append(match)
            olds = self._slices(before, name)
            rules += () if self._warnings else self._counted(part, olds, match)
            own = part.types[0] if part.types else kind
            value, _ = self._value(part, [*olds, child, *before], own)
            content = _without(value, match)
            if content and part.element["max"] != "0":
                rules.append({"items": {"if": match, "then": content}})
        if slicing["rules"] == "closed" and matches and not self._warnings:
            rules.append({"items": {"anyOf": matches}})
        return merged(rules)

    def _counted(self, part: Node, olds: list[Node], match: Json) -> Iterator[Json]:
        least, most = part.element["min"], part.element["max"]
        if most == "0":
            if not any(old.element["max"] == "0" for old in olds):
                yield {"items": {"not": match}}
            return
        counts = {}
        if least and not any(old.element["min"] >= least for old in olds):
            counts["minContains"] = least
        if most != "*" and not any(old.element["max"] == most for old in olds):
            counts |= {"minContains": counts.get("minContains", 0), "maxContains": int(most)}
        if counts:
            yield {"contains": match, **counts}

    def _match(self, part: Node, slicing: Json) -> Json | None:
        """What tells that an item belongs to a slice, None when a schema cannot say it."""
        found = []
        for discriminator in slicing.get("discriminator", ()):
            one = self._discriminated_by(part, discriminator["type"], discriminator["path"])
            if one is None:
                return None
            found.append(one)
        return merged(found) or None

    def _discriminated_by(self, part: Node, how: str, path: str) -> Json | None:
        if path.endswith(".resolve()") and how in {"profile", "type"}:
            return self._referring(part, path.removesuffix(".resolve()"))
        if "(" in path:
            return None
        if how == "profile":
            profiles = part.types[0].get("profile", ()) if part.types and path == "$this" else ()
            references = [reference for profile in profiles if (reference := self._required.need(profile))]
            return {"anyOf": [{"$ref": reference} for reference in references]} if references else None
        if how == "type":
            return {"properties": {"resourceType": {"enum": [kind["code"] for kind in part.types]}}}
        if how == "exists":
            node = self._find(part, path)
            gone = node is not None and node.element["max"] == "0"
            there = {"required": [path.rsplit(".", 1)[-1]]}
            return {"not": there} if gone else there
        node = part if path == "$this" else self._find(part, path)
        if node is None:
            return None
        told = self._told(node)
        return told if told is None or path == "$this" else _within(path.split("."), told, part, self._find)

    def _referring(self, part: Node, path: str) -> Json | None:
        """A slice by what a reference resolves to: told by the resource types it may refer to."""
        node = part.at(path)
        types = frozenset().union(*(self._base.targets(kind) for kind in node.types)) if node else frozenset()
        if not types:
            return None
        self._leave(part, f"told by the type of the reference in {path}, not by the profile of what it refers to")
        told = {"required": ["reference"], **refers(types)}
        return {"properties": {path: told}, "required": [path]}

    def _told(self, node: Node) -> Json | None:
        """The fixed value, pattern or codes that an element of a slice has to have."""
        for key, value in node.element.items():
            if key.startswith("fixed"):
                return {"const": value}
            if key.startswith("pattern"):
                return _subset(value)
        binding = node.element.get("binding", {})
        kind = node.types[0]["code"] if node.types else ""
        if binding.get("strength") == "required" and binding.get("valueSet") and kind in BOUND:
            reference = self._terminology.reference(binding["valueSet"], kind)
            return {"$ref": reference} if reference else None
        inner = {
            name: told for name, child in node.children.items() if (told := self._told(child)) and child.element["min"]
        }
        return {"properties": inner, "required": sorted(inner)} if inner else None

    def _find(self, part: Node, path: str) -> Node | None:
        """The element of a slice that a discriminator speaks of, in the slice or in the profiles of its type."""
        found = part.at(path)
        if found is not None:
            return found
        for kind in part.types:
            for root in self._roots(kind):
                found = root.at(path)
                if found is not None and self._told(found) is not None:
                    return found
        return None

    # ---- invariants --------------------------------------------------------------------------------------------

    def _rules(self, node: Node, olds: list[Node]) -> Iterator[Json]:
        """The invariants that its older forms and its types do not have yet."""
        if self._warnings:
            return
        kinds = [root for kind in node.types for root in self._roots(kind)]
        had = {item["key"] for old in [*olds, *kinds] for item in old.element.get("constraint", ())}
        for item in node.element.get("constraint", ()):
            if item["key"] not in {*had, *BEYOND} and item.get("expression"):
                yield rule(item)


def _same_binding(old: Json, new: Json) -> bool:
    return (
        old.get("strength") == new.get("strength")
        and str(old.get("valueSet")).partition("|")[0] == str(new.get("valueSet")).partition("|")[0]
    )


def _present(names: Mapping[str, Json], base: Base) -> Json:
    """An element is there, under one of its names; a primitive also when only its extensions are."""
    wanted = []
    for name, kind in names.items():
        wanted.append({"required": [name]})
        if base.is_primitive(kind["code"]):
            wanted.append({"required": [f"_{name}"]})
    return wanted[0] if len(wanted) == 1 else {"anyOf": wanted}


def _subset(value: Any) -> Json:
    """What a pattern asks for: at least these members, and of a list at least these items."""
    if isinstance(value, dict):
        return {"properties": {name: _subset(item) for name, item in value.items()}, "required": sorted(value)}
    if isinstance(value, list):
        return merged([{"contains": _subset(item)} for item in value])
    return {"const": value}


def _within(steps: list[str], told: Json, part: Node, find: Any) -> Json:
    for number in range(len(steps) - 1, -1, -1):
        node = find(part, ".".join(steps[: number + 1])) or part.at(".".join(steps[: number + 1]))
        listed = node is not None and node.is_list
        told = {"properties": {steps[number]: {"contains": told} if listed else told}, "required": [steps[number]]}
    return told


def _listed(schema: Json, is_list: bool) -> Json:
    return {"items": schema} if schema and is_list else schema


def _demands(beside: Json) -> bool:
    """Whether what is beside a primitive has to be there: something in it is required."""
    return "required" in beside or any(_demands(part) for part in beside.get("allOf", ()))


def _without(content: Json, match: Json) -> Json:
    """A slice's content without what already told that it is that slice."""
    return {} if content == match else content


def _discriminated(slicing: Json) -> str:
    return ", ".join(f"{item['type']} {item['path']}" for item in slicing.get("discriminator", ())) or "nothing"


def _put(properties: dict[str, Any], name: str, schema: Json) -> None:
    if schema:
        properties[name] = merged([properties.get(name, {}), schema])
