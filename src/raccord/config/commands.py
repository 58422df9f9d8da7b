"""The commands of the service: what `raccord serve`, `manage`, `nightly`... do."""

import argparse
import sys

DONE, OUR_FAULT, REFUSED = 0, 1, 2

#: Commands that need the whole service, hence the extra `web`.
NAMES = ("serve", "demo", "manage", "nightly", "access-log")


def run(options: argparse.Namespace) -> int:
    """Dispatch; what the machine or the person has to do first is one line of French."""
    try:
        from raccord.config.postgres import ServerError  # noqa: PLC0415
    except ModuleNotFoundError as absent:
        sys.stderr.write(
            f"Le service n’est pas installé ({absent.name}) : lancez « make install », ou "
            "« pip install raccord[web] ».\n"
        )
        return REFUSED
    from django.core.management.base import CommandError  # noqa: PLC0415

    from raccord.config import service  # noqa: PLC0415

    try:
        if options.command == "serve":
            return service.serve(options.host, options.port, _say)
        if options.command == "demo":
            from raccord.config.demonstration import show  # noqa: PLC0415

            return show(options.port, options.pupils, _say)
        if options.command == "nightly":
            return service.manage(["nightly", *options.rest])
        if options.command == "access-log":
            return service.manage(["access_log", options.action])
        return service.manage(options.rest)
    except (ServerError, service.ServiceError, CommandError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return REFUSED


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
