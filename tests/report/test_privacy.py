import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktcheck.errors import InputError
from ktcheck.privacy import REMOVED, Pseudonyms, Redactor
from tests.report.samples import logical_id

SECRET = 'g3heim/+wachtwoord "ë" &?'
JWT = "eyJhbGciOiJSUzM4NCJ9.eyJzdWIiOiJ2b29yYmVlbGQifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


def test_pseudonyms_are_equal_for_equal_values_within_a_run() -> None:
    names = Pseudonyms(b"one")
    assert names.of("https://kt1.example/Patient/1") == names.of("https://kt1.example/Patient/1")
    assert names.of("https://kt1.example/Patient/1") != names.of("https://kt1.example/Patient/2")


def test_pseudonyms_differ_between_runs() -> None:
    assert Pseudonyms.fresh().of("x") != Pseudonyms.fresh().of("x")


def test_a_pseudonym_tells_its_kind_and_nothing_else() -> None:
    prefix, dash, digits = Pseudonyms(b"one").of("x").partition("-")
    assert (prefix, dash, len(digits)) == ("bron", "-", 12)
    assert int(digits, 16) >= 0


def test_a_uuid_is_a_public_id() -> None:
    reference = f"Patient/{logical_id(7)}"
    assert Pseudonyms(b"one").public_reference(reference) == reference
    assert Pseudonyms(b"one").public_reference(reference.upper().replace("PATIENT", "Patient")).startswith("Patient/")


@pytest.mark.parametrize("identity", ["999900018", "jan.voorbeeld", f"{logical_id(7)}-999900018", logical_id(7) + "\n"])
def test_a_client_chosen_id_is_not_public(identity: str) -> None:
    public = Pseudonyms(b"one").public_reference(f"Patient/{identity}")
    assert public.startswith("Patient/id-")
    assert identity not in public


@pytest.mark.parametrize("text", ["https://kt1.example/Patient/999900018", "999900018", "", "Jan Voorbeeld/1"])
def test_what_is_no_reference_is_not_public(text: str) -> None:
    public = Pseudonyms(b"one").public_reference(text)
    assert public.startswith("id-")
    assert not text or text not in public


def test_a_type_alone_is_public() -> None:
    assert Pseudonyms(b"one").public_reference("Patient") == "Patient"


def encodings(secret: str) -> dict[str, str]:
    data = secret.encode()
    return {
        "plain": secret,
        "url": quote(secret, safe=""),
        "url path": quote(secret),
        "form": quote_plus(secret),
        "url lower case": re.sub("%..", lambda code: code[0].lower(), quote(secret, safe="")),
        "url twice": quote(quote(secret, safe=""), safe=""),
        "json": json.dumps(secret)[1:-1],
        "json utf-8": json.dumps(secret, ensure_ascii=False)[1:-1],
        "html": html.escape(secret),
        "base64": base64.b64encode(data).decode(),
        "base64url": base64.urlsafe_b64encode(data).decode(),
        "base64url without padding": base64.urlsafe_b64encode(data).decode().rstrip("="),
    }


@pytest.mark.parametrize("form", list(encodings("x")))
def test_a_secret_is_removed_in_every_encoding(form: str) -> None:
    redactor = Redactor()
    redactor.register(SECRET)
    text = f"before {encodings(SECRET)[form]} after"
    cleaned = redactor.clean(text)
    assert REMOVED in cleaned
    assert encodings(SECRET)[form] not in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    assert redactor.clean_bytes(text.encode()) == cleaned.encode()


@given(
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=30),
    before=st.text("abcdef:", max_size=7),
    after=st.text("xyz", max_size=5),
)
def test_a_secret_is_removed_from_the_middle_of_base64(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.register(secret)
    encoded = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
    cleaned = redactor.clean(f"Basic {encoded}")
    assert REMOVED in cleaned
    left = cleaned.removeprefix("Basic ").split(REMOVED)
    assert sum(len(part) for part in left) <= len(encoded) - len(secret)


def test_each_part_of_a_jwt_is_removed() -> None:
    redactor = Redactor()
    redactor.register(JWT)
    for text in (JWT, *JWT.split(".")):
        assert redactor.clean(f"<{text}>") == f"<{REMOVED}>"


def test_each_line_of_a_key_file_is_removed() -> None:
    redactor = Redactor()
    redactor.register("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh\nkiG9w0BAQEFAASCBK\n-----END PRIVATE KEY-----\n")
    assert redactor.clean("a kiG9w0BAQEFAASCBK b") == f"a {REMOVED} b"


def test_member_names_of_json_stay() -> None:
    redactor = Redactor()
    redactor.register("verdict")
    assert redactor.clean_value({"verdict": ["the verdict", 1, None]}) == {"verdict": [f"the {REMOVED}", 1, None]}


def test_a_secret_that_is_too_short_is_refused_without_naming_it() -> None:
    with pytest.raises(InputError) as error:
        Redactor().register("qzx")
    assert "qzx" not in str(error.value)


def test_empty_text_is_no_secret() -> None:
    redactor = Redactor()
    redactor.register("")
    assert redactor.clean("text") == "text"


def test_secrets_that_overlap_go_together() -> None:
    redactor = Redactor()
    for secret in ("first-half-", "half-and-rest", "half"):
        redactor.register(secret)
    assert redactor.clean("a first-half-and-rest b half c") == f"a {REMOVED} b {REMOVED} c"
    assert redactor.clean("first-half-first-half-") == REMOVED + REMOVED
