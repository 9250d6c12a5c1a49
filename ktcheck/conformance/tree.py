"""A StructureDefinition's snapshot as a tree of elements and slices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Node:
    """An element or a slice: its definition, what is below it, and its slices.

    ``implied``: the snapshot has only what is below it, so that its definition is that of the older form.
    """

    element: Json
    children: dict[str, Node] = field(default_factory=dict)
    slices: dict[str, Node] = field(default_factory=dict)
    implied: bool = False

    @property
    def id(self) -> str:
        """The element id, with slice names."""
        return str(self.element["id"])

    @property
    def is_list(self) -> bool:
        """Whether it is an array in JSON: what the base definition allows decides, not what a profile leaves of it."""
        return bool(self.element.get("base", self.element)["max"] not in {"0", "1"})

    @property
    def types(self) -> list[Json]:
        """The types it may have."""
        return list(self.element.get("type", ()))

    def at(self, path: str) -> Node | None:
        """The node below this one on a dotted path, or None."""
        node: Node | None = self
        for name in path.split("."):
            node = node.children.get(name) if node else None
        return node


def grow(definition: Mapping[str, Any]) -> Node:
    """The tree of a definition that has a snapshot."""
    root, *rest = definition["snapshot"]["element"]
    tree = Node(root)
    for element in rest:
        *above, last = element["id"].split(".")[1:]
        parent = tree
        for step in above:
            parent = _step(parent, step)
        name, _, slice_name = last.partition(":")
        if slice_name:
            parent.children.setdefault(name, _absent(f"{parent.id}.{name}")).slices[slice_name] = Node(element)
        else:
            parent.children[name] = Node(element)
    return tree


def _step(node: Node, step: str) -> Node:
    """One step down. Some snapshots name slices of an element that they do not have themselves."""
    name, _, slice_name = step.partition(":")
    below = node.children.setdefault(name, _absent(f"{node.id}.{name}"))
    return below.slices.setdefault(slice_name, _absent(f"{below.id}:{slice_name}")) if slice_name else below


def _absent(identity: str) -> Node:
    """An element that a profile says nothing about, only about what is below it."""
    return Node({"id": identity, "path": identity, "min": 0, "max": "*"}, implied=True)


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    yield node
    for below in (*node.children.values(), *node.slices.values()):
        yield from walk(below)
