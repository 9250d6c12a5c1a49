"""Where the boxes and arrows of the publication order go."""

import re
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ktcheck.report.diagram import BOX_HEIGHT, BOX_WIDTH, Diagram, lay_out


def row(number: int, kind: str, *waits: str, application: str = "A") -> dict[str, Any]:
    return {
        "round": number,
        "application": application,
        "type": kind,
        "records": 1,
        "waits_for": [{"application": application, "type": name, "references": 1} for name in waits],
    }


def ends(diagram: Diagram) -> set[tuple[str, str]]:
    """The arrows as (what goes first, what waits)."""
    right = {(box.x + BOX_WIDTH, box.y + BOX_HEIGHT / 2): box.row["type"] for box in diagram.boxes}
    left = {(box.x, box.y + BOX_HEIGHT / 2): box.row["type"] for box in diagram.boxes}
    found = set()
    for path in diagram.arrows:
        points = [float(number) for number in re.findall(r"[\d.]+", path)]
        found.add((right[points[0], points[1]], left[points[-2], points[-1]]))
    return found


def test_rounds_are_columns() -> None:
    diagram = lay_out([row(1, "Organization"), row(2, "Patient", "Organization"), row(4, "Task", "Patient")])
    assert [number for number, _ in diagram.rounds] == [1, 2, 4]
    assert [box.x for box in diagram.boxes] == [x for _, x in diagram.rounds]
    assert diagram.boxes[-1].x + BOX_WIDTH == diagram.width


def test_an_arrow_that_follows_from_others_is_not_drawn() -> None:
    diagram = lay_out(
        [
            row(1, "Organization"),
            row(2, "Patient", "Organization"),
            row(3, "Task", "Patient", "Organization"),
        ]
    )
    assert ends(diagram) == {("Organization", "Patient"), ("Patient", "Task")}


def test_an_arrow_passes_a_column_beside_its_boxes() -> None:
    diagram = lay_out(
        [
            row(1, "Organization"),
            row(1, "ActivityDefinition"),
            row(2, "Patient", "Organization"),
            row(3, "Task", "Patient", "ActivityDefinition"),
        ]
    )
    assert ends(diagram) == {("Organization", "Patient"), ("ActivityDefinition", "Task"), ("Patient", "Task")}
    (passing,) = [path for path in diagram.arrows if "H" in path]
    level = float(re.findall(r"([\d.]+)H", passing)[0])
    (patient,) = [box for box in diagram.boxes if box.row["type"] == "Patient"]
    assert not patient.y <= level <= patient.y + BOX_HEIGHT


def test_what_waits_for_itself_or_for_nothing_in_the_order_has_no_arrow() -> None:
    assert lay_out([row(1, "Task", "Task", "CareTeam")]).arrows == ()


def test_a_type_in_two_rounds_waits_for_its_own_first_round() -> None:
    diagram = lay_out([row(1, "Task"), row(2, "Task", "Task")])
    assert len(diagram.arrows) == 1


def test_nothing_has_no_size() -> None:
    diagram = lay_out([])
    assert (diagram.width, diagram.boxes, diagram.rounds) == (0, (), ())


@st.composite
def orders(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Orders in which everything waits for earlier rounds only."""
    rows: list[dict[str, Any]] = []
    for at in range(draw(st.integers(1, 30))):
        number = draw(st.integers(1, 6))
        earlier = [item["type"] for item in rows if item["round"] < number]
        waits = draw(st.lists(st.sampled_from(earlier), unique=True, max_size=5)) if earlier else []
        rows.append(row(number, f"Type{at}", *waits))
    return rows


@given(orders())
def test_boxes_do_not_overlap_and_stay_inside(order: list[dict[str, Any]]) -> None:
    diagram = lay_out(order)
    assert len(diagram.boxes) == len(order)
    for box in diagram.boxes:
        assert 0 <= box.x <= diagram.width - BOX_WIDTH
        assert 0 < box.y <= diagram.height - BOX_HEIGHT
    for one, other in combinations(diagram.boxes, 2):
        assert one.x != other.x or abs(one.y - other.y) >= BOX_HEIGHT


@given(orders())
def test_the_arrows_say_all_that_waits(order: list[dict[str, Any]]) -> None:
    """Following the arrows leads from everything to all that it waits for, and to nothing else."""
    arrows = ends(lay_out(order))

    def reach(pairs: set[tuple[str, str]], start: str) -> set[str]:
        direct = {first for first, then in pairs if then == start}
        return direct.union(*(reach(pairs, name) for name in direct))

    said = {(item["type"], item_waits["type"]) for item in order for item_waits in item["waits_for"]}
    waits = {(first, then) for then, first in said}
    for item in order:
        assert reach(arrows, item["type"]) == reach(waits, item["type"])
