"""The sites of a registration, row by row."""

from __future__ import annotations

import json

import pytest

from tests.clients import placeless_client
from tests.enterprises.registration_cases import (
    SITE,
    begin,
    said,
    sites,
    stored,
    url,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(lin):
    return placeless_client(lin, raise_request_exception=True)


WORKS = {"name": "Works 1", "address": "Torch Road 1", "area_m2": "1,200", "use": "production"}
LABORATORY = {"name": "Lab", "address": "Torch Road 3", "area_m2": "", "use": "laboratory"}


def test_sites_are_kept_in_their_order(park, lin, client):
    draft = begin(park, lin)

    answer = client.post(url("sites", park, draft), sites(WORKS, LABORATORY))

    assert answer.url == url("section", park, draft, section="contacts")
    assert stored(park, lin, draft).sites == [
        {**WORKS, "area_m2": "1200"},
        LABORATORY,
    ]


def test_adding_a_site_keeps_what_was_typed_and_shows_a_further_row(park, lin, client):
    draft = begin(park, lin)

    answer = client.post(url("sites", park, draft), sites(WORKS, add="yes"))
    page = client.get(answer.url)

    assert [row["name"].value() for row in page.context["form"].rows] == ["Works 1", None]
    assert len(stored(park, lin, draft).sites) == 1


def test_what_is_wrong_and_what_is_missing_of_sites_is_said_at_once(park, lin, client):
    wrong = {**WORKS, "area_m2": "large", "address": ""}
    blank = {"name": "", "address": "", "area_m2": "", "use": "production"}

    answer = client.post(url("sites", park, begin(park, lin)), sites(wrong, blank, {**LABORATORY, "name": ""}))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["site-0-area_m2", "site-0-address", "site-2-name"]


def test_removing_a_site_keeps_the_others(park, lin, client):
    draft = begin(park, lin)

    client.post(url("sites", park, draft), sites(WORKS, LABORATORY, remove="0"))

    assert [site["name"] for site in stored(park, lin, draft).sites] == ["Lab"]


def test_row_left_empty_is_no_site(park, lin, client):
    draft = begin(park, lin)

    client.post(url("sites", park, draft), sites(WORKS, {"name": "", "address": "", "area_m2": "", "use": "office"}))

    assert len(stored(park, lin, draft).sites) == 1


def test_site_without_an_address_is_asked_for_it_at_its_row(park, lin, client):
    draft = begin(park, lin)

    answer = client.post(url("sites", park, draft), sites(WORKS, {**LABORATORY, "address": ""}))
    page = client.get(answer.url)

    assert [row.errors for row in page.context["form"].rows] == [{}, {"address": ["Enter the address of site 2."]}]
    assert len(stored(park, lin, draft).sites) == 2


def test_no_site_at_all_is_asked_for(park, lin, client):
    draft = begin(park, lin)

    answer = client.post(url("sites", park, draft), sites({"name": "", "address": "", "area_m2": "", "use": "office"}))
    page = client.get(answer.url)

    assert page.context["form"].rows[0].errors == {"name": ["Add at least one site in the park."]}


@pytest.mark.parametrize("remove", [None, "0"])
def test_area_that_is_no_number_comes_back(park, lin, client, remove):
    draft = begin(park, lin)
    buttons = {"remove": remove} if remove else {}

    answer = client.post(url("sites", park, draft), sites(WORKS, {**LABORATORY, "area_m2": "large"}, **buttons))

    assert answer.status_code == 422
    assert answer.context["form"].rows[-1]["area_m2"].value() == "large"
    assert stored(park, lin, draft).revision == 0


@pytest.mark.parametrize("rows", ["51", "-1", "many", ""])
def test_more_rows_than_there_may_be_are_not_read(park, lin, client, rows):
    draft = begin(park, lin)

    answer = client.post(url("sites", park, draft), {**sites(WORKS), "rows": rows})

    assert answer.status_code == 422
    assert stored(park, lin, draft).sites == []


def test_sites_of_another_window_are_shown_before_they_are_overwritten(park, lin, client):
    draft = begin(park, lin, sites=[SITE])

    answer = client.post(url("sites", park, draft), sites(LABORATORY, revision=0))

    assert answer.status_code == 422
    assert "Works 1 · Torch Road 1" in said(answer)
    assert stored(park, lin, draft).sites == [SITE]


def test_sites_are_kept_while_they_are_typed(park, lin, client):
    draft = begin(park, lin)

    answer = json.loads(
        client.post(url("autosave", park, draft, section="sites"), sites({**WORKS, "address": ""})).content
    )

    assert answer["fields"] == {"revision": 1}
    assert stored(park, lin, draft).sites[0]["name"] == "Works 1"
