"""pytest wiring, nothing else."""

pytest_plugins = [
    "ktcheck.plugin",
    "fixtures.run",
    "steps.gegeven",
    "steps.afspraken",
    "steps.bron",
    "steps.mapbaarheid",
    "steps.toepassingseisen",
    "steps.momentopname",
    "steps.volledigheid",
    "steps.identificatie",
    "steps.referenties",
    "steps.inhoud",
    "steps.profielen",
    "steps.publicatie",
    "steps.idp",
    "steps.vrijstellingen",
    "steps.bevestigingen",
    "steps.herhaling",
]
