"""The releases in ``profiles/``: what was built from the official packages, and what it says of the practice domain."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from click.testing import CliRunner, Result
from referencing import Registry, Resource

from ktcheck import tables
from ktcheck.cli.main import cli
from ktcheck.conformance.validator import Profiles
from ktcheck.errors import InputError
from ktcheck.sandbox.generate import PracticeDomain
from ktcheck.suite import PROFILES
from tests.conformance.official import DATA, DUTCH, R4, package

Json = dict[str, Any]

KT2 = "http://koppeltaal.nl/fhir/StructureDefinition/KT2"
RELEASES = tables.migration().profile_versions
TABLE = DATA.parents[1] / "knowledge" / "kt2-0.16.3-constraints.csv"


def folder(version: str) -> Path:
    return PROFILES / f"kt2-{version}"


def built(version: str, out: Path) -> Result:
    for name in (R4, *DUTCH[version]):
        package(name)
    if version == "0.16.3" and not TABLE.is_file():
        pytest.skip("the table of constraints of 0.16.3 is not beside the data")
    source = TABLE if version == "0.16.3" else DATA / "koppeltaalv2.00-0.8.tgz"
    arguments = [str(source), *(str(DATA / f"{name}.tgz") for name in (R4, *DUTCH[version]))]
    return CliRunner().invoke(cli, ["profiles", "build", *arguments, "--version", version, "--out", str(out)])


@pytest.mark.parametrize("version", RELEASES)
def test_a_release_is_what_its_packages_give(version: str, tmp_path: Path) -> None:
    result = built(version, tmp_path / "made")
    assert result.exit_code == 0, result.output
    made = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    kept = {path.name: path.read_bytes() for path in folder(version).iterdir()}
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == []


@pytest.mark.parametrize("version", RELEASES)
def test_a_release_is_json_schema_that_any_validator_can_use(version: str) -> None:
    documents = [orjson.loads(path.read_bytes()) for path in folder(version).glob("*.json")]
    schemas = [document for document in documents if "$schema" in document]
    registry: Registry[Any] = Registry().with_resources((item["$id"], Resource.from_contents(item)) for item in schemas)
    for schema in schemas:
        jsonschema.Draft202012Validator.check_schema(schema)
    patient = {"resourceType": "Patient", "active": "yes"}
    validator = jsonschema.Draft202012Validator({"$ref": f"{KT2}Patient"}, registry=registry)
    assert any(list(error.absolute_path) == ["active"] for error in validator.iter_errors(patient))
    assert len(schemas) > 50


def test_the_clean_practice_domain_meets_every_profile() -> None:
    profiles = Profiles(folder("0.16.3"))
    judged: Counter[str] = Counter()
    found = []
    for resource in PracticeDomain(3, 25).resources():
        kind = resource["resourceType"]
        judged[kind] += 1
        found += [(kind, item.path, item.constraint) for item in profiles.violations(resource, KT2 + kind)]
    assert found == []
    assert len(judged) == 11


def test_what_is_not_compiled_is_told(tmp_path: Path) -> None:
    result = built("0.8", tmp_path / "made")
    left = orjson.loads((tmp_path / "made" / "not-compiled.json").read_bytes())["not_compiled"]
    assert f"{len(left)} constraints no schema can say" in result.output
    assert all(item["element"] in result.output for item in left)


def test_list_names_every_release_with_what_it_was_built_from() -> None:
    result = CliRunner().invoke(cli, ["profiles", "list"])
    assert result.exit_code == 0
    for version in RELEASES:
        assert f"kt2-{version}: " in result.output
    assert "hl7.fhir.r4.core 4.0.1" in result.output


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("p.tgz", None, "there is no such FHIR package", id="absent"),
        pytest.param("p.tgz", b"text", "this is no FHIR package", id="no archive"),
        pytest.param("p.csv", b"", "there are no rows in it", id="an empty table"),
        pytest.param("p.csv", b"a,b\n1,2\n", "there is no column 'profile'", id="another table"),
    ],
)
def test_a_wrong_file_gets_one_sentence(name: str, content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    arguments = ["profiles", "build", str(path), "--version", "9", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(cli, arguments)
    assert isinstance(result.exception, InputError)
    assert said in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_release_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.json").write_text("{}", encoding="utf-8")
    result = built("0.8", tmp_path / "out")
    assert isinstance(result.exception, InputError)
    assert "exists already" in str(result.exception)
