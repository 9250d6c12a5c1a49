"""The command group, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import signal
import sys
from typing import Any, NoReturn

import click

import ktcheck
from ktcheck.cli.agreements import agreements
from ktcheck.cli.bundle import bundle, verify
from ktcheck.cli.data import inventory, snapshot
from ktcheck.cli.demo import demo
from ktcheck.cli.profiles import profiles
from ktcheck.cli.run import report, run
from ktcheck.cli.sandbox import sandbox
from ktcheck.cli.setup import check, init, keys
from ktcheck.errors import KtcheckError, our_fault


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(ktcheck.__version__, prog_name="ktcheck")
def cli() -> None:
    """Decide whether a Koppeltaal domain that moved from 1.x to 2.0 may be approved.

    Exit codes: 0 approved, 1 rejected, 2 the call or a file is wrong, 3 the run could not be completed.
    """


for command in (
    demo,
    init,
    check,
    agreements,
    inventory,
    snapshot,
    run,
    report,
    bundle,
    verify,
    sandbox,
    profiles,
    keys,
):
    cli.add_command(command)


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
