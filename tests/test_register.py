"""Scenarios, rules, requirements and draaiboek steps agree with each other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pytest_bdd.feature import get_features

from ktcheck import tables
from ktcheck.findings import Severity
from ktcheck.rules import registered
from ktcheck.scenarios import AREAS, PHASES, Tags, selected, understand
from ktcheck.suite import FEATURES, PROFILES, ROOT

COVERED_AREAS = ("identifiers", "references", "resources")
WEIGHT = {Severity.ADVICE: 0, Severity.MAJOR: 1, Severity.BLOCKING: 2}


def _scenarios() -> Iterator[tuple[Path, str, Tags, list[str]]]:
    for feature in get_features([str(FEATURES)]):
        for template in feature.scenarios.values():
            steps = [step.name for step in template.steps]
            yield Path(feature.filename), template.name, understand(template.tags | feature.tags), steps


SCENARIOS = list(_scenarios())


def _rules_of_sentences() -> dict[str, tuple[str, ...]]:
    """Which rules each Dan sentence asks for, read from the step modules."""
    found = {}
    for module in sorted((ROOT / "steps").glob("*.py")):
        text = module.read_text(encoding="utf-8")
        pattern = r"@then\((?:parsers\.parse\()?(['\"])(.+?)\1\)?\)\ndef .+?:\n    check\((.+?)\)\n"
        for _, sentence, call in re.findall(pattern, text, flags=re.DOTALL):
            found[sentence] = tuple(re.findall(r'"([a-z]+\.[a-z-]+)"', call))
    return found


REFUSED = {
    f"weigert de voorziening dit: {row.what_nl}": (f"refusals.{name}",) for name, row in tables.refusals().items()
}
SENTENCES = _rules_of_sentences() | REFUSED


def _rules(steps: list[str]) -> set[str]:
    rules: set[str] = set()
    for step in steps:
        for sentence, names in SENTENCES.items():
            pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(sentence))
            if re.fullmatch(pattern, step):
                rules.update(names)
    return rules


def test_there_are_scenarios_and_sentences() -> None:
    assert len(SCENARIOS) >= 30
    assert len(SENTENCES) >= 30


def test_every_registered_rule_has_texts_and_the_other_way_round() -> None:
    assert set(registered()) == set(tables.rules())


@pytest.mark.parametrize("name", sorted(tables.rules()))
def test_a_rule_names_known_requirements_a_known_step_and_area(name: str) -> None:
    rule = tables.rules()[name]
    assert set(rule.requirements) <= set(tables.requirements())
    assert rule.step in tables.steps()
    assert rule.area in AREAS
    for part in ("title", "why", "remedy", "look"):
        for language in ("nl", "en"):
            assert not tables.placeholders(rule.texts[f"{part}_{language}"])
    dutch, english = (tables.placeholders(rule.texts[f"message_{language}"]) for language in ("nl", "en"))
    assert {word.removesuffix("_nl") for word in dutch} == {word.removesuffix("_en") for word in english}


def test_every_rule_is_asked_for_by_a_scenario() -> None:
    asked = set().union(*(_rules(steps) for *_, steps in SCENARIOS))
    assert asked == set(tables.rules())


@pytest.mark.parametrize(("path", "name", "tags", "steps"), SCENARIOS, ids=[tags.id for _, _, tags, _ in SCENARIOS])
def test_tags_and_checks_agree(path: Path, name: str, tags: Tags, steps: list[str]) -> None:
    rules = [tables.rules()[rule] for rule in _rules(steps)]
    assert rules, f"{name} checks nothing"
    assert set(tags.requirements) <= set(tables.requirements()), "unknown requirement"
    assert set(tags.requirements) == {requirement for rule in rules for requirement in rule.requirements}
    assert tags.severity == max((rule.severity for rule in rules), key=WEIGHT.__getitem__)
    assert {rule.area for rule in rules} == {tags.area}
    assert {rule.step for rule in rules} == {tags.step}
    assert path.parent.name in PHASES
    assert tables.steps()[tags.step]["phase"] == path.parent.name


def test_scenario_ids_are_unique() -> None:
    ids = [tags.id for _, _, tags, _ in SCENARIOS]
    assert len(ids) == len(set(ids))


def test_the_register_lists_exactly_the_scenarios_that_verify_a_requirement() -> None:
    verified = defaultdict(set)
    for _, _, tags, _ in SCENARIOS:
        for requirement in tags.requirements:
            verified[requirement].add(tags.id)
    for row in tables.requirements().values():
        assert set(row.scenarios) == verified[row.id], row.id


@pytest.mark.parametrize("requirement", tables.requirements().values(), ids=lambda row: row.id)
def test_a_requirement_has_scenarios_or_a_reason(requirement: tables.Requirement) -> None:
    assert bool(requirement.scenarios) != bool(requirement.reason_nl and requirement.reason_en)


def test_requirements_of_the_covered_areas_are_in_the_register() -> None:
    areas = {row.area for row in tables.requirements().values()}
    assert areas >= set(COVERED_AREAS)


def test_yaml_tables_have_no_key_twice() -> None:
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[object, object]:
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"twice in {node.start_mark}"
        return dict(loader.construct_pairs(node))

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    files = sorted(PROFILES.glob("*.yaml"))
    assert files
    for file in files:
        assert yaml.load(file.read_text(encoding="utf-8"), Loader=Strict)  # noqa: S506 (a safe loader)


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (None, True),
        ("", True),
        ("bron", True),
        ("@bron", True),
        ("idp,bron", True),
        ("idp", False),
        ("~bron", False),
        ("~idp", True),
        ("bron,~major", False),
    ],
)
def test_tag_filter(wanted: str | None, taken: bool) -> None:
    assert selected({"bron", "major"}, wanted) is taken


def test_a_scenario_without_severity_is_refused() -> None:
    with pytest.raises(ValueError, match="exactly one severity"):
        understand({"bron", "BRON-01", "stap-V1"})
