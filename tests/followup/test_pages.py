"""Pages of the follow-up, as a browser without script gets them."""

import pytest
from tests import cast

pytestmark = pytest.mark.django_db


def test_the_home_page_wants_somebody_signed_in() -> None:
    from django.test import Client

    answer = Client().get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/")


def test_a_head_gets_a_page() -> None:
    head = cast.member(cast.structure())
    assert cast.signed_in(head).get("/").status_code == 200
