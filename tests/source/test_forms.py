"""Files into bundles: XML and JSON alike, encodings, and what is refused."""

from __future__ import annotations

from dataclasses import asdict

import orjson
import pytest

from ktcheck.source.bundle import read_bundle
from ktcheck.source.elements import shape
from ktcheck.source.interpret import interpret
from ktcheck.source.messages import RawMessage, Unreadable
from tests.source.kt1 import EXAMPLES, bundle, entry, example, link, patient

PAIRS = ("patient", "careplan", "status", "definition", "usermessage")


def read(data: bytes) -> dict[str, object]:
    return read_bundle(RawMessage("a-file", data))


def refused(data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(data)
    return caught.value


@pytest.mark.parametrize("name", PAIRS)
def test_xml_and_json_of_a_message_are_the_same(name: str) -> None:
    xml, json = example(f"{name}.xml"), example(f"{name}.json")
    assert read_bundle(xml) == read_bundle(json)
    assert asdict(interpret(xml)) == asdict(interpret(json))


def test_json_of_a_complete_message_stays_as_it_is() -> None:
    raw = example("careplan.json")
    assert read_bundle(raw) == orjson.loads(raw.data)


def test_xml_with_prefixes_encodings_and_marks_is_the_same() -> None:
    text = (EXAMPLES / "patient.xml").read_text(encoding="utf-8").replace("Ergenshuizen", "Ergenshuïzen")
    plain = read(text.encode())
    prefixed = text.replace('<Patient xmlns="http://hl7.org/fhir"', '<f:Patient xmlns:f="http://hl7.org/fhir"')
    start = prefixed.index("<f:Patient")
    end = prefixed.index("</Patient>")
    inside = prefixed[start + 2 : end].replace("</", "</f:").replace("<", "<f:").replace("<f:/f:", "</f:")
    assert read((prefixed[: start + 2] + inside + "</f:Patient>" + prefixed[end + 10 :]).encode()) == plain
    assert read(b"\xef\xbb\xbf" + text.encode()) == plain
    assert read(b" \r\n" + text.encode()) == plain
    assert read(text.encode("utf-16")) == plain
    assert read(('<?xml version="1.0" encoding="ISO-8859-1"?>' + text).encode("latin-1")) == plain
    assert read(('<?xml version="1.0" encoding="UTF-16LE"?>' + text).encode("utf-16-le")) == plain


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_with_a_mark_is_the_same(encoding: str) -> None:
    text = (EXAMPLES / "patient.json").read_text(encoding="utf-8")
    assert read(text.encode(encoding)) == orjson.loads(text)


def test_primitive_extensions_and_narrative_survive_xml() -> None:
    xml = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content><Patient xmlns="http://hl7.org/fhir">'
        b'<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">x</div></text>'
        b'<contained><Organization id="o"><name value="Noord"/></Organization></contained>'
        b'<name><given value="A"/><given value="B"><extension url="urn:e">'
        b'<valueCode value="c"/></extension></given></name>'
        b'<birthDate id="d" value="1979-11-23"/></Patient></content></entry></feed>'
    )
    content = read(xml)["entry"][0]["content"]  # type: ignore[index]
    assert content["text"]["div"].startswith("<div")
    assert content["contained"] == [{"resourceType": "Organization", "id": "o", "name": "Noord"}]
    assert content["name"][0]["given"] == ["A", "B"]
    assert content["name"][0]["_given"][1] == {"extension": [{"url": "urn:e", "valueCode": "c"}]}
    assert content["_birthDate"] == {"id": "d"}


def test_lenient_json_gets_the_shape_of_its_types() -> None:
    content = {
        "resourceType": "Patient",
        "active": "true",
        "multipleBirthInteger": "2",
        "gender": "F",
        "name": {"family": "Vos", "given": "Noor"},
        "managingOrganization": link("Organization", 1),
        "identifier": ["48213"],
        "extension": {"url": "urn:e", "valueDecimal": "12.50"},
    }
    assert shape(content, "Resource") == {
        "resourceType": "Patient",
        "active": True,
        "multipleBirthInteger": 2,
        "gender": {"coding": [{"code": "F"}]},
        "name": [{"family": ["Vos"], "given": ["Noor"]}],
        "managingOrganization": {"reference": link("Organization", 1)},
        "identifier": [{"value": "48213"}],
        "extension": [{"url": "urn:e", "valueDecimal": 12.5}],
    }
    assert shape({"resourceType": "Practitioner", "name": [{"family": ["Okafor"]}]}, "Resource")["name"] == {
        "family": ["Okafor"]
    }
    assert shape(10.0, "decimal") == 10
    assert shape(48213, "text") == "48213"


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))


@pytest.mark.parametrize(
    "head",
    [
        b'<!DOCTYPE feed [<!ENTITY l0 "ha">' + LAUGHS + b"]>",
        b'<!DOCTYPE feed [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>',
        b'<!DOCTYPE feed [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>',
        b'<!DOCTYPE feed SYSTEM "http://127.0.0.1:9/feed.dtd">',
        b"<!DOCTYPE feed>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp037"])
def test_a_dtd_is_refused(head: bytes, encoding: str) -> None:
    text = head.decode() + '<feed xmlns="http://www.w3.org/2005/Atom"><title>&l9;</title></feed>'
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    problem = refused((declaration + text).encode(encoding))
    assert problem.place.startswith(("byte 0", "line"))
    assert "&" not in problem.reason_en


@pytest.mark.parametrize("reference", [b"&naam;", b"&#0;"])
def test_an_entity_without_dtd_is_refused(reference: bytes) -> None:
    problem = refused(b"<feed><title>" + reference + b"</title></feed>")
    assert problem.place.startswith("line 1, column ")
    assert "naam" not in str(problem)


def test_deep_nesting_is_refused() -> None:
    assert "deep" in refused(b"<feed>" + b"<a>" * 100_000).reason_en
    assert "deep" in refused(b"<f>" + b"<a>" * 150 + b"</a>" * 150 + b"</f>").reason_en
    assert "deep" in refused(b'{"a":' * 200 + b"1" + b"}" * 200).reason_en
    assert "deep" in refused(b'{"a":' + b"[" * 100_000).reason_en


@pytest.mark.parametrize("name", ["careplan.xml", "careplan.json"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused_without_quoting_it(name: str, part: float) -> None:
    data = example(name).data
    problem = refused(data[: int(len(data) * part)])
    assert problem.place.startswith("line ")
    assert "Plas" not in str(problem)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x00\x00", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "neither"),
        (b"PK\x03\x04", "neither"),
        (b"[]", "neither"),
        (b"Beste collega", "neither"),
        (b'{"a": "\xff"}', "not valid UTF-8"),
        (b'{"a": nope}', "JSON is not valid"),
        (b'\xff\xfe{\x00"\x00\x00\xd8', "not valid UTF-16"),
        (b'<?xml version="1.0" encoding="nonsense"?><feed/>', "XML"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes, reason: str) -> None:
    problem = refused(data)
    assert reason in problem.reason_en
    assert problem.reason_nl != problem.reason_en


def test_a_byte_offset_is_given_for_broken_text() -> None:
    assert refused(b'{"abc": "\xff"}').place == "byte 9"


def test_the_summary_of_an_entry_is_ignored_in_both_forms() -> None:
    item = entry(link("Patient", 1), patient()) | {"summary": "<div>x</div>"}
    read_back = read(orjson.dumps(bundle(item)))["entry"]
    assert "summary" not in read_back[0]  # type: ignore[index]
    xml = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>x</id><summary><p/></summary></entry></feed>'
    assert read(xml) == {"resourceType": "Bundle", "entry": [{"id": "x"}]}


def test_booleans_of_xml_are_booleans() -> None:
    entries = interpret(example("relatedperson.xml")).messages[0].entries
    assert [entry.kind for entry in entries] == ["RelatedPerson", "Organization", "Patient"]
    assert entries[1].content["active"] is True
    assert entries[1].content["type"] == {
        "coding": [{"system": "http://hl7.org/fhir/organization-type", "code": "dept"}]
    }
