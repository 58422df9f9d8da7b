"""From a bare machine to a page that shows the product at work."""

import json
import logging
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from raccord.config import service
from raccord.config.demonstration import territory
from raccord.config.environment import home

Say = Callable[[str], None]


def show(port: int, pupils: int, say: Say) -> int:
    """Play everything that is not there yet, then serve until Ctrl-C."""
    os.environ["RACCORD_DEMO"] = "1"
    os.environ.setdefault("RACCORD_URL", f"http://127.0.0.1:{port}")
    folder = home() / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    card = folder / "demo.json"
    logging.getLogger("raccord").setLevel(logging.WARNING)  # said in French, just below
    with service.database():
        if service.migrate():
            say("La base de données est prête.")
        if not _is_played(card, port):
            _play(pupils, folder / "territoire", say)
            _write_card(card, port, say)
        opened = service.Service("127.0.0.1", port, {"RACCORD_DEMO": "1"}, say)
        try:
            opened.start()
            _tell(card, say)
            opened.watch()
        finally:
            say("Arrêt…")
            opened.stop()
    return 0


def _play(pupils: int, folder: Path, say: Say) -> None:
    as_of = territory.day_shown(date.today())
    territory.simulate_once(folder, pupils, as_of, say)
    territory.settle(folder, as_of, say)
    territory.deposit(folder, as_of, say)
    territory.play_night(as_of, say)


def _write_card(card: Path, port: int, say: Say) -> None:
    """The accounts, what they did until today, then demo.json, complete or absent."""
    # Rooms of Django: none can be imported before it is set up.
    from raccord.accounts.actors import Actor  # noqa: PLC0415
    from raccord.accounts.models import User  # noqa: PLC0415
    from raccord.config.demonstration import partners, story  # noqa: PLC0415
    from raccord.config.demonstration.accounts import create_accounts  # noqa: PLC0415

    as_of = territory.day_shown(date.today())
    accounts = create_accounts(territory.ACADEMIE, as_of)
    admin = Actor.of(User.objects.get(email="rectorat@demo.test"))
    left_out = partners.agree(admin, territory.ACADEMIE, as_of)
    if left_out:
        say(f"Un accord avec chaque partenaire, sauf « {left_out} » : rien ne peut y partir.")
    story.play(territory.ACADEMIE, as_of, say)
    written = {"url": f"http://127.0.0.1:{port}/", "accounts": accounts}
    part = card.with_suffix(".part")
    part.write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n", "utf-8")
    part.chmod(0o600)
    part.replace(card)


def _is_played(card: Path, port: int) -> bool:
    """Whether a former run went to its end, in this very database."""
    from raccord.accounts.models import User  # noqa: PLC0415

    try:
        known = json.loads(card.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    if not User.objects.filter(email=known["accounts"][0]["email"]).exists():
        return False
    if known["url"] != f"http://127.0.0.1:{port}/":
        known["url"] = f"http://127.0.0.1:{port}/"
        card.write_text(json.dumps(known, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return True


def _tell(card: Path, say: Say) -> None:
    from raccord.config.demonstration.accounts import GROUPS  # noqa: PLC0415

    known = json.loads(card.read_text("utf-8"))
    by_key = {a["email"].partition("@")[0]: a for a in known["accounts"]}
    say("")
    say(f"Raccord est ouvert : {known['url']}")
    widths = [max(len(a[key]) for a in known["accounts"]) for key in _SHOWN]
    for title, keys in GROUPS:
        say("")
        say(title)
        for a in (by_key[key] for key in keys if key in by_key):
            cells = [a[key].ljust(w) for key, w in zip(_SHOWN, widths, strict=True)]
            say("  " + "  ".join([*cells, a["structure"]]))
    say("")
    say("Ctrl-C arrête tout ; relancer la commande retrouve ce qui est fait.")


_SHOWN = ("role", "email", "password")
