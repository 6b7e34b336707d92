"""A registration from the park's public page to the receipt, as its pages take it."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import OutgoingMail, User
from enterprises.choices import PaperKind, RegistrationState
from enterprises.models import Registration, RegistrationPaper
from enterprises.services import vetting
from enterprises.services.registration import MOST_OPEN
from parks.choices import ParkStatus, Role
from tenancy.scopes import park_scope
from tests.clients import placeless_client, run_outbox
from tests.enterprises.registration_cases import (
    ANSWERS,
    CODE,
    EARLY_CODE,
    NOW,
    PDF,
    SITE,
    acting_as,
    attach,
    begin,
    complete,
    give_back,
    stored,
    submit,
    url,
)
from tests.enterprises.vetting_cases import acting_as as official_of
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory, UserFactory, person

pytestmark = pytest.mark.django_db
QUERIES = 17
IDENTITY = {
    "credit_code": CODE,
    "name_zh": "厦门新港精密机械有限公司",
    "name_en": "",
    "kind": "manufacturer",
    "established_on": "2019-04-02",
    "registered_capital": "12,000,000",
    "capital_currency": "CNY",
    "legal_representative": "林悦",
    "is_legal_representative": "on",
    "address": "厦门市翔安区火炬路 1 号",
    "revision": "0",
}
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
def park():
    return ParkFactory(name_en="Torch Zone", name_zh="火炬园区", contact_phone="0592 000 0000")


@pytest.fixture
def lin():
    return UserFactory(name="Lin Yue", email="lin@example.com")


@pytest.fixture
def client(lin):
    return placeless_client(lin, raise_request_exception=True)


def sites(*rows, revision=0, **buttons):
    typed = {"revision": str(revision), "rows": str(len(rows)), **buttons}
    for place, row in enumerate(rows):
        typed |= {f"site-{place}-{name}": value for name, value in row.items()}
    return typed


def said(response):
    return response.content.decode()


def problems(response):
    return {name: [str(told) for told in errors] for name, errors in response.context["form"].errors.items()}


def suspended(park):
    park.status = ParkStatus.SUSPENDED
    park.save(update_fields=["status"])
    return park


# the way in


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


# the sections


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
    assert problems(asked) == {"is_code_confirmed": ["Compare the code with the business licence, then confirm it."]}
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


def test_contacts_offer_the_person_who_registers(park, lin, client):
    page = client.get(url("section", park, begin(park, lin), section="contacts"))

    assert page.context["form"]["contact_name"].value() == "Lin Yue"
    assert page.context["form"]["contact_email"].value() == "lin@example.com"


def test_section_that_does_not_exist_is_missing(park, lin, client):
    draft = begin(park, lin)

    assert client.get(url("section", park, draft, section="history")).status_code == 404
    assert client.post(url("autosave", park, draft, section="papers"), IDENTITY).status_code == 404


# two windows


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

    assert "The check character of this code does not fit." in answer["replace"]["code-check"]


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


# sites

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


# documents


def upload(client, park, draft, body=PDF, name="licence.pdf", kind=PaperKind.BUSINESS_LICENCE):
    file = SimpleUploadedFile(name, body, content_type="application/pdf")
    return client.post(url("paper_upload", park, draft), {"kind": kind, "file": file})


def test_document_is_uploaded_downloaded_and_removed(park, lin, client):
    draft = begin(park, lin)

    answer = upload(client, park, draft, name="执照.pdf")
    paper = stored(park, lin, draft).kept[0]
    download = client.get(url("paper_download", park, registration_paper_id=paper.pk))
    client.post(url("paper_remove", park, registration_paper_id=paper.pk))
    client.post(url("paper_remove", park, registration_paper_id=paper.pk))

    assert answer.url == f"{url('papers', park, draft)}#paper_business_licence"
    assert (download.content, download["Content-Type"]) == (PDF, "application/pdf")
    assert download["Content-Disposition"].startswith("attachment")
    assert stored(park, lin, draft).kept == []


REFUSED = {
    "empty": (b"", "licence.pdf", "The file is empty."),
    "text with a good name": (b"Dear officials", "licence.pdf", "This is not a PDF"),
    "page": (b"<!DOCTYPE html><script>alert(1)</script>", "licence.png", "This is not a PDF"),
    "drawing": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "licence.png", "This is not a PDF"),
    "program": (b"MZ\x90\x00" + b"\x00" * 200, "licence.pdf", "This is not a PDF"),
    "script": (b"%PDF-1.7\n<</S/JavaScript/JS(app.alert(1))>>\n%%EOF", "licence.pdf", "The file contains a script"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_file_is_refused_at_its_own_field(park, lin, client, case):
    body, name, words = REFUSED[case]
    draft = begin(park, lin)

    answer = upload(client, park, draft, body, name, PaperKind.AUTHORISATION)

    assert answer.status_code == 422
    assert words in problems_of_refused(answer)
    assert stored(park, lin, draft).kept == []


def problems_of_refused(answer):
    return " ".join(str(told) for told in answer.context["refused"].errors["file"])


def test_file_that_is_too_large_is_refused(park, lin, client, settings):
    settings.LARGEST_UPLOAD_BYTES = 20
    draft = begin(park, lin)

    answer = upload(client, park, draft)

    assert "The file is larger than" in problems_of_refused(answer)


def test_same_file_is_not_attached_twice(park, lin, client):
    draft = begin(park, lin)
    upload(client, park, draft)

    answer = upload(client, park, draft, name="again.pdf")

    assert problems_of_refused(answer) == "This file is attached already, as “licence.pdf”."


def test_one_scan_serves_two_kinds(park, lin, client):
    draft = begin(park, lin)
    upload(client, park, draft)

    answer = upload(client, park, draft, kind=PaperKind.CERTIFICATE)

    assert answer.status_code == 302
    kept = [(paper.kind, paper.name) for paper in stored(park, lin, draft).kept]
    assert kept == [(PaperKind.BUSINESS_LICENCE, "licence.pdf"), (PaperKind.CERTIFICATE, "licence.pdf")]


@pytest.mark.parametrize("kind", ["evidence", "contract", ""])
def test_kind_that_is_not_filed_is_refused(park, lin, client, kind):
    draft = begin(park, lin)

    assert upload(client, park, draft, kind=kind).status_code == 422
    assert stored(park, lin, draft).kept == []


def test_name_of_a_file_is_no_path(park, lin, client):
    draft = begin(park, lin)

    upload(client, park, draft, name="../../etc/passwd.pdf")

    paper = stored(park, lin, draft).kept[0]
    assert paper.file.name == f"parks/{park.pk}/registrations/{draft.pk}/{paper.pk}"
    assert "/" not in paper.name


def test_letter_is_asked_for_of_those_who_sign_for_another(park, lin, client):
    draft = begin(park, lin, is_legal_representative=False, legal_representative="林悦")

    page = client.get(url("papers", park, draft))

    assert [entry["slot"]["kind"] for entry in page.context["entries"] if entry["slot"]["is_required"]] == [
        PaperKind.BUSINESS_LICENCE,
        PaperKind.AUTHORISATION,
    ]
    assert "Signed or sealed by 林悦" in said(page)


# the last look, the receipt


def test_last_look_lists_what_is_missing_and_files_nothing(park, lin, client):
    draft = begin(park, lin, **{**ANSWERS, "name_zh": ""})

    page = client.get(url("check", park, draft))

    assert [entry["label"] for entry in page.context["missing"]] == ["Name in Chinese", "Business licence"]
    assert "is_declared_true" not in said(page)


def test_last_look_shows_every_answer(park, lin, client):
    draft = complete(park, lin)

    page = said(client.get(url("check", park, draft)))

    for words in (
        "91350200MA2YJ1XR9G",
        "厦门新港精密机械有限公司",
        "林悦",
        "Works 1",
        "licence.pdf",
        "lin@example.com",
    ):
        assert words in page


def test_filing_without_the_declaration_is_refused(park, lin, client):
    draft = complete(park, lin)

    answer = client.post(url("submit", park, draft), {"revision": draft.revision})

    assert answer.status_code == 422
    assert problems(answer) == {"is_declared_true": ["Confirm that the answers are true before you file."]}


def test_filing_leads_to_the_receipt(park, lin, client):
    draft = complete(park, lin)

    answer = client.post(url("submit", park, draft), {"revision": draft.revision, "is_declared_true": "on"})
    again = client.post(url("submit", park, draft), {"revision": draft.revision, "is_declared_true": "on"})
    page = client.get(answer.url)

    filed = stored(park, lin, draft)
    assert again.url == answer.url
    assert filed.state == RegistrationState.SUBMITTED
    assert filed.number in said(page)
    assert page.context["is_receipt"]


def test_what_changed_in_another_window_is_not_filed_unread(park, lin, client):
    draft = complete(park, lin)

    answer = client.post(url("submit", park, draft), {"revision": draft.revision - 1, "is_declared_true": "on"})

    assert answer.status_code == 422
    assert stored(park, lin, draft).state == RegistrationState.DRAFT


def test_code_of_a_registered_enterprise_looks_like_any_other(park, lin, client):
    """Word for word the same pages, whether the code is registered already, filed by another, or new."""
    with park_scope(park.pk):
        EnterpriseFactory(park=park, credit_code=CODE, name_en="OURS registered")
    rival = UserFactory()
    submit(park, rival, complete(park, rival, name_en="OURS rival"))
    draft = complete(park, lin)

    pages = [
        client.get(url("section", park, draft, section="identity")),
        client.get(url("check", park, draft)),
        client.post(url("submit", park, draft), {"revision": draft.revision, "is_declared_true": "on"}, follow=True),
    ]

    for page in pages:
        assert page.status_code == 200
        assert "OURS" not in said(page)
        assert "already" not in said(page).replace("Registered already", "")


# after the return


@pytest.fixture
def returned(park, lin):
    filed = submit(park, lin, complete(park, lin))
    return give_back(park, filed)


def test_returned_registration_says_what_to_change_and_where(park, lin, client, returned):
    tasks = client.get(url("detail", park, returned))
    page = client.get(url("section", park, returned, section="identity"))

    assert [(entry["label"], entry["url"]) for entry in tasks.context["asked"]] == [
        ("Registered address", f"{url('section', park, returned, section='identity')}#id_address")
    ]
    assert tasks.context["next_task"]["name"] == "identity"
    assert "One thing." in said(tasks)
    assert "As on the licence, please." in said(page)


@pytest.mark.parametrize(("field", "place"), [("sites", "sites"), ("paper_business_licence", "papers")])
def test_remarks_stand_on_the_page_of_what_they_are_about(park, lin, client, field, place):
    filed = give_back(park, submit(park, lin, complete(park, lin)), field=field, comment="Not legible.")

    assert "Not legible." in said(client.get(url(place, park, filed)))


def test_corrected_registration_is_filed_again(park, lin, client, returned):
    current = stored(park, lin, returned)
    client.post(
        url("section", park, returned, section="identity"),
        {**IDENTITY, "address": "厦门市湖里区 2 号", "revision": current.revision},
    )
    current = stored(park, lin, returned)
    answer = client.post(
        url("submit", park, returned), {"revision": current.revision, "is_declared_true": "on"}, follow=True
    )

    again = stored(park, lin, returned)
    assert (again.state, again.round, again.number) == (RegistrationState.SUBMITTED, 2, returned.number)
    assert "Round 2" in said(answer)


# withdrawal and the other ends


def test_withdrawal_asks_first(park, lin, client):
    filed = submit(park, lin, complete(park, lin))

    assert client.get(url("withdraw", park, filed)).status_code == 200
    assert stored(park, lin, filed).state == RegistrationState.SUBMITTED
    answer = client.post(url("withdraw", park, filed), {"reason": "Filed twice."})

    assert answer.url == url("begin", park)
    assert stored(park, lin, filed).state == RegistrationState.WITHDRAWN
    assert client.post(url("withdraw", park, filed)).url == url("detail", park, filed)


def decided(park, registration, state, **changes):
    with park_scope(park.pk):
        found = Registration.objects.get(pk=registration.pk)
        for name, value in {"state": state, **changes}.items():
            setattr(found, name, value)
        found.save(update_fields=["state", *changes])
    return found


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RegistrationState.APPROVED, "The enterprise is registered"),
        (RegistrationState.JOINED, "Your registration was joined to one that the park has"),
        (RegistrationState.REJECTED, "The park did not register the enterprise"),
        (RegistrationState.WITHDRAWN, "You have withdrawn this registration."),
    ],
)
def test_every_end_says_what_happened(park, lin, client, state, words):
    filed = submit(park, lin, complete(park, lin))
    if state == RegistrationState.APPROVED:
        with official_of(person(Role.REVIEWER, park)) as reviewer:
            vetting.approve_registration(reviewer, filed, expected_round=1, message="Welcome.", now=NOW)
    elif state == RegistrationState.JOINED:
        with park_scope(park.pk):
            enterprise = EnterpriseFactory(park=park, credit_code=CODE)
        decided(park, filed, state, enterprise=enterprise)
    else:
        decided(park, filed, state)

    page = client.get(url("detail", park, filed))

    assert words in said(page)
    assert client.get(url("section", park, filed, section="identity")).url == url("detail", park, filed)
    assert client.get(url("papers", park, filed)).url == url("detail", park, filed)
    assert client.get(url("check", park, filed)).url == url("detail", park, filed)


# a suspended park


def test_suspended_park_shows_everything_and_takes_nothing(park, lin, client):
    draft = complete(park, lin)
    suspended(park)

    pages = [url("begin", park), url("detail", park, draft), url("sites", park, draft), url("papers", park, draft)]
    pages += [url("section", park, draft, section="identity"), url("check", park, draft)]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert "This park is suspended." in said(answer)
        assert "btn-primary" not in said(answer).partition("<main")[2].partition("</main>")[0]
    answer = client.post(url("section", park, draft, section="identity"), {**IDENTITY, "name_zh": "别的"})

    assert answer.status_code == 409
    assert "别的" in said(answer), "nothing typed is lost"
    assert stored(park, lin, draft).name_zh == ANSWERS["name_zh"]


# who sees it


def test_registration_of_another_person_is_missing(park, lin):
    draft = complete(park, lin)
    stranger = placeless_client(UserFactory())
    paper = draft.kept[0]

    for name in ("detail", "sites", "papers", "check", "withdraw"):
        assert stranger.get(url(name, park, draft)).status_code == 404
    assert stranger.get(url("paper_download", park, registration_paper_id=paper.pk)).status_code == 404
    assert stranger.post(url("paper_remove", park, registration_paper_id=paper.pk)).status_code == 404
    with acting_as(park, lin):
        assert RegistrationPaper.objects.get(pk=paper.pk).removed_at is None


def test_registration_is_not_found_under_another_park(park, lin, client):
    draft = begin(park, lin)

    assert client.get(url("detail", ParkFactory(), draft)).status_code == 404


def test_official_may_register_an_enterprise_of_their_own(park, client_of):
    official = person(Role.REVIEWER, park)

    answer = client_of(official).post(url("begin", park))

    assert answer.status_code == 302
    with acting_as(park, official.user):
        assert Registration.objects.get().registrant_id == official.user_id


# the places


def test_person_without_a_place_is_told_three_ways(park, lin, client):
    page = said(client.get(reverse("parks:membership_choose")))

    assert "Register an enterprise" in page
    assert "Wait for an invitation" in page
    assert "Your registrations" not in page


def test_places_lead_back_to_what_was_begun(park, lin, client):
    draft = begin(park, lin, name_en="Newport")

    page = said(client.get(reverse("parks:membership_choose")))

    assert url("detail", park, draft) in page
    assert "Newport" in page


def test_person_with_a_place_finds_their_registration_too(park, client_of):
    official = person(Role.REVIEWER, park)
    draft = begin(park, official.user, name_en="Newport")

    assert url("detail", park, draft) in said(client_of(official).get(reverse("parks:membership_choose")))


def test_landing_of_a_person_without_a_place_is_the_choice(lin, client):
    assert client.get("/").url == reverse("parks:membership_choose")


# language


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_speak_the_language_of_the_reader(park, language):
    reader = UserFactory(language=language)
    draft = complete(park, reader, name_en="Newport")

    page = placeless_client(reader).get(url("detail", park, draft))

    title = said(page).partition("<title>")[2].partition("</title>")[0]
    assert title.split(" · ")[0] == ("Newport" if language == "en" else ANSWERS["name_zh"])


# the number of queries


@pytest.mark.parametrize("count", [1, 8])
def test_begin_page_asks_as_much_for_one_registration_as_for_many(park, lin, client, count, django_assert_num_queries):
    for _number in range(count - 1):
        with acting_as(park, lin) as registrant:
            Registration.objects.create(
                park=park, registrant=lin, registrant_name=registrant.name, state=RegistrationState.DRAFT
            )
    begin(park, lin)

    with django_assert_num_queries(QUERIES):
        client.get(url("begin", park))


def test_mail_with_the_way_back_opens_the_draft(park, lin, client):
    draft = begin(park, lin, name_zh="新港")
    attach(park, lin, draft)
    run_outbox()

    mail = OutgoingMail.objects.get(key=f"enterprises.registration_begun:{draft.pk}")

    assert client.get(mail.url).status_code == 200
