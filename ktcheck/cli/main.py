"""The command group, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import importlib
import signal
import sys
from typing import Any, NoReturn

import click

import ktcheck
from ktcheck.errors import KtcheckError, our_fault

# Where each command is, in the order in which they are listed.
_COMMANDS = {
    "demo": "demo",
    "init": "setup",
    "check": "setup",
    "agreements": "agreements",
    "confirm": "confirm",
    "inventory": "data",
    "snapshot": "data",
    "run": "run",
    "report": "run",
    "cluster": "cluster",
    "bundle": "bundle",
    "verify": "bundle",
    "sandbox": "sandbox",
    "profiles": "profiles",
    "keys": "setup",
}


class _Commands(click.Group):
    """Imports a command when it is called for: what another one needs would make every call seconds slower."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        found = getattr(importlib.import_module(f"ktcheck.cli.{_COMMANDS[cmd_name]}"), cmd_name)
        assert isinstance(found, click.Command)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(ktcheck.__version__, prog_name="ktcheck")
def cli() -> None:
    """Decide whether a Koppeltaal domain that moved from 1.x to 2.0 may be approved.

    Exit codes: 0 approved, 1 rejected, 2 the call or a file is wrong, 3 the run could not be completed.
    """


def main(*arguments: Any) -> NoReturn:
    """Run a command; every error that is the user's to solve is one sentence on standard error."""
    # Whoever ends us from outside gets what Ctrl-C gets: temporary folders, which hold patient data, are removed.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        code = cli.main(args=list(arguments) or None, standalone_mode=False)
    except KtcheckError as error:
        _stop(str(error), error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        _stop("stopped by the user", 3)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _stop(f"{place}{error.strerror or type(error).__name__}; check the disk and call again", 3)
    except Exception as error:  # noqa: BLE001 (whatever it is: no traceback)
        _stop(str(our_fault(error)), 3)
    sys.exit(code if isinstance(code, int) else 0)


def _stop(sentence: str, code: int) -> NoReturn:
    click.echo(f"ktcheck: {sentence}", err=True)
    sys.exit(code)
