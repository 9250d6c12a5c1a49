"""Known faults, each one small change to a practice domain that was migrated without a fault.

Every rule of the suite has at least one defect that it, and preferably it alone, catches.
"""

from __future__ import annotations

from ktcheck.sandbox.defects import (
    agreements,
    completeness,
    confirmations,
    conformance,
    content,
    identification,
    idp,
    launch,
    mappable,
    opinion,
    publication,
    references,
    refusals,
    repetition,
    service,
    source,
    waivers,
)
from ktcheck.sandbox.defects.defect import Defect

__all__ = ["DEFECTS", "Defect"]

DEFECTS: dict[str, Defect] = {
    defect.name: defect
    for module in (
        agreements,
        source,
        service,
        completeness,
        identification,
        idp,
        launch,
        refusals,
        references,
        content,
        conformance,
        opinion,
        mappable,
        publication,
        waivers,
        confirmations,
        repetition,
    )
    for defect in module.DEFECTS
}
