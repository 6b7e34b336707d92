"""From the last look at a registration to the receipt, and every end it can come to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enterprises.choices import RegistrationState
from enterprises.models import Registration
from enterprises.services import vetting
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.clients import placeless_client
from tests.enterprises.registration_cases import (
    ANSWERS,
    CODE,
    IDENTITY,
    NOW,
    begin,
    complete,
    give_back,
    problems,
    said,
    save,
    stored,
    submit,
    url,
)
from tests.enterprises.vetting_cases import acting_as as official_of
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import UserFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(lin):
    return placeless_client(lin, raise_request_exception=True)


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


def test_receipt_of_what_was_filed_again_says_when(park, lin, client):
    filed = submit(park, lin, complete(park, lin))
    assert "filed again" not in said(client.get(url("detail", park, filed)))

    returned = give_back(park, filed)
    submit(park, lin, save(park, lin, returned, address="厦门市湖里区 2 号"), now=NOW + timedelta(days=3))

    page = client.get(url("detail", park, filed))
    assert page.context["filed_again_at"] == NOW + timedelta(days=3)
    assert "Round 2 · filed again" in said(page)


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
    assert [entry["is_answered"] for entry in tasks.context["asked"]] == [False]
    assert "One thing." in said(tasks)
    assert "As on the licence, please." in said(page)


def test_last_look_tells_of_comments_that_nobody_has_answered(park, lin, client, returned):
    before = client.get(url("check", park, returned))
    save(park, lin, returned, address="厦门市湖里区 2 号")
    after = client.get(url("check", park, returned))

    assert [entry["label"] for entry in before.context["asked"]] == ["Registered address"]
    assert "1 comment of the park is still open" in said(before)
    assert "As on the licence, please." in said(before)
    assert (after.context["asked"], "All sections completed" in said(after)) == ([], True)


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
    tasks = client.get(url("detail", park, returned))
    assert [entry["is_answered"] for entry in tasks.context["asked"]] == [True]
    assert tasks.context["next_task"]["title"] == "Check and file"
    current = stored(park, lin, returned)
    answer = client.post(
        url("submit", park, returned), {"revision": current.revision, "is_declared_true": "on"}, follow=True
    )

    again = stored(park, lin, returned)
    assert (again.state, again.round, again.number) == (RegistrationState.SUBMITTED, 2, returned.number)
    assert "Round 2" in said(answer)


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
