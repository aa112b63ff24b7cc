"""FACE for operators: plain verbs in a shell.

Only the module of the command that was typed is imported, so `shiftbell understand` needs neither
settings nor a database and answers at once; `shiftbell --help` imports them all. A command module
has one public function, `register(app)`, which adds its commands. Whatever a command raises ends
here as one sentence on stderr and an exit code that means something (`terminal.exit_code`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer
from typer.main import get_command

from shiftbell import __version__
from shiftbell.cli import terminal

# Each command, and the module it lives in. `--help` lists them in this order.
COMMANDS = {
    "demo": "demo",
    "simulator": "simulator",
    "people": "people",
    "consents": "consents",
    "shifts": "shifts",
    "locations": "locations",
    "offer": "offer",
    "inbox": "inbox",
    "decide": "decide",
    "why": "why",
    "understand": "understand",
    "serve": "run",
    "web": "run",
    "worker": "run",
    "migrate": "migrate",
    "django": "migrate",
    "send-test": "send_test",
    "webhook": "webhook",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    arguments, debug = _take_debug(list(sys.argv[1:] if argv is None else argv))
    try:
        result = get_command(application(arguments)).main(
            arguments, prog_name="shiftbell", standalone_mode=False
        )
        sys.stdout.flush()  # here, where a reader that has gone is no error
    except typer.TyperException as error:
        return terminal.complain_of_usage(error)
    except (typer.Abort, KeyboardInterrupt):
        return terminal.INTERRUPTED
    except BrokenPipeError:
        return terminal.close_broken_pipe()
    except Exception as error:
        if debug:
            raise
        return terminal.complain(_plainer(error))
    return result if isinstance(result, int) else 0


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the command line; with `arguments`, only as much of it as they need."""
    app = typer.Typer(
        name="shiftbell",
        no_args_is_help=True,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit codes: 0 done, 1 it failed, 2 wrong usage or input, 3 configuration, "
        "4 RingCentral or the network.",
    )
    app.callback()(_shiftbell)
    typed = arguments[0] if arguments else ""
    names = [COMMANDS[typed]] if typed in COMMANDS else dict.fromkeys(COMMANDS.values())
    for name in [] if typed == "--version" else names:
        import_module(f"shiftbell.cli.{name}").register(app)
    return app


def _shiftbell(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=lambda v: _version(v))
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an unexpected error came from.")
    ] = False,
) -> None:
    """Text a crew about an open shift and fill it with the first person who says YES.

    Try it without an account: shiftbell demo
    """


def _version(wanted: bool) -> None:
    if wanted:
        terminal.say(f"shiftbell {__version__}")
        raise typer.Exit


def _plainer(error: Exception) -> Exception:
    # Imported here: most commands never fail, and some need no settings at all.
    from shiftbell.cli.database_trouble import in_words

    return in_words(error) or error


def _take_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """Take `--debug` out from anywhere before a `--`: it is added when something went wrong."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [word for word in arguments[:end] if word != "--debug"]
    return kept + arguments[end:], len(kept) < end
