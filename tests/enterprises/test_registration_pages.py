"""A registration at the park's public page: the way in, its sections, what is saved while one types."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import OutgoingMail, User
from enterprises.services.registration import MOST_OPEN
from tests.clients import placeless_client
from tests.enterprises.registration_cases import (
    ANSWERS,
    CODE,
    EARLY_CODE,
    IDENTITY,
    begin,
    complete,
    problems,
    said,
    stored,
    submit,
    suspended,
    url,
)

pytestmark = pytest.mark.django_db
BUSINESS = {
    "industry_code": "3562",
    "industry_zh": "半导体装备",
    "industry_en": "",
    "employees": "230",
    "website": "www.newport.cn",
    "revision": "0",
}
CONTACTS = {
    "contact_name": "Lin Yue",
    "contact_phone": "0592 555 1234",
    "contact_email": "lin@example.com",
    "energy_contact_name": "",
    "energy_contact_phone": "",
    "energy_contact_email": "",
    "revision": "0",
}


@pytest.fixture
def client(lin):
    return placeless_client(lin, raise_request_exception=True)


def test_public_page_of_the_park_leads_to_the_registration(park):
    page = said(Client().get(reverse("parks:public_park", args=[park.slug])))

    assert url("start", park) in page
    assert "5 working days" in page


def test_suspended_park_offers_no_registration(park):
    page = said(Client().get(reverse("parks:public_park", args=[suspended(park).slug])))

    assert url("start", park) not in page


def test_start_page_says_what_one_needs_and_sends_to_sign_up(park):
    page = Client().get(url("start", park))

    onward = {"next": [url("begin", park)]}
    for name in ("sign_up_url", "sign_in_url"):
        assert parse_qs(urlsplit(page.context[name]).query) == onward
    assert "The business licence" in said(page)


def test_start_page_of_an_unknown_park_is_missing(park):
    assert Client().get(f"/parks/{park.slug}-no/register/").status_code == 404


def test_visitor_is_asked_to_sign_in_and_comes_back(park):
    answer = Client().get(url("begin", park))

    assert answer.url == f"{reverse('account_login')}?next={url('begin', park).replace('/', '%2F')}"


def test_new_person_comes_back_after_confirming_the_address_in_another_browser(park):
    begins = url("begin", park)
    typed = {
        "email": "new@example.com",
        "name": "New Person",
        "password1": "harbour-lantern-42",
        "password2": "harbour-lantern-42",
        "next": begins,
    }
    Client().post(reverse("account_signup"), typed)
    link = OutgoingMail.objects.get(address="new@example.com").url

    elsewhere = Client()
    confirmed = elsewhere.post(link.partition("?")[0], {"next": begins})
    signed_in = elsewhere.post(
        reverse("account_login"), {"login": "new@example.com", "password": "harbour-lantern-42", "next": begins}
    )

    assert parse_qs(urlsplit(link).query) == {"next": [begins]}
    assert (confirmed.url, signed_in.url) == (begins, begins)
    assert User.objects.get(email="new@example.com").memberships.count() == 0


def test_link_of_the_mail_leads_nowhere_else():
    typed = {
        "email": "new@example.com",
        "name": "New Person",
        "password1": "harbour-lantern-42",
        "password2": "harbour-lantern-42",
        "next": "https://elsewhere.example/",
    }
    Client().post(reverse("account_signup"), typed)

    assert "elsewhere" not in OutgoingMail.objects.get(address="new@example.com").url


@pytest.mark.parametrize(
    ("answers", "words"), [({}, "Begin with Identity"), ({"name_zh": "晨光"}, "Continue with Identity")]
)
def test_task_list_says_whether_its_next_section_is_begun(park, lin, client, answers, words):
    draft = begin(park, lin, **answers)

    assert words in client.get(url("detail", park, draft)).content.decode()


def test_beginning_opens_the_task_list_once(park, lin, client):
    first = client.post(url("begin", park))
    second = client.post(url("begin", park))

    tasks = client.get(first.url)
    assert first.url == second.url
    assert (tasks.context["done"], tasks.context["total"]) == (0, 5)
    assert tasks.context["next_task"]["name"] == "identity"


def test_begin_page_offers_to_go_on_with_the_draft(park, lin, client):
    draft = begin(park, lin, name_zh="新港")

    page = client.get(url("begin", park))

    assert url("detail", park, draft) in said(page)
    assert "Go on with your draft" in said(page)


def test_too_many_are_refused_on_the_page(park, lin, client):
    for _number in range(MOST_OPEN):
        submit(park, lin, complete(park, lin))

    answer = client.post(url("begin", park))

    assert answer.status_code == 422
    assert "You have 5 open registrations in this park." in said(answer)


def test_identity_is_kept_and_leads_on(park, lin, client):
    draft = begin(park, lin)

    answer = client.post(
        url("section", park, draft, section="identity"), {**IDENTITY, "credit_code": "９１３５0200-ma2yj1xr9g"}
    )

    kept = stored(park, lin, draft)
    assert answer.url == url("section", park, draft, section="business")
    assert (kept.credit_code, str(kept.registered_capital), kept.revision) == (CODE, "12000000.00", 1)


def test_what_is_missing_is_said_after_the_rest_is_kept(park, lin, client):
    draft = begin(park, lin)

    answer = client.post(
        url("section", park, draft, section="identity"), {**IDENTITY, "address": "", "credit_code": "9135"}
    )
    page = client.get(answer.url)

    assert stored(park, lin, draft).name_zh == IDENTITY["name_zh"]
    assert problems(page) == {
        "credit_code": ["The code has 18 characters; this one has 4."],
        "address": ["Enter the registered address."],
    }
    assert 'name="revision" value="1"' in said(page)


def test_half_a_section_is_kept_for_later_without_a_word(park, lin, client):
    draft = begin(park, lin)

    answer = client.post(
        url("section", park, draft, section="business"), {**BUSINESS, "industry_code": "", "later": "yes"}
    )

    assert answer.url == url("detail", park, draft)
    assert stored(park, lin, draft).website == "https://www.newport.cn"


def test_early_code_is_asked_about_and_confirmed(park, lin, client):
    draft, page = begin(park, lin), "identity"
    answer = client.post(url("section", park, draft, section=page), {**IDENTITY, "credit_code": EARLY_CODE})
    asked = client.get(answer.url)
    assert problems(asked) == {
        "is_code_confirmed": [
            "The last character of the code does not fit the others: a typing error, or a code of the early pilots."
            " Compare it with the business licence, then confirm it."
        ]
    }
    assert "The business licence carries exactly this code" in said(asked)

    confirmed = {**IDENTITY, "credit_code": EARLY_CODE, "is_code_confirmed": "on", "revision": "1"}
    answer = client.post(url("section", park, draft, section=page), confirmed)

    assert answer.url == url("section", park, draft, section="business")
    assert stored(park, lin, draft).is_code_confirmed


@pytest.mark.parametrize(
    ("section", "typed", "field"),
    [
        ("identity", {**IDENTITY, "registered_capital": "much"}, "registered_capital"),
        ("identity", {**IDENTITY, "established_on": "yesterday"}, "established_on"),
        ("identity", {**IDENTITY, "credit_code": CODE + "9"}, "credit_code"),
        ("identity", {**IDENTITY, "name_zh": "\u200b"}, "name_zh"),
        ("identity", {**IDENTITY, "kind": "bakery"}, "kind"),
        ("business", {**BUSINESS, "industry_code": "C35621234567"}, "industry_code"),
        ("business", {**BUSINESS, "employees": "-1"}, "employees"),
        ("business", {**BUSINESS, "website": "not an address"}, "website"),
        ("business", {**BUSINESS, "website": "javascript://x"}, "website"),
        ("contacts", {**CONTACTS, "contact_email": "lin"}, "contact_email"),
    ],
)
def test_value_that_cannot_be_read_comes_back_as_it_was_typed(park, lin, client, section, typed, field):
    draft = begin(park, lin)

    answer = client.post(url("section", park, draft, section=section), typed)

    assert answer.status_code == 422
    assert list(problems(answer)) == [field]
    assert answer.context["form"][field].value() == typed[field]
    assert stored(park, lin, draft).revision == 0


def test_what_is_wrong_and_what_is_missing_is_said_at_once(park, lin, client):
    typed = {**IDENTITY, "credit_code": "9135", "established_on": "yesterday", "address": ""}

    answer = client.post(url("section", park, begin(park, lin), section="identity"), typed)

    assert problems(answer) == {
        "established_on": ["Enter a day as year-month-day, for example 2026-11-08."],
        "credit_code": ["The code has 18 characters; this one has 4."],
        "address": ["Enter the registered address."],
    }


def test_code_too_long_is_not_asked_about_besides(park, lin, client):
    draft, page = begin(park, lin), "identity"
    client.post(url("section", park, draft, section=page), {**IDENTITY, "credit_code": EARLY_CODE})
    typed = {**IDENTITY, "credit_code": CODE + "9", "revision": "1"}

    assert list(problems(client.post(url("section", park, draft, section=page), typed))) == ["credit_code"]


def test_who_goes_on_later_is_told_only_what_cannot_be_read(park, lin, client):
    typed = {**IDENTITY, "established_on": "yesterday", "address": "", "later": "yes"}

    answer = client.post(url("section", park, begin(park, lin), section="identity"), typed)

    assert list(problems(answer)) == ["established_on"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [("800万", 8_000_000), ("1.5亿元", 150_000_000), ("８００万", 8_000_000), ("8 000 000", 8_000_000)],
)
def test_capital_is_taken_as_people_write_it(park, lin, client, written, kept):
    draft = begin(park, lin)

    client.post(url("section", park, draft, section="identity"), {**IDENTITY, "registered_capital": written})

    assert stored(park, lin, draft).registered_capital == kept


def test_products_are_not_called_optional_where_one_is_needed(park, lin, client):
    form = client.get(url("section", park, begin(park, lin), section="business")).context["form"]

    assert [name for name in BUSINESS if name != "revision" and not form.fields[name].required] == [
        "employees",
        "website",
    ]


def test_contacts_offer_the_person_who_registers(park, lin, client):
    page = client.get(url("section", park, begin(park, lin), section="contacts"))

    assert page.context["form"]["contact_name"].value() == "Lin Yue"
    assert page.context["form"]["contact_email"].value() == "lin@example.com"


def test_section_that_does_not_exist_is_missing(park, lin, client):
    draft = begin(park, lin)

    assert client.get(url("section", park, draft, section="history")).status_code == 404
    assert client.post(url("autosave", park, draft, section="papers"), IDENTITY).status_code == 404


def test_other_window_is_compared_before_it_is_overwritten(park, lin, client):
    draft = begin(park, lin, **{**ANSWERS, "name_zh": "第一"})
    typed = {**IDENTITY, "name_zh": "第二", "revision": "0", "established_on": "", "registered_capital": ""}

    answer = client.post(url("section", park, draft, section="identity"), typed)

    assert answer.status_code == 422
    assert answer.context["differences"] == [{"label": "Name in Chinese", "theirs": "第一", "mine": "第二"}]
    assert stored(park, lin, draft).name_zh == "第一"

    client.post(url("section", park, draft, section="identity"), {**typed, "revision": "1"})

    assert stored(park, lin, draft).name_zh == "第二"


def test_mistake_on_an_old_page_does_not_make_it_a_new_one(park, lin, client):
    """A page that came back with an error is as old as it was: what another window saved is still not overwritten."""
    draft = begin(park, lin, name_zh="第一")
    typed = {**IDENTITY, "name_zh": "第二", "revision": "0", "registered_capital": "much"}

    answer = client.post(url("section", park, draft, section="identity"), typed)

    assert 'name="revision" value="0"' in said(answer)


def test_autosave_keeps_what_can_be_read_and_says_the_time(park, lin, client):
    draft = begin(park, lin)

    answer = json.loads(client.post(url("autosave", park, draft, section="identity"), IDENTITY).content)

    assert answer["fields"] == {"revision": 1}
    assert answer["said"].startswith("Saved at ")
    assert stored(park, lin, draft).name_zh == IDENTITY["name_zh"]


def test_autosave_warns_of_a_code_as_it_is_typed(park, lin, client):
    draft = begin(park, lin)
    typed = {**IDENTITY, "credit_code": EARLY_CODE}

    answer = json.loads(client.post(url("autosave", park, draft, section="identity"), typed).content)

    assert "The last character of the code does not fit the others" in answer["replace"]["code-check"]


def test_autosave_keeps_the_rest_of_a_page_with_a_mistake(park, lin, client):
    draft = begin(park, lin)
    typed = {**IDENTITY, "registered_capital": "much"}

    answer = json.loads(client.post(url("autosave", park, draft, section="identity"), typed).content)

    assert list(answer["unsaved"]) == ["registered_capital"]
    assert answer["fields"] == {"revision": 1}
    assert stored(park, lin, draft).address == IDENTITY["address"]


def test_autosave_of_an_old_page_overwrites_nothing(park, lin, client):
    draft = begin(park, lin, name_zh="第一")

    answer = client.post(url("autosave", park, draft, section="identity"), {**IDENTITY, "name_zh": "第二"})

    assert answer.status_code == 409
    assert stored(park, lin, draft).name_zh == "第一"


def test_autosave_without_a_revision_saves_nothing(park, lin, client):
    draft = begin(park, lin)

    answer = json.loads(client.post(url("autosave", park, draft, section="identity"), {"name_zh": "新港"}).content)

    assert "unsaved" in answer
    assert stored(park, lin, draft).revision == 0
