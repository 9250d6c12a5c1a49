"""The neutral form of what KT1 held: one record per resource, and per nested part that becomes a resource.

Source: ``kt1-source.md`` (KT1 1.3.x documents, clients and samples) and MIG-KT-002 for the keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Basis = Literal["focal", "companion", "reference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """One KT1 resource, or one activity or sub-activity of a care plan, in its newest version.

    ``type``         KT1 kind: Patient, Practitioner, RelatedPerson, Organization, Device, CarePlan,
                     CarePlanActivity, CarePlanSubActivity, ActivityDefinition, CareTeam,
                     CarePlanActivityStatus, CarePlanActivityResult, UserMessage, StorageItem,
                     or ``Other(<code>)`` for a kind that KT1 does not define.
    ``key``          its identity: the link without version; for an activity the text of ActivityIdentifier (or
                     ``<care plan link>#<activity id>`` without one); for a sub-activity
                     ``<activity key>#<sub-activity identifier>``. The value of the migration identifier.
    ``link``         the link without version of the resource that carries it (the plan's, for its activities).
    ``version``      the version that the content has, or None.
    ``application``  the application as KT1 names it: the message source's ``name`` or else ``software``; for an
                     activity definition the display of ``#Application``; None when nothing says so.
    ``basis``        where the content comes from; ``reference``: only referred to, so there is no content.
    ``seen``         in how many messages it was focal, companion, only referred to.
    ``first_seen``, ``last_seen``  UTC instants of the first and last message with it, or None.
    ``references``   name -> KT1 links (or keys, or the definition's identifier text), without versions.
    ``content``      the DSTU1 JSON form without local anchors and empty values; KT1 extensions are members
                     ``#Name`` with a list of values (a nested extension is again such an object), other
                     extensions stay in ``extension``. An activity keeps its own ``id`` (with some senders a local
                     anchor); a sub-activity has that of its activity as ``activityId``.
    ``notes``        codes of what the reader had to decide or found odd, for example ``order-guessed``.
    """

    type: str
    key: str
    link: str
    version: str | None = None
    application: str | None = None
    basis: Basis = "focal"
    seen: Mapping[str, int] = field(default_factory=dict)
    first_seen: str | None = None
    last_seen: str | None = None
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A message that could not be read: ``file``, ``place`` in it (line, byte or entry), and why."""

    file: str
    place: str
    reason_nl: str
    reason_en: str


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a reader of messages saw. Every file ends up in exactly one of the kinds of bundle.

    files = messages + duplicates + acknowledgements + outcomes + searches + header_only + empty
            + validate_only + other_domain + rejected
    """

    files: int = 0
    messages: int = 0
    duplicates: int = 0
    acknowledgements: int = 0
    outcomes: int = 0
    searches: int = 0
    header_only: int = 0
    empty: int = 0
    validate_only: int = 0
    other_domain: int = 0
    rejected: int = 0
    versions: int = 0
    resources: dict[str, int] = field(default_factory=dict)
    domains: dict[str, int] = field(default_factory=dict)
