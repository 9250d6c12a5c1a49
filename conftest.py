"""pytest wiring, nothing else."""

pytest_plugins = [
    "ktcheck.plugin",
    "fixtures.run",
    "steps.gegeven",
    "steps.bron",
    "steps.momentopname",
    "steps.volledigheid",
    "steps.identificatie",
    "steps.referenties",
]
