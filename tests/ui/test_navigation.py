"""A menu is read at a glance: what is opened now and then goes under one entry."""

import pytest
from django.test import RequestFactory
from tests import cast

from raccord.accounts.roles import Role
from raccord.territory.kinds import Kind
from raccord.ui import navigation

pytestmark = pytest.mark.django_db


def test_a_long_menu_folds_what_is_opened_now_and_then(rf: RequestFactory) -> None:
    menu = navigation.menu(rf.get("/bases/"), cast.actor(cast.structure(Kind.LYCEE), Role.HEAD))
    assert len(menu) <= 7
    assert menu[0]["label"] == "Ma liste"
    *daily, others = menu
    assert not any(line["pages"] for line in daily)
    labels = [page["label"] for page in others["pages"]]
    assert {"Bases", "Personnes habilitées"} <= set(labels)
    assert [page["label"] for page in others["pages"] if page["here"]] == ["Bases"]
    assert others["here"], "the page one is on is said even when it is folded"


def test_a_short_menu_is_left_whole(rf: RequestFactory) -> None:
    actor = cast.actor(cast.structure(Kind.RECTORAT), Role.DPO)
    assert not any(line["pages"] for line in navigation.menu(rf.get("/"), actor))
