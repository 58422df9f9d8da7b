"""Inviting, claiming, accepting, taking back."""

import re
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts import deposit, rights, services
from raccord.accounts.actors import Actor
from raccord.accounts.models import Feedback, Invitation, Membership, User, digest
from raccord.accounts.roles import Role
from raccord.privacy.models import Reading
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db

PHRASE = "la barque verte du canal"
NEW = {"first_name": "Noa", "last_name": "Inventé", "password1": PHRASE, "password2": PHRASE}


def link() -> str:
    """The path of the link in the last mail to somebody."""
    for message in reversed(mail.outbox):
        found = re.search(r"https?://[^/]+(/invitation/\S+)", message.body)
        if found:
            return found[1]
    raise AssertionError("no link was sent")


def days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def test_an_invited_correspondent_opens_an_account_with_the_link_once() -> None:
    school = cast.structure(name="Lycée des Essais")
    head = cast.actor(school)
    services.authorise_correspondent(
        head, school=school, email="CPE@exemple.test", title="CPE", ends_on=days(200)
    )
    assert mail.outbox[-1].to == ["cpe@exemple.test"]
    token = link().split("/")[2]
    assert token not in str(Invitation.objects.values())
    assert digest(token) == Invitation.objects.get().token_digest
    client = Client()
    assert "Lycée des Essais" in client.get(link()).content.decode()
    assert client.post(link(), NEW)["Location"] == "/bienvenue/"
    given = Membership.objects.get(user__email="cpe@exemple.test")
    assert (given.role, given.title, given.granted_by) == ("correspondent", "CPE", head.user)
    assert given.ends_on == days(200)
    assert client.get("/mon-compte/")["Location"].startswith("/compte/facteur/")
    again = Client().get(link())
    assert again.status_code == 404
    unknown = Client().get("/invitation/jamais-vu/")
    assert re.sub(r'value="\w+"', "", again.content.decode()) == re.sub(
        r'value="\w+"', "", unknown.content.decode()
    )


def test_a_refused_form_keeps_what_was_typed_but_never_a_password() -> None:
    school = cast.structure()
    services.authorise_correspondent(cast.actor(school), school=school, email="a@exemple.test")
    page = Client().post(link(), NEW | {"password1": "court", "password2": "court"})
    text = page.content.decode()
    assert 'value="Inventé"' in text
    assert "court" not in re.sub(r"trop courant|trop court", "", text)
    assert "fr-message--error" in text
    assert not User.objects.filter(email="a@exemple.test").exists()


def test_an_invitation_lasts_fifteen_days_and_a_new_one_closes_the_former() -> None:
    school = cast.structure()
    head = cast.actor(school)
    services.authorise_correspondent(head, school=school, email="a@exemple.test")
    first = link()
    services.authorise_correspondent(head, school=school, email="a@exemple.test")
    assert Client().get(first).status_code == 404
    assert Client().get(link()).status_code == 200
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(link()).status_code == 404


def test_an_existing_account_signs_in_then_joins() -> None:
    first, second = cast.structure(), cast.structure()
    who = cast.member(first, Role.CORRESPONDENT)
    services.authorise_correspondent(cast.actor(second), school=second, email=who.email)
    assert "Se connecter" in Client().get(link()).content.decode()
    other = cast.signed_in(cast.member(first, Role.CORRESPONDENT))
    assert "Cette invitation est pour" in other.post(link()).content.decode()
    assert cast.signed_in(who).post(link())["Location"] == "/"
    assert Actor.of(who).structure_ids == {first.pk, second.pk}


def test_the_head_claims_the_school_from_its_mailbox_and_names_themselves() -> None:
    school = cast.structure(email="ce.essai@exemple.test")
    admin = cast.actor(cast.structure(Kind.RECTORAT), Role.TERRITORY_ADMIN)
    services.equip_territory(admin, academie=school.academie)
    claim = link()
    fields = {"title": "par intérim", "first_name": "Sacha", "last_name": "Fictif"}
    client = Client()
    to_mailbox = client.post(claim, fields | {"email": "ce.essai@exemple.test"})
    assert "lue par plusieurs personnes" in to_mailbox.content.decode()
    without_end = client.post(claim, fields | {"email": "sacha@exemple.test"})
    assert "Un intérim a une fin" in without_end.content.decode()
    assert 'value="sacha@exemple.test"' in without_end.content.decode()
    done = client.post(claim, fields | {"email": "sacha@exemple.test", "ends_on": days(60)})
    assert "sacha@exemple.test" in done.content.decode()
    assert Client().get(claim).status_code == 404
    assert [m.to[0] for m in mail.outbox[-2:]] == ["sacha@exemple.test", school.email]
    assert "Sacha Fictif" in mail.outbox[-1].body
    assert 'value="Sacha"' in Client().get(link()).content.decode()
    Client().post(link(), NEW)
    head = Membership.objects.get(role=Role.HEAD)
    assert (head.user.email, head.ends_on) == ("sacha@exemple.test", days(60))


def test_who_sets_up_the_rights_cannot_open_the_files() -> None:
    school = cast.structure(email="ce.essai@exemple.test")
    admin = cast.actor(cast.structure(Kind.RECTORAT), Role.TERRITORY_ADMIN)
    for role, email in (
        (Role.CORRESPONDENT, "x@exemple.test"),
        (Role.HEAD, "x@exemple.test"),
        (Role.HEAD, admin.user.email),
    ):
        with pytest.raises(services.Refused):
            services.invite(admin, structure=school, role=role, email=email)
    dsden = cast.structure(Kind.DSDEN)
    with pytest.raises(services.Refused, match="soi-même"):
        services.invite(admin, structure=dsden, role=Role.DASEN, email=admin.user.email)
    services.invite(admin, structure=dsden, role=Role.DASEN, email="dasen@exemple.test")


@pytest.mark.parametrize("role", [r for r in Role if r not in {Role.HEAD}])
def test_only_a_head_authorises_in_a_school(role: Role) -> None:
    school = cast.structure()
    place = school if role in {Role.CORRESPONDENT, Role.SECRETARIAT} else cast.structure(Kind.CIO)
    who = cast.actor(place, role)
    with pytest.raises((services.Refused, Http404)):
        services.authorise_correspondent(who, school=school, email="a@exemple.test")
    stranger = cast.actor(cast.structure())
    with pytest.raises(Http404):
        services.authorise_correspondent(stranger, school=school, email="a@exemple.test")


def test_a_role_exists_only_where_it_makes_sense() -> None:
    school, cio = cast.structure(), cast.structure(Kind.CIO)
    head, lead = cast.actor(school), cast.actor(cio, Role.LEAD)
    for actor, structure, role in ((head, school, Role.AGENT), (lead, cio, Role.CORRESPONDENT)):
        with pytest.raises(services.Refused):
            services.invite(actor, structure=structure, role=role, email="a@exemple.test")
    with pytest.raises(services.Refused, match="limité"):
        services.invite(
            head, structure=school, role=Role.SECRETARIAT, email="a@exemple.test", scope="classes",
            classes=["2de"],
        )  # fmt: skip


def test_a_referent_of_the_basin_is_a_dated_designation() -> None:
    cio = cast.structure(Kind.CIO, basin=cast.basin())
    admin = cast.actor(cast.structure(Kind.RECTORAT), Role.TERRITORY_ADMIN)
    give = services.designate_basin_referent
    with pytest.raises(services.Refused, match="donnez sa date"):
        give(admin, structure=cio, email="r@exemple.test", starts_on=None, ends_on=None)
    give(admin, structure=cio, email="r@exemple.test", starts_on=None, ends_on=days(300))
    lead = cast.actor(cio, Role.LEAD)
    with pytest.raises(services.Refused):
        give(lead, structure=cio, email="r@exemple.test", starts_on=None, ends_on=days(300))


def test_taking_back_is_immediate_and_never_of_oneself() -> None:
    school = cast.structure()
    head_user = cast.member(school)
    cpe = cast.member(school, Role.CORRESPONDENT)
    theirs = cast.signed_in(cpe)
    assert theirs.get("/mon-compte/").status_code == 200
    client = cast.signed_in(head_user)
    given = Membership.objects.get(user=cpe)
    assert client.post(f"/habilitations/{given.pk}/retirer/").status_code == 302
    assert theirs.get("/mon-compte/")["Location"].startswith("/compte/connexion/")
    assert not Actor.of(cpe).memberships
    own = Membership.objects.get(user=head_user)
    assert client.post(f"/habilitations/{own.pk}/retirer/").status_code == 404
    assert client.post(f"/habilitations/{given.pk}/retirer/").status_code == 404
    # the same person may be given the same role again
    services.authorise_correspondent(Actor.of(head_user), school=school, email=cpe.email)
    client = cast.signed_in(cpe)
    assert services.accept_invitation(link().split("/")[2], user=cpe) == cpe
    assert len(Actor.of(cpe).memberships) == 1


def test_a_take_back_shows_no_case_to_the_database_either() -> None:
    from raccord.accounts.middleware import acting_in_database
    from raccord.followup.models import Case

    school = cast.structure()
    cast.case(school)
    cpe = cast.member(school, Role.CORRESPONDENT)
    with acting_in_database(cpe.pk):
        assert Case.objects.count() == 1
    services.take_back(cast.actor(school), membership=Membership.objects.get(user=cpe))
    with acting_in_database(cpe.pk):
        assert Case.objects.count() == 0


def test_the_sessions_end_with_the_last_role_only() -> None:
    first, second = cast.structure(), cast.structure()
    cpe = cast.member(first, Role.CORRESPONDENT)
    cast.member(second, Role.CORRESPONDENT, who=cpe)
    client = cast.signed_in(cpe)
    services.take_back(
        cast.actor(first), membership=Membership.objects.get(user=cpe, structure=first)
    )
    assert client.get("/mon-compte/").status_code == 200
    services.end_membership(
        None, membership=Membership.objects.get(user=cpe, structure=second), on=days(-1)
    )
    assert client.get("/mon-compte/").status_code == 302


def test_the_people_of_a_structure_are_shown_to_its_own() -> None:
    school = cast.structure()
    head = cast.member(school)
    cast.member(school, Role.SECRETARIAT, who=cast.user(last_name="Tampon"))
    page = cast.signed_in(head).get(f"/structures/{school.pk}/personnes/").content.decode()
    assert "Tampon" in page
    assert "Habiliter quelqu’un" in page
    secretariat = cast.signed_in(User.objects.get(last_name="Tampon"))
    seen = secretariat.get(f"/structures/{school.pk}/personnes/").content.decode()
    assert "Habiliter quelqu’un" not in seen
    stranger = cast.signed_in(cast.member(cast.structure()))
    assert stranger.get(f"/structures/{school.pk}/personnes/").status_code == 404


def test_a_head_invites_from_the_page_for_some_classes() -> None:
    school = cast.structure()
    client = cast.signed_in(cast.member(school))
    address = f"/structures/{school.pk}/personnes/"
    fields = {"email": "pp@exemple.test", "role": "correspondent", "scope": "classes"}
    assert "Cochez au moins une classe" in client.post(address, fields).content.decode()
    for level in ("1re ASSP", "2de MTNE", "3e", "T" * 60):
        cast.case(school, level=level)
    cast.case(cast.structure(), level="1re CIEL")
    page = client.get(address).content.decode()
    assert 'value="1re ASSP"' in page
    assert "CIEL" not in page
    refused = client.post(address, fields | {"classes": ["1re CIEL"]}).content.decode()
    assert "n’est pas une classe connue" in refused
    assert 'value="pp@exemple.test"' in refused
    chosen = {"classes": ["1re ASSP", "2de MTNE"]}
    assert client.post(address, fields | chosen).status_code == 302
    sent = Invitation.objects.get()
    assert (sent.scope, sent.classes) == ("classes", ["1re ASSP", "2de MTNE"])
    assert client.post(f"/invitations/{sent.pk}/renvoyer/").status_code == 302
    latest = Invitation.objects.open().get()
    assert latest.pk != sent.pk
    assert client.post(f"/invitations/{latest.pk}/annuler/").status_code == 302
    assert not Invitation.objects.open().exists()


def test_a_head_entrusts_pupils_found_by_their_name() -> None:
    school = cast.structure()
    head = cast.member(school)
    client = cast.signed_in(head)
    address = f"/structures/{school.pk}/personnes/"
    mine = [
        cast.case(school, of=cast.person(last_name=name, academie=school.academie))
        for name in ("Kerbiriou", "Tanguy")
    ]
    other = cast.case(cast.structure(), of=cast.person(last_name="Kerbiriou"))
    fields = {"email": "pp@exemple.test", "role": "correspondent", "scope": "pupils"}
    assert "Cherchez au moins un élève" in client.post(address, fields).content.decode()

    page = client.post(address, fields | {"search": "kerbi", "chercher": "1"}).content.decode()
    assert f'value="{mine[0].pk}"' in page
    assert str(mine[1].pk) not in page
    assert str(other.pk) not in page
    assert 'value="pp@exemple.test"' in page
    assert not Invitation.objects.exists()
    assert Reading.objects.filter(act="search", reader=head).exists()

    ticked = {"pupils": [str(mine[0].pk)]}
    page = client.post(address, fields | ticked | {"search": "tanguy", "chercher": "1"})
    assert f'value="{mine[1].pk}"' in page.content.decode()
    assert re.search(rf'value="{mine[0].pk}"[^>]*checked', page.content.decode())
    none = client.post(address, fields | {"search": "personne", "chercher": "1"}).content.decode()
    assert "ne porte ce nom" in none

    stolen = client.post(address, fields | {"pupils": [str(other.pk)]})
    assert not Invitation.objects.exists()
    assert stolen.status_code == 200
    assert client.post(address, fields | ticked).status_code == 302
    assert Invitation.objects.get().pupils == [mine[0].pk]


def test_each_september_heads_confirm_and_the_others_lose_their_role() -> None:
    school = cast.structure()
    stays, leaves = (cast.member(school, starts_on=date(2025, 1, 1)) for _ in range(2))
    cast.member(school, Role.CORRESPONDENT, starts_on=date(2025, 1, 1))
    assert services.confirm_memberships(date(2026, 8, 31)) == 0
    assert services.confirm_memberships(date(2026, 9, 1)) == 2
    assert services.confirm_memberships(date(2026, 9, 2)) == 0
    assert {m.to[0] for m in mail.outbox} == {stays.email, leaves.email}
    assert set(Membership.objects.filter(role="head").values_list("confirm_before", flat=True)) == {
        date(2026, 9, 30)
    }
    Membership.objects.filter(user=stays).update(confirm_before=days(3))
    own = Membership.objects.get(user=stays)
    client = cast.signed_in(stays)
    assert "À confirmer avant" in client.get("/mon-compte/").content.decode()
    stranger = cast.signed_in(cast.member(cast.structure()))
    assert stranger.post(f"/mon-compte/confirmer/{own.pk}/").status_code == 404
    assert client.post(f"/mon-compte/confirmer/{own.pk}/").status_code == 302
    own.refresh_from_db()
    assert own.confirm_before is None
    Membership.objects.filter(user=stays).update(confirmed_on=date(2026, 9, 2))
    assert services.confirm_memberships(date(2026, 9, 3)) == 0
    in_october = Membership.objects.in_force(date(2026, 10, 1)).filter(role="head")
    assert [m.user for m in in_october] == [stays]


def test_equipping_twice_sends_once_and_says_what_is_missing() -> None:
    academie = cast.academie()
    rectorat = cast.structure(Kind.RECTORAT, email="rectorat@exemple.test")
    admin = cast.actor(rectorat, Role.TERRITORY_ADMIN)
    one = cast.structure(email="ce.un@exemple.test")
    cio = cast.structure(Kind.CIO, email="cio@exemple.test")
    bare = cast.structure()
    claimed = cast.structure(email="ce.pris@exemple.test")
    cast.member(claimed)
    elsewhere = cast.departement("087", of=cast.academie("22", "Limoges"))
    cast.structure(email="ailleurs@exemple.test", departement=elsewhere)
    first = services.equip_territory(admin, academie=academie)
    assert {s.pk for s in first.sent} == {one.pk, cio.pk}
    assert [s.pk for s in first.without_mailbox] == [bare.pk]
    assert [s.pk for s in first.claimed] == [claimed.pk]
    assert {m.to[0] for m in mail.outbox} == {"ce.un@exemple.test", "cio@exemple.test"}
    assert set(Invitation.objects.values_list("role", flat=True)) == {"head", "lead"}
    second = services.equip_territory(admin, academie=academie)
    assert second.sent == []
    assert len(second.waiting) == 2
    with pytest.raises(Http404):
        services.equip_territory(admin, academie=elsewhere.academie)


def test_a_file_gives_mailboxes_and_names_what_it_does_not_know() -> None:
    rectorat = cast.structure(Kind.RECTORAT)
    client = cast.signed_in(cast.member(rectorat, Role.TERRITORY_ADMIN))
    school = cast.structure(email="ancien@exemple.test")
    other = cast.structure(email="autre@exemple.test")
    book = openpyxl.Workbook()
    book.active.append(["UAI", "Nom", "Courriel"])
    book.active.append([school.uai, "x", "Nouveau@exemple.test"])
    book.active.append(["0999999X", "y", "z@exemple.test"])
    content = BytesIO()
    book.save(content)
    file = SimpleUploadedFile("etab.xlsx", content.getvalue())
    page = client.post("/territoire/equiper/", {"file": file}).content.decode()
    assert "1 invitation partie" in page
    assert "ligne 3 : 0999999X" in page
    school.refresh_from_db()
    assert school.email == "nouveau@exemple.test"
    assert not Invitation.objects.filter(structure=other).exists()
    wrong = SimpleUploadedFile("e.csv", f"uai;courriel\n{other.uai};pas une adresse\n".encode())
    refused = client.post("/territoire/equiper/", {"file": wrong}).content.decode()
    assert "ligne 2 : « pas une adresse »" in refused


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"nom;ville\nx;y\n", "Aucune colonne « uai »"),
        (b"PK\x03\x04rien", "ne s’ouvre pas"),
        (b"uai\x00\x00", "ni un CSV"),
    ],
)
def test_an_unreadable_file_is_refused_with_a_remedy(content: bytes, said: str) -> None:
    with pytest.raises(deposit.Unreadable, match=said):
        deposit.read(BytesIO(content))


def test_a_feedback_reaches_the_administrator_without_what_was_searched() -> None:
    school = cast.structure()
    client = cast.signed_in(cast.member(school))
    page = client.get("/avis/", headers={"Referer": "http://testserver/?q=Martin"})
    assert "Martin" not in page.content.decode()
    empty = client.post("/avis/", {"text": "", "screen": "/"}).content.decode()
    assert "Écrivez au moins une phrase." in empty
    client.post("/avis/", {"text": "Le bouton est trop petit.", "screen": "/liste?q=Martin"})
    said = Feedback.objects.get()
    assert (said.screen, said.academie) == ("/liste", school.academie)
    admin = cast.signed_in(cast.member(cast.structure(Kind.RECTORAT), Role.TERRITORY_ADMIN))
    assert "Le bouton est trop petit." in admin.get("/territoire/avis/").content.decode()
    assert admin.post(f"/territoire/avis/{said.pk}/traite/").status_code == 302
    far = cast.structure(
        Kind.RECTORAT, departement=cast.departement("087", of=cast.academie("22", "Limoges"))
    )
    stranger = cast.signed_in(cast.member(far, Role.TERRITORY_ADMIN))
    assert stranger.post(f"/territoire/avis/{said.pk}/traite/").status_code == 404


def test_an_administrator_closes_accounts_of_the_territory_only() -> None:
    admin = cast.actor(cast.structure(Kind.RECTORAT), Role.TERRITORY_ADMIN)
    here = cast.member(cast.structure())
    far = cast.departement("087", of=cast.academie("22", "Limoges"))
    there = cast.member(cast.structure(departement=far))
    services.disable_user(admin, user=here)
    assert not User.objects.get(pk=here.pk).is_active
    for refused in (there, admin.user):
        with pytest.raises(Http404):
            services.disable_user(admin, user=refused)


def test_who_gives_what_is_said_in_one_place() -> None:
    school, cio = cast.structure(), cast.structure(Kind.CIO)
    head = cast.actor(school)
    assert rights.may_give(head, school) == {Role.HEAD, Role.CORRESPONDENT, Role.SECRETARIAT}
    assert rights.may_give(head, cio) == frozenset()
    assert rights.abilities(head, cio) == frozenset()
    assert rights.abilities(None, school) == frozenset()
    steering = cast.actor(cast.structure(Kind.RECTORAT), Role.STEERING)
    assert rights.abilities(steering, school) == frozenset()
    assert not rights.visible_structures(steering).exists()
