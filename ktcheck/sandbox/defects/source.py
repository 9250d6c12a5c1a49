"""Defects in what KT1 left behind."""

from __future__ import annotations

from dataclasses import replace

from ktcheck.sandbox import kt1_content as content
from ktcheck.sandbox.defects.defect import Defect, activity, migration_identifier, too_small
from ktcheck.sandbox.facts import Dossier
from ktcheck.sandbox.kt1_message import Entry, Message, version
from ktcheck.sandbox.kt1_story import Archive, patient_message, user_message
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.vocabulary import KT1_SERVER

_RECEIVED_PATTERN = 1


def _received_dossier(domain: Materialised) -> Dossier:
    """A dossier whose patient was received once, so that one more message stands beside it."""
    if domain.domain.world.size <= _RECEIVED_PATTERN:
        raise too_small("a second dossier")
    return domain.domain.world.dossier(_RECEIVED_PATTERN)


def _truncate(domain: Materialised) -> None:
    """Cut the copy of a message, so that nothing but the copy is lost."""
    copies = sorted(name for name in domain.messages if "(1)" in name)
    if not copies:
        raise too_small("a copy of a message")
    name = copies[0]
    data = domain.messages[name]
    domain.messages[name] = data[: len(data) // 2]


def _order_undecidable(domain: Materialised) -> None:
    world = domain.domain.world
    dossier = _received_dossier(domain)
    message = patient_message(world, dossier)
    patient = dict(message.entries[0].content)
    patient["address"] = [{**patient["address"][0], "line": ["Elderspad 2"]}]
    again = replace(
        message,
        id=world.uuid("message", "undecidable"),
        entries=(replace(message.entries[0], content=patient),),
    )
    _add(domain, again)


def _key_twice(domain: Materialised) -> None:
    """One key for two activities; keys are texts of 32 hexadecimal digits, so a replacement hits nothing else."""
    _, _, one = activity(domain, lambda item: _is_hexadecimal(item.identifier))
    first_plan = activity(domain, lambda item: item is one)[1]
    _, _, two = activity(
        domain, lambda item: _is_hexadecimal(item.identifier) and all(item is not own for own in first_plan.activities)
    )
    for name, data in domain.messages.items():
        if two.key.encode() in data:
            domain.messages[name] = data.replace(two.key.encode(), one.key.encode())
    task = domain.resources["Task"][domain.domain.migration.task_id(two)]
    migration_identifier(task)["value"] = one.key


def _is_hexadecimal(text: str | None) -> bool:
    return text is not None and "#" not in text


def _unknown_kind(domain: Materialised) -> None:
    world = domain.domain.world
    dossier = _received_dossier(domain)
    asked = user_message(world, dossier)
    link = f"{asked.sender.base}/MoodDiary/1"
    diary = content.other("MoodDiary", [])
    diary["subject"] = {"reference": dossier.link}
    del diary["extension"]
    entry = Entry(link=link, content=diary, before=None, after=version(asked.time))
    _add(domain, replace(asked, id=world.uuid("message", "unknown-kind"), entries=(entry,)))


def _other_domain(domain: Materialised) -> None:
    world = domain.domain.world
    message = patient_message(world, _received_dossier(domain))
    _add(domain, replace(message, id=world.uuid("message", "other-domain"), domain="anderezorg"))


def _link_malformed(domain: Materialised) -> None:
    """A question of a patient with a query in its link; nothing refers to it."""
    message = user_message(domain.domain.world, _received_dossier(domain))
    name, data = Archive(domain.domain.world).sent(message)
    link = message.entries[0].link.encode()
    domain.messages[name] = data.replace(link, link + b"?_format=json")


def _link_respelt(domain: Materialised) -> None:
    """A definition that names its application's Device with http; that one is known to the others with https."""
    name = "beheer/activiteiten-klachtapp.xml"
    data = domain.messages[name]
    device = f"{KT1_SERVER}/Device/".encode()
    domain.messages[name] = data.replace(device, device.replace(b"https:", b"http:"), 1)


def _wrong_kind(domain: Materialised) -> None:
    """A question that is asked by an organization."""
    world = domain.domain.world
    message = user_message(world, _received_dossier(domain))
    name, data = Archive(world).sent(message)
    asked = message.entries[0].content["extension"][1]["valueResource"]["reference"].encode()
    before, mark, after = data.partition(b"UserMessage#From")
    domain.messages[name] = before + mark + after.replace(asked, world.organizations[0].link.encode(), 1)


def _two_senders(domain: Materialised) -> None:
    """The newest message about a patient once more, from the portal."""
    world = domain.domain.world
    message = patient_message(world, _received_dossier(domain))
    again = replace(message, id=world.uuid("message", "two-senders"), sender=world.portal)
    name, data = Archive(world).received(again, world.epd)
    domain.messages[name] = data


def _announced(domain: Materialised) -> None:
    domain.announced[domain.domain.world.epd.name]["Patient"] += 1


def _add(domain: Materialised, message: Message) -> None:
    world = domain.domain.world
    name, data = Archive(world).received(message, world.portal)
    domain.messages[name] = data


DEFECTS = (
    Defect(
        name="message-truncated",
        caught_by="source.readable",
        title_nl="Een bestand met een KT1-bericht is halverwege afgebroken",
        title_en="A file with a KT1 message breaks off halfway",
        apply=_truncate,
    ),
    Defect(
        name="order-undecidable",
        caught_by="source.newest",
        title_nl="Twee berichten met gelijke versie en tijd spreken elkaar tegen",
        title_en="Two messages of equal version and time contradict each other",
        apply=_order_undecidable,
    ),
    Defect(
        name="activity-key-twice",
        caught_by="source.unique-key",
        title_nl="Twee activiteiten hebben dezelfde ActivityIdentifier",
        title_en="Two activities have the same ActivityIdentifier",
        apply=_key_twice,
    ),
    Defect(
        name="unknown-kind",
        caught_by="source.known-kind",
        title_nl="Een bericht bevat een soort gegeven dat KT1 niet kent",
        title_en="A message holds a kind of resource that KT1 does not know",
        apply=_unknown_kind,
    ),
    Defect(
        name="other-domain-message",
        caught_by="source.one-domain",
        title_nl="Tussen de berichten zit er een van een ander domein",
        title_en="Among the messages there is one of another domain",
        apply=_other_domain,
    ),
    Defect(
        name="link-malformed",
        caught_by="source.link",
        title_nl="De link van een bericht van een patiënt bevat een zoekvraag",
        title_en="The link of a message of a patient holds a query",
        apply=_link_malformed,
    ),
    Defect(
        name="link-respelt",
        caught_by="source.alike",
        title_nl="Een applicatie heeft twee links: een met http en een met https",
        title_en="An application has two links: one with http and one with https",
        apply=_link_respelt,
    ),
    Defect(
        name="source-reference-wrong-kind",
        caught_by="source.resolves",
        title_nl="De afzender van een vraag is een organisatie",
        title_en="The sender of a question is an organization",
        apply=_wrong_kind,
    ),
    Defect(
        name="two-senders",
        caught_by="source.owner",
        title_nl="Twee applicaties hebben dezelfde patiënt verzonden",
        title_en="Two applications sent the same patient",
        apply=_two_senders,
    ),
    Defect(
        name="announced-too-many",
        caught_by="source.announced",
        title_nl="Het EPD kondigde een patiënt meer aan dan het leverde",
        title_en="The EPD announced one patient more than it supplied",
        apply=_announced,
    ),
)
