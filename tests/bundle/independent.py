"""Checks a bundle a second time, written from the specifications and not from ktcheck: shares no code with it.

Zip: APPNOTE 6.3 (local header, central directory, end record), read field by field. DSSE: securesystemslib.
In-toto: Statement v1. The rest: hashlib and json of the standard library.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer._key import Key

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")


class BadBundleError(Exception):
    """The bundle is not what was sealed."""


def _demand(right: bool, what: str) -> None:
    if not right:
        raise BadBundleError(what)


def contents(data: bytes) -> dict[str, bytes]:
    """The files, when every field of the zip is as the bundle's description says."""
    files: dict[str, bytes] = {}
    headers: list[tuple[int, tuple[Any, ...], bytes]] = []
    at = 0
    while data[at : at + 4] == b"PK\x03\x04":
        _demand(len(data) >= at + LOCAL.size, "cut off")
        field = LOCAL.unpack_from(data, at)
        _, version, flags, method, _, _, crc, packed, size, name_length, extra = field
        _demand((version, flags, method, extra) == (20, 0, 0, 0) and packed == size, "local header")
        start = at + LOCAL.size + name_length
        name, content = data[at + LOCAL.size : start], data[start : start + size]
        _demand(len(content) == size and zlib.crc32(content) == crc, f"content of {name!r}")
        _demand(name.isascii() and not name.startswith(b"/") and b".." not in name, "name")
        _demand(name.decode() not in files, "name twice")
        files[name.decode()] = content
        headers.append((at, field, name))
        at = start + size
    directory = at
    for offset, local, name in headers:
        _demand(len(data) >= at + CENTRAL.size, "cut off")
        field = CENTRAL.unpack_from(data, at)
        expected = (b"PK\x01\x02", 3 << 8 | 20, *local[1:10], 0, 0, 0, 0, 0o100644 << 16, offset)
        _demand(field == expected, f"central header of {name!r}")
        _demand(data[at + CENTRAL.size : at + CENTRAL.size + len(name)] == name, "central name")
        at += CENTRAL.size + len(name)
    end = END.pack(b"PK\x05\x06", 0, 0, len(headers), len(headers), at - directory, directory, 0)
    _demand(data[at:] == end, "end record")
    _demand(list(files) == sorted(files), "order")
    _demand(len({header[1][4:6] for header in headers}) == 1, "moment")
    return files


def moment(data: bytes) -> tuple[int, ...]:
    """The moment that the first header has: year, month, day, hour, minute, second (even)."""
    time, day = LOCAL.unpack_from(data, 0)[4:6]
    return (1980 + (day >> 9), day >> 5 & 15, day & 31, time >> 11, time >> 5 & 63, 2 * (time & 31))


def check(data: bytes, jwk: dict[str, str] | None) -> None:
    """Whether it is what the owner of the key sealed; without a key, whether it holds together.

    Raises:
        BadBundleError: it is not.
    """
    files = contents(data)
    try:
        report, manifest = json.loads(files["report.json"]), json.loads(files["manifest.json"])
        date, _, time = report["finished"].removesuffix("Z").partition("T")
        finished = [*map(int, date.split("-")), *map(int, time.split(":"))]
    except (KeyError, ValueError):
        raise BadBundleError("report or manifest") from None
    _demand(moment(data) == (*finished[:5], finished[5] // 2 * 2), "moment")
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    listed = {row["name"]: (row["size"], row["sha256"]) for row in manifest["files"]}
    apart = {"manifest.json", "statement.dsse.json"}
    _demand(listed == {name: (len(files[name]), sums[name]) for name in files if name not in apart}, "sums")
    for row in report["evidence"]:
        before = "0" * 64
        lines = files[row["file"]].split(b"\n")
        _demand(lines.pop() == b"" and len(lines) == row["lines"], "evidence")
        for number, line in enumerate(lines, 1):
            record = json.loads(line)
            _demand((record["line"], record["previous_sha256"]) == (number, before), "evidence")
            before = hashlib.sha256(line).hexdigest()
        _demand(before == row["head"], "evidence")
    if jwk or "statement.dsse.json" in files or "key.jwk.json" in files:
        try:
            _signed(files, sums, report, jwk or json.loads(files["key.jwk.json"]))
        except (KeyError, ValueError, TypeError, AttributeError, VerificationError):
            raise BadBundleError("signature") from None


def _signed(files: dict[str, bytes], sums: dict[str, str], report: dict[str, Any], jwk: dict[str, str]) -> None:
    raw = json.loads(files["statement.dsse.json"])
    _demand(json.dumps(raw, indent=2).encode() + b"\n" == files["statement.dsse.json"], "envelope")
    for text in (raw["payload"], raw["signatures"][0]["sig"]):
        _demand(base64.b64encode(base64.b64decode(text)).decode() == text, "base64")
    inside = json.loads(files["key.jwk.json"])
    _demand(raw["signatures"][0]["keyid"] == inside["kid"], "key id")
    public = base64.urlsafe_b64decode(jwk["x"] + "=" * (-len(jwk["x"]) % 4)).hex()
    key = Key.from_dict(inside["kid"], {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public}})
    envelope = Envelope.from_dict(json.loads(files["statement.dsse.json"]))
    _demand(set(envelope.verify([key], 1)) == {inside["kid"]}, "signature")
    _demand(envelope.payload_type == "application/vnd.in-toto+json", "payload type")
    said = json.loads(envelope.payload)
    _demand(said["_type"] == "https://in-toto.io/Statement/v1", "statement")
    _demand(said["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1", "predicate")
    subjects = {row["name"]: row["digest"]["sha256"] for row in said["subject"]}
    _demand(subjects == {name: value for name, value in sums.items() if name != "statement.dsse.json"}, "subject")
    result = {"approved": "PASSED", "approved_with_reservations": "WARNED"}.get(report["verdict"], "FAILED")
    _demand(said["predicate"]["result"] == result, "result")
