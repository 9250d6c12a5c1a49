"""The domain file: what is wrong is told in one sentence that names the key and the nearest known one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktcheck.domain import Domain, load
from ktcheck.errors import InputError

GOOD = """
[domain]
name = "Zorgvoorbeeld"
environment = "acc21"
cluster = "A"
sequence = 1

[source]
messages = "kt1"

[target]
fhir_base_url = "https://acc21.example/api/v1/zorgvoorbeeld/fhir/r4/"
profile_version = "0.16.3"

[target.delivered]
idp = false

[client]
client_id = "c"
private_key_file = "key.pem"
key_id = "k"

[[application]]
name = "Portaal"
client_id = "p"
device = "Device/p"
role = "portal"
owns = ["Task", "CareTeam"]

[[idp]]
user_type = "Patient"
issuer = "https://idp.example"
claim = "sub"
identifier_system = "urn:x"
application = "Portaal"

[idp.directory]
kind = "csv"
file = "users.csv"

[idp.login]
kind = "form"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kt1").mkdir()
    (tmp_path / "key.pem").write_text("-", encoding="utf-8")
    (tmp_path / "users.csv").write_text("-", encoding="utf-8")
    return tmp_path


def _load(folder: Path, text: str) -> object:
    path = folder / "domain.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_good_file_is_read_with_paths_relative_to_the_file(folder: Path) -> None:
    path = folder / "domain.toml"
    path.write_text(GOOD, encoding="utf-8")
    domain = load(path)
    assert domain.source is not None
    assert domain.source.messages == folder / "kt1"
    assert domain.target is not None
    assert domain.target.fhir_base_url == "https://acc21.example/api/v1/zorgvoorbeeld/fhir/r4"
    assert not domain.target.delivered.idp
    assert domain.target.delivered.launch
    assert [app.name for app in domain.owners("Task")] == ["Portaal"]
    assert domain.idp[0].directory is not None
    assert domain.idp[0].directory.file == folder / "users.csv"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("messages =", "mesages =", "unknown key source.mesages; did you mean 'messages'?"),
        ("[domain]", "[domein]", "did you mean 'domain'?"),
        ('role = "portal"', 'role = "portal"\nonws = []', "unknown key application[1].onws; did you mean 'owns'?"),
        ("idp = false", "ipd = false", "unknown key target.delivered.ipd; did you mean 'idp'?"),
        ('kind = "csv"', 'kind = "excel"', "idp[1].directory.kind is wrong: input should be 'csv', 'scim'"),
        ("sequence = 1", 'sequence = "1"', "domain.sequence is wrong: input should be a valid integer"),
        ("sequence = 1", "sequence = 0", "domain.sequence is wrong: input should be greater than or equal to 1"),
        ('name = "Zorgvoorbeeld"\n', "", "the key domain.name is missing"),
        ('messages = "kt1"', 'messages = "kt2"', "source.messages names"),
        ('"key.pem"', '"other.pem"', "client.private_key_file names"),
        ('messages = "kt1"', "", 'source is wrong: needs either "messages" or "inventory"'),
        ("https://acc21", "http://acc21", "target.fhir_base_url is wrong: must be an https address"),
        ('"Device/p"', '"Patient/p"', 'application[1].device is wrong: must look like "Device/<id>"'),
        ('"CareTeam"]', '"Careteam"]', "application[1].owns[2] is wrong"),
        ('application = "Portaal"', 'application = "Portal"', "no application 'Portal'; did you mean 'Portaal'?"),
        ('key_id = "k"', 'key_id = "${KTCHECK_NO_SUCH_THING}"', "the environment variable KTCHECK_NO_SUCH_THING"),
        ('"0.16.3"', '"0.16"', "target.profile_version '0.16' is not known; known are 0.16.3, 0.8"),
        ("[source]", "[source", "not valid TOML"),
        (
            'role = "portal"',
            'role = "portal"\nannounced = {Pacient = 1}',
            "announced of application 'Portaal' names 'Pacient', which is no KT1 kind; did you mean 'Patient'?",
        ),
        (
            'role = "portal"',
            'role = "portal"\nannounced = {Task = 1}',
            "announced of application 'Portaal' names 'Task', which is no KT1 kind; known are Patient, Practitioner,",
        ),
        (
            'role = "portal"',
            'role = "portal"\nannounced = {Patient = -1}',
            "application[1].announced.Patient is wrong: input should be greater than or equal to 0",
        ),
        (
            'role = "portal"',
            'role = "portal"\nannounced = {Patient = "1"}',
            "application[1].announced.Patient is wrong: input should be a valid integer",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_key(folder: Path, old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        _load(folder, GOOD.replace(old, new))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ktcheck init"):
        load(tmp_path / "none.toml")


def test_a_missing_variable_names_the_nearest_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTCHECK_KEY_ID", "geheim")
    with pytest.raises(InputError, match=r"did you mean KTCHECK_KEY_ID\?") as caught:
        _load(folder, GOOD.replace('key_id = "k"', 'key_id = "${KTCHECK_KEY_IDS}"'))
    assert "geheim" not in str(caught.value)


def test_an_environment_variable_is_filled_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTCHECK_KEY_ID", "from-outside")
    path = folder / "domain.toml"
    path.write_text(GOOD.replace('key_id = "k"', 'key_id = "${KTCHECK_KEY_ID}"'), encoding="utf-8")
    client = load(path).client
    assert client is not None
    assert client.key_id == "from-outside"


def test_two_applications_cannot_share_a_client(folder: Path) -> None:
    block = GOOD[GOOD.index("[[application]]") : GOOD.index("[[idp]]")]
    with pytest.raises(InputError, match=r"application\.name 'Portaal' is there more than once"):
        _load(folder, GOOD + block)


def test_announced_numbers_are_by_the_kinds_of_the_inventory(folder: Path) -> None:
    announced = 'announced = {Patient = 120, CarePlanActivity = 0, "Other(BlackBoxState)" = 3}'
    domain = _load(folder, GOOD.replace('role = "portal"', f'role = "portal"\n{announced}'))
    assert isinstance(domain, Domain)
    assert domain.application[0].announced == {"Patient": 120, "CarePlanActivity": 0, "Other(BlackBoxState)": 3}


@pytest.mark.parametrize(
    ("name", "hint"),
    [("e-mail", r"did you mean 'email'\?"), ("Careteam", r"did you mean 'CareTeam'\?"), ("x", "known are")],
)
def test_what_an_application_requires_is_known(folder: Path, name: str, hint: str) -> None:
    required = f'role = "portal"\nrequires = ["phone", "{name}"]'
    with pytest.raises(InputError, match=rf"'Portaal' requires '{name}', which is not known.*{hint}"):
        _load(folder, GOOD.replace('role = "portal"', required))
