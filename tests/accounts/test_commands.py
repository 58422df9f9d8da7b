"""The commands of accounts, as an administrator of the server types them."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from tests import cast

from raccord.accounts.management.commands.migrate import without_neighbours
from raccord.accounts.models import Membership, User
from raccord.accounts.roles import Role
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


def said(*arguments: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_first_administrator_gets_a_link_by_hand() -> None:
    cast.academie()
    link = re.search(
        r"https?://[^/]+(/invitation/\S+)", said("create_administrator", "17", "A@exemple.test")
    )
    assert link is not None
    phrase = "la barque verte du canal"
    named = {"first_name": "Noa", "last_name": "Inventé"}
    client = Client()
    client.post(link[1], named | {"password1": phrase, "password2": phrase})
    assert client.get("/territoire/").status_code == 200
    assert Membership.objects.get().role == Role.TERRITORY_ADMIN
    assert mail.outbox == []
    with pytest.raises(CommandError, match="Aucune académie"):
        said("create_administrator", "99", "a@exemple.test")


def test_inviting_from_the_command_line() -> None:
    school = cast.structure()
    assert "partie à a@exemple.test" in said("invite", school.uai, "head", "A@exemple.test")
    assert mail.outbox[0].to == ["a@exemple.test"]
    for wrong in (("0000000X", "head", "a@b.test"), (school.uai, "lead", "a@b.test")):
        with pytest.raises(CommandError):
            said("invite", *wrong)


def test_equipping_from_a_file_or_the_directory(tmp_path: Path) -> None:
    school, other = cast.structure(), cast.structure(email="b@exemple.test")
    file = tmp_path / "etab.csv"
    file.write_text(
        f"uai;courriel\n{school.uai};a@exemple.test\n0999999X;c@exemple.test\n", "utf-8"
    )
    text = said("equip", "17", "--fichier", str(file))
    assert "1 invitations parties" in text
    assert "Inconnue : ligne 3 : 0999999X" in text
    assert said("equip", "17").startswith("1 invitations parties, 1 déjà en attente")
    assert {m.to[0] for m in mail.outbox} == {"a@exemple.test", other.email}
    with pytest.raises(CommandError):
        said("equip", "17", "--fichier", str(tmp_path / "absent.csv"))


def test_asking_to_confirm_may_run_every_day() -> None:
    cast.member(cast.structure())
    assert said("confirm_memberships").endswith("confirmations demandées.\n")
    assert said("confirm_memberships") == "0 confirmations demandées.\n"


def test_a_lost_telephone_is_an_affair_of_the_administrator() -> None:
    head = cast.member(cast.structure())
    theirs = cast.signed_in(head)
    admin = cast.signed_in(cast.member(cast.structure(Kind.RECTORAT), Role.TERRITORY_ADMIN))
    colleague = cast.signed_in(cast.member(head.memberships.get().structure))
    assert colleague.post(f"/comptes/{head.pk}/facteur/").status_code == 404
    assert admin.post(f"/comptes/{head.pk}/facteur/").status_code == 302
    assert not Authenticator.objects.filter(user=head).exists()
    assert theirs.get("/mon-compte/")["Location"].startswith("/compte/connexion/")
    assert mail.outbox[-1].to == [head.email]
    assert admin.post(f"/comptes/{head.pk}/fermer/").status_code == 302
    assert not User.objects.get(pk=head.pk).is_active


def test_migrating_faster_runs_the_same_statements() -> None:
    def statements() -> list[str]:
        loader = MigrationLoader(connection)
        graph = loader.graph
        plan = graph.forwards_plan(("accounts", "0005_classes_as_departures_write_them"))
        sql: list[str] = loader.collect_sql([(graph.nodes[key], False) for key in plan])
        return sql

    by_django = statements()
    with without_neighbours():
        assert statements() == by_django
    assert len(by_django) > 200
