"""The commands (contract: design.md). They read options, call the library and print; they decide nothing."""

from ktcheck.cli.main import main

__all__ = ["main"]
