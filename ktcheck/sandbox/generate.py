"""The practice domain: what KT1 left behind and what a correct migration makes of it, from one seed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ktcheck.sandbox.facts import Application, Dossier, Products
from ktcheck.sandbox.kt1_story import asks_a_question, common_messages, dossier_messages
from ktcheck.sandbox.kt2_content import Migration
from ktcheck.sandbox.materialised import Materialised
from ktcheck.sandbox.world import World

Json = dict[str, Any]

__all__ = ["PracticeDomain"]

ENVIRONMENT = "oefenomgeving"


class PracticeDomain:
    """A domain of invented people that was migrated without a fault.

    Both sides are streamed: a domain of any size needs the memory of one dossier.

    Args:
        seed: the same seed, size and name give the same messages and resources, byte for byte.
        size: the number of patients; from five every resource type and every oddity occurs.
        name: of the domain, in its KT1 tags and its KT2 address.
        products: what its source application and portal are called.

    Raises:
        InputError: the size or the name cannot be used.

    """

    def __init__(self, seed: int, size: int, name: str = "zorgvoorbeeld", products: Products | None = None) -> None:
        self.world = World(seed, size, name, products)
        self.migration = Migration(self.world)

    @property
    def name(self) -> str:
        """The name of the domain."""
        return self.world.name

    @property
    def applications(self) -> tuple[Application, ...]:
        """The applications of the domain; the last one is the suite itself."""
        return self.world.applications

    @property
    def dossiers(self) -> Iterator[Dossier]:
        """The facts about each patient, in order of index."""
        return (self.world.dossier(index) for index in range(self.world.size))

    def messages(self) -> Iterator[tuple[str, bytes]]:
        """The KT1 messages as files: (path below the folder of messages, content)."""
        yield from common_messages(self.world)
        for dossier in self.dossiers:
            yield from dossier_messages(self.world, dossier)

    def resources(self) -> Iterator[Json]:
        """The KT2 resources; what another refers to comes first."""
        yield from self._common_resources()
        for dossier in self.dossiers:
            yield from self._dossier_resources(dossier)

    def materialise(self) -> Materialised:
        """The domain in memory, to put defects in and to serve."""
        return Materialised(self)

    def _common_resources(self) -> Iterator[Json]:
        world, make = self.world, self.migration
        yield make.device("Koppeltaal-voorziening", world.provision, 0)
        for number, application in enumerate(world.applications, 1):
            yield make.device(application.name, application.client_id, number)
        for number, organization in enumerate(world.organizations):
            yield make.organization(organization, number)
        for index in range(world.practitioners):
            yield make.practitioner(world.practitioner(index))
        for number, module in enumerate(app for app in world.applications if "Endpoint" in app.owns):
            yield make.endpoint(module, number)
        for number, definition in enumerate(world.definitions.values()):
            yield make.activity_definition(definition, number)
        for number, name in enumerate((world.portal.name, "Rustwijzer")):
            yield make.subscription(world.application(name), number)

    def _dossier_resources(self, dossier: Dossier) -> Iterator[Json]:
        make = self.migration
        yield make.patient(dossier)
        if dossier.relative:
            yield make.related_person(dossier.relative, dossier)
        if dossier.team:
            yield make.care_team(dossier.team, dossier)
        for plan, activity in dossier.activities:
            yield make.task(activity, plan, dossier)
            for sub in activity.subs:
                yield make.sub_task(sub, activity, plan, dossier)
        yield make.audit_event(dossier)

    def announced(self, application: Application) -> dict[str, int]:
        """How many records of each KT1 kind an application sent of its own; one look at every dossier."""
        return dict(sorted(self._sent[application.name].items()))

    @cached_property
    def _sent(self) -> Mapping[str, Counter[str]]:
        world = self.world
        sent: dict[str, Counter[str]] = {app.name: Counter() for app in world.applications}
        epd, portal, module = sent[world.epd.name], sent[world.portal.name], sent["Rustwijzer"]
        # What is only referred to was sent by nobody.
        epd["Organization"] = sum(organization.agb is not None for organization in world.organizations)
        practitioners = (world.practitioner(index) for index in range(world.practitioners))
        portal["Practitioner"] = sum(len(practitioner.links) for practitioner in practitioners)
        for definition in world.definitions.values():
            sent[world.application(definition.application).name]["ActivityDefinition"] += 1
        for dossier in self.dossiers:
            epd["Patient"] += 1
            epd["RelatedPerson"] += dossier.relative is not None
            portal["CareTeam"] += dossier.team is not None
            portal["CarePlan"] += len(dossier.plans)
            portal["CarePlanActivity"] += len(dossier.activities)
            portal["CarePlanSubActivity"] += sum(len(activity.subs) for _, activity in dossier.activities)
            first = dossier.plans[0].activities[0]
            module["CarePlanActivityStatus"] += first.planned != first.current
            module["UserMessage"] += asks_a_question(dossier)
        return sent

    def domain_toml(
        self,
        *,
        messages: Path | None = None,
        fhir_base_url: str | None = None,
        snapshot: Path | None = None,
        private_key_file: Path | None = None,
        key_id: str | None = None,
        agreements: Path | None = None,
        waivers: Path | None = None,
        confirmations: Path | None = None,
        environment: str = ENVIRONMENT,
        cluster: str = "oefencluster",
        sequence: int = 1,
        announced: Mapping[str, Mapping[str, int]] | None = None,
        lacking: Iterable[str] = (),
    ) -> str:
        """The text of a domain file for this domain (contract: ``design.md``); what is None is left out.

        ``announced`` is what applications announced, by their names, where that is not what they sent. ``lacking``
        are the parts of the KT2 provision that are not delivered yet.
        """
        lines = ["[domain]", *pairs(name=self.name, environment=environment, cluster=cluster, sequence=sequence)]
        if messages:
            lines += ["", "[source]", *pairs(messages=str(messages))]
        lines += ["", "[target]"]
        lines += pairs(
            fhir_base_url=fhir_base_url, snapshot=str(snapshot) if snapshot else None, profile_version="0.16.3"
        )
        if lacking:
            lines += ["", "[target.delivered]", *(f"{part} = false" for part in lacking)]
        if agreements:
            lines += ["", "[agreements]", *pairs(file=str(agreements))]
        if waivers:
            lines += ["", "[waivers]", *pairs(file=str(waivers))]
        if confirmations:
            lines += ["", "[confirmations]", *pairs(file=str(confirmations))]
        if private_key_file:
            client = pairs(
                client_id=self.applications[-1].client_id, private_key_file=str(private_key_file), key_id=key_id
            )
            lines += ["", "[client]", *client]
        for app in self.applications:
            facts = pairs(
                name=registered_name(app),
                client_id=app.client_id,
                device=app.device,
                role=app.role,
                owns=list(app.owns),
                requires=list(app.requires) or None,
            )
            numbers = self.announced(app) if announced is None else announced[app.name]
            told = ", ".join(f"{kind} = {number}" for kind, number in numbers.items() if number)
            lines += ["", "[[application]]", *facts, *([f"announced = {{{told}}}"] if told else [])]
        return "\n".join(lines) + "\n"


def registered_name(app: Application) -> str:
    """The name in the domain file: with the name by which KT1 knew the application, when that is another one."""
    return f"{app.name} ({app.kt1_identifier})" if app.kt1_identifier else app.name


def pairs(**values: str | int | list[str] | None) -> list[str]:
    """Lines of TOML; its strings, numbers and lists of strings are written as in JSON."""
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if value is not None]
