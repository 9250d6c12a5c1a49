"""What the reader had to decide or found odd: the codes in ``SourceRecord.notes``, in Dutch and English."""

from __future__ import annotations

from collections.abc import Mapping

# Source: kt1-source.md sections 4, 8, 11 and 12.
NOTES: Mapping[str, tuple[str, str]] = {
    "base-version": (
        "de versie is die van de vorige inhoud: het bericht is bewaard zoals verzonden, zonder ontvangstbevestiging",
        "the version is that of the previous content: this message was saved as sent, without its acknowledgement",
    ),
    "duplicate-key": (
        "meer dan één activiteit of subactiviteit heeft deze identificatie",
        "more than one activity or sub-activity has this identity",
    ),
    "empty-reference": (
        "een verwijzing is leeg of heeft geen id; zij is als afwezig gelezen",
        "a reference is empty or has no id; it was read as absent",
    ),
    "focal-guessed": (
        "de berichtkop noemt geen hoofdresource; die is uit het soort bericht afgeleid",
        "the message header names no focal resource; it was derived from the event",
    ),
    "gender-several-codings": (
        "het geslacht heeft meer dan één codering",
        "the gender has more than one coding",
    ),
    "gender-unknown": (
        "het geslacht heeft geen bruikbare code",
        "the gender has no usable code",
    ),
    "key-from-id": (
        "de activiteit heeft geen ActivityIdentifier; haar id is gebruikt",
        "the activity has no ActivityIdentifier; its id was used",
    ),
    "key-from-position": (
        "de activiteit of subactiviteit heeft geen enkele identificatie; haar plaats in de lijst is gebruikt",
        "the activity or sub-activity has no identity at all; its place in the list was used",
    ),
    "no-start-date": (
        "de activiteit heeft geen geplande startdatum",
        "the activity has no planned start date",
    ),
    "order-guessed": (
        "alleen de volgorde van de bestanden besliste wat de nieuwste inhoud is",
        "only the order of the files decided which content is the newest",
    ),
    "receiver-failed": (
        "een ontvanger heeft het bericht met deze inhoud nooit kunnen verwerken",
        "a receiver could never process the message with this content",
    ),
    "refused": (
        "de server heeft het bericht met deze inhoud geweigerd",
        "the server refused the message with this content",
    ),
    "relationship-other-list": (
        "de relatie van de naaste komt niet uit de lijst RoleCode",
        "the relationship of the related person is not from the list RoleCode",
    ),
    "relative-reference": (
        "een verwijzing is geen volledige link, zodat niet vaststaat waarnaar",
        "a reference is not a full link, so that its target is not certain",
    ),
    "same-version-different-content": (
        "dezelfde versie komt met verschillende inhoud voor",
        "the same version occurs with different content",
    ),
    "several-focal": (
        "de berichtkop noemt meer dan één hoofdresource",
        "the message header names more than one focal resource",
    ),
    "several-senders": (
        "meer dan één applicatie heeft deze resource als hoofdresource verzonden",
        "more than one application sent this resource as the focal one",
    ),
    "status-activity-unknown": (
        "de status noemt een activiteit die in geen behandelplan staat",
        "the status names an activity that is in no care plan",
    ),
    "status-differs": (
        "het behandelplan en de statusberichten zeggen iets verschillends; de nieuwste geldt",
        "the care plan and the status messages disagree; the newest counts",
    ),
    "status-went-back": (
        "een nieuwer behandelplan zegt iets eerders dan de eindstatus die de module meldde; de eigenaar beslist",
        "a newer care plan says something earlier than the final status that the module reported; the owner decides",
    ),
    "sub-activity-spelling": (
        "de subactiviteit komt alleen zonder spaties en hoofdletters overeen met de definitie",
        "the sub-activity matches the definition only without spaces and case",
    ),
    "sub-activity-unknown": (
        "de definitie kent deze subactiviteit niet",
        "the definition does not have this sub-activity",
    ),
    "swapped-link": (
        "de versie stond in het id van de entry en niet in de self-link",
        "the version was in the entry's id and not in its self link",
    ),
    "unknown-extension": (
        "er is een extensie die Koppeltaal 1.x niet kent; zij is bewaard",
        "there is an extension that Koppeltaal 1.x does not define; it was kept",
    ),
    "unknown-kind": (
        "Koppeltaal 1.x kent deze soort resource niet",
        "Koppeltaal 1.x does not define this kind of resource",
    ),
}
