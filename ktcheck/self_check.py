"""A self-check: what one application answers for, by the same rules (``ktcheck run --self-check APP``).

The participant has a domain file of its own, with its own client, so it sees what it may see. What others answer for
is left out, and a scenario that is only about that is excused: the acceptance run checks it.
"""

from __future__ import annotations

import difflib
from typing import get_args

from ktcheck import scope as scope_of
from ktcheck.agreements import Agreements
from ktcheck.domain import Application, Domain, OwnedType
from ktcheck.errors import InputError

# What the cluster answers for together, so none of its applications alone.
OF_THE_CLUSTER = frozenset({"Afspraken", "Herhaling", "Vrijstellingen", "Bevestigingen"})
# Areas about what was tried: what is not an application's there is the provision's.
OF_THE_PROVISION = frozenset({"launch", "autorisatie", "logging"})
_TYPES = frozenset(get_args(OwnedType))


def chosen(domain: Domain, name: str) -> Application:
    """The application of the domain file with this name or client_id.

    Raises:
        InputError: there is no such application, or the domain would be read with the client of another one.
    """
    found = next((app for app in domain.application if name in {app.name, app.client_id}), None)
    if found is None:
        known = [app.name for app in domain.application]
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known) or 'none'}"
        raise InputError(f"--self-check {name!r}: the domain file has no such [[application]]; {hint}")
    live = domain.target and domain.target.fhir_base_url and not domain.target.snapshot
    if live and domain.client and domain.client.client_id != found.client_id:
        raise InputError(
            f"--self-check {found.name!r}: [client] client_id is not that of {found.name!r}; "
            "a self-check reads the domain with the application's own client, so put that in the domain file"
        )
    return found


def concerns(own: Application, application: str | None, scope: str, area: str, agreements: Agreements) -> bool:
    """Whether an application answers for what a rule of an area examined.

    ``application`` is the source of it; when that is not known every application that owns the type may be the one,
    and what belongs to no type (the messages themselves) is everybody's. What the provision does at a launch is
    nobody's but its own.
    """
    if scope in OF_THE_CLUSTER:
        return False
    if application is not None:
        return application == own.name
    if area in OF_THE_PROVISION:
        return False
    row = scope_of.rows(agreements).get(scope)
    resource_type = row.kt2 if row else scope
    return resource_type not in _TYPES or resource_type in own.owns
