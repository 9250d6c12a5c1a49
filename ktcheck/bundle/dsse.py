"""A DSSE envelope (Dead Simple Signing Envelope, protocol 1.0): who signed it, over which exact bytes."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson

from ktcheck.bundle.keys import PublicKey, SealingKey
from ktcheck.output import json_bytes

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope with one signature. ``key_id`` is a hint and nothing more: it is not signed."""

    payload: bytes
    key_id: str
    signature: bytes

    def data(self) -> bytes:
        """As a file. There is one way to write it, so that a changed byte shows even where it carries nothing."""
        signature = {"keyid": self.key_id, "sig": base64.b64encode(self.signature).decode()}
        payload = base64.b64encode(self.payload).decode()
        return json_bytes({"payload": payload, "payloadType": PAYLOAD_TYPE, "signatures": [signature]})

    def signed_by(self, key: PublicKey) -> bool:
        """Whether this key made the signature."""
        return key.fits(self.signature, pae(PAYLOAD_TYPE, self.payload))


def pae(payload_type: str, payload: bytes) -> bytes:
    """What is signed: the pre-authentication encoding of the protocol."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, key: SealingKey) -> Envelope:
    """An envelope around the payload."""
    return Envelope(payload, key.public.id, key.sign(pae(PAYLOAD_TYPE, payload)))


def parse(data: bytes) -> Envelope:
    """Read an envelope as ``Envelope.data`` writes it.

    Raises:
        ValueError: it is something else.
    """
    try:
        content: Any = orjson.loads(data)
        (signature,) = content["signatures"]
        payload = base64.b64decode(content["payload"], validate=True)
        envelope = Envelope(payload, str(signature["keyid"]), base64.b64decode(signature["sig"], validate=True))
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise ValueError("not a DSSE envelope with one signature") from None
    if envelope.data() != data:
        raise ValueError("not the envelope as it was written")
    return envelope
