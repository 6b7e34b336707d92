"""What proves a fact: a document on file, or one that is sent with the form; and until when a document is valid."""

from datetime import UTC, date, datetime
from http import HTTPStatus

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, transaction
from django.urls import reverse

from enterprises.models import ChangeRequest, EnterpriseLabel, EnterprisePaper, EnterpriseStep
from enterprises.services.ground import NotNow
from enterprises.services.papers import change_expiry, keep_evidence, remind_of_expiry, remove_paper
from parks.choices import Role
from tenancy.models import AuditEvent
from tenancy.scopes import enterprise_scope, park_scope
from tests.clients import actor
from tests.factories.filing import PDF

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def firm(side):
    with enterprise_scope(side.park.pk, side.firm.enterprise.pk):
        ChangeRequest.objects.filter(pk=side.firm.change_request.pk).update(state="withdrawn")
    return side.firm


@pytest.fixture
def owner(firm, client_of):
    return client_of(firm.people[Role.OWNER])


@pytest.fixture
def administrator(side, client_of):
    return client_of(side.staff[Role.PARK_ADMINISTRATOR])


def page(name, **kwargs):
    return reverse(f"enterprises:{name}", kwargs=kwargs)


def upload(name="new.pdf", body=PDF + b"%new"):
    return SimpleUploadedFile(name, body)


def rows(side, model, **found):
    with park_scope(side.park.pk):
        return list(model.objects.filter(**found))


def asked_change(firm, owner, **more):
    form = owner.get(page("change_request_create")).context["form"]
    sent = {bound.html_name: bound.value() or "" for bound in form if bound.name not in {"upload", "document"}}
    hidden = {bound.html_initial_name: bound.value() or "" for bound in form if bound.field.show_hidden_initial}
    return owner.post(page("change_request_create"), {**sent, **hidden, "name_en": "Renamed", "reason": "x", **more})


def problems(answer):
    return {name: list(told) for name, told in answer.context["form"].errors.items()}


def test_change_is_asked_for_on_a_document_on_file(side, firm, owner):
    assert asked_change(firm, owner, document=firm.paper.pk).status_code == HTTPStatus.FOUND

    (asked,) = rows(side, ChangeRequest, enterprise=firm.enterprise, state="submitted")
    assert asked.evidence_id == firm.paper.pk


def test_two_kinds_of_evidence_at_once_are_one_too_many(firm, owner):
    answer = asked_change(firm, owner, document=firm.paper.pk, upload=upload())

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert problems(answer) == {"upload": ["Choose a document on file or send a new one, not both."]}


def test_document_of_a_neighbour_is_no_choice(side, firm, owner):
    answer = asked_change(firm, owner, document=side.neighbour.paper.pk)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert list(problems(answer)) == ["document"]


def test_label_is_given_on_a_new_document(side, firm, administrator):
    sent = {"kind": "high_tech", "valid_from": "2026-01-01", "note": "List 7", "upload": upload("notice.pdf")}
    administrator.post(page("label_give", enterprise_id=firm.enterprise.pk), sent)

    (given,) = rows(side, EnterpriseLabel, enterprise=firm.enterprise, kind="high_tech")
    (paper,) = rows(side, EnterprisePaper, pk=given.evidence_id)
    assert (paper.name, paper.kind, paper.enterprise_id) == ("notice.pdf", "evidence", firm.enterprise.pk)


def test_owner_is_named_on_a_document_on_file(side, firm, administrator):
    sent = {"owner": "invite", "email": "new@example.com", "reason": "Sold.", "document": firm.paper.pk}
    administrator.post(page("ownership_assign", enterprise_id=firm.enterprise.pk), sent)

    assert [step.evidence_id for step in rows(side, EnterpriseStep, kind="assigned")] == [firm.paper.pk]


def test_owner_is_not_named_without_evidence(firm, administrator):
    sent = {"owner": "invite", "email": "new@example.com", "reason": "Sold."}
    answer = administrator.post(page("ownership_assign", enterprise_id=firm.enterprise.pk), sent)

    assert problems(answer) == {"document": ["Choose a document on file, or send one."]}
    assert "one of the two is needed" in answer.content.decode()
    assert ">optional<" not in answer.content.decode().split('for="id_document"')[1]


def test_file_that_is_kept_already_is_not_kept_twice(side, firm):
    person = actor(firm.people[Role.OWNER])
    with enterprise_scope(side.park.pk, firm.enterprise.pk, person.author):
        keep_evidence(person, firm.enterprise, upload(), now=NOW)
        with pytest.raises(NotNow, match=r"on file already, as “new\.pdf”") as refused:
            keep_evidence(person, firm.enterprise, upload("same content.pdf"), now=NOW)

    assert refused.value.field == "upload"
    assert [paper.name for paper in rows(side, EnterprisePaper, kind="evidence")] == ["new.pdf"]


def test_enterprise_writes_no_reminders(side, firm):
    with (
        enterprise_scope(side.park.pk, firm.enterprise.pk),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        EnterprisePaper.objects.filter(pk=firm.paper.pk).update(reminded_for=0)


def test_document_that_was_removed_proves_nothing(side, firm):
    person = actor(firm.people[Role.OWNER])
    with enterprise_scope(side.park.pk, firm.enterprise.pk, person.author):
        paper = keep_evidence(person, firm.enterprise, upload(), now=NOW)
        remove_paper(person, paper, now=NOW)
        with pytest.raises(NotNow) as refused:
            keep_evidence(person, firm.enterprise, paper, now=NOW)

    assert (refused.value.field, refused.value.message) == (
        "document",
        "This document was removed meanwhile. Choose another, or send one.",
    )


@pytest.mark.parametrize("who", ["owner", "administrator"])
def test_last_day_is_put_right_and_recorded(side, firm, who, request):
    client = request.getfixturevalue(who)
    answer = client.post(page("paper_edit", paper_id=firm.paper.pk), {"valid_until": "2027-03-31"})

    assert answer.status_code == HTTPStatus.FOUND
    assert answer.url.endswith("#papers")
    assert [paper.valid_until for paper in rows(side, EnterprisePaper, pk=firm.paper.pk)] == [date(2027, 3, 31)]
    with park_scope(side.park.pk):
        event = AuditEvent.objects.of_row("enterprises_enterprisepaper", firm.paper.pk).latest("id")
    assert (event.before, event.after) == ({"valid_until": None}, {"valid_until": "2027-03-31"})


def test_reminders_begin_anew_with_another_last_day(side, firm):
    person = actor(firm.people[Role.OWNER])

    def told(valid_until):
        with enterprise_scope(side.park.pk, firm.enterprise.pk, person.author):
            change_expiry(person, firm.paper, valid_until=valid_until)
        with park_scope(side.park.pk):
            list(remind_of_expiry(side.park.pk, NOW, side.park.time_zone))
            return EnterprisePaper.objects.get(pk=firm.paper.pk).reminded_for

    assert [told(date(2026, 11, 25)), told(date(2027, 1, 10)), told(None)] == [7, 60, None]


def test_last_day_of_a_removed_document_stays(side, firm):
    person = actor(firm.people[Role.OWNER])
    with enterprise_scope(side.park.pk, firm.enterprise.pk, person.author):
        remove_paper(person, firm.paper, now=NOW)
        with pytest.raises(NotNow, match="removed meanwhile"):
            change_expiry(person, firm.paper, valid_until=None)


def test_applicant_changes_no_last_day(side, firm, client_of):
    person = firm.people[Role.APPLICANT]
    assert client_of(person).get(page("paper_edit", paper_id=firm.paper.pk)).status_code == HTTPStatus.FORBIDDEN
    with enterprise_scope(side.park.pk, firm.enterprise.pk), pytest.raises(PermissionDenied):
        change_expiry(actor(person), firm.paper, valid_until=None)


@pytest.mark.parametrize("name", ["change_request_create", "enterprise_edit"])
def test_capital_is_written_and_read_with_its_separators(side, firm, owner, administrator, name):
    with park_scope(side.park.pk):
        type(firm.enterprise).objects.filter(pk=firm.enterprise.pk).update(registered_capital="5000000")
    client, kwargs = (
        (owner, {}) if name == "change_request_create" else (administrator, {"enterprise_id": firm.enterprise.pk})
    )
    form = client.get(page(name, **kwargs)).context["form"]

    assert form["registered_capital"].value() == "5,000,000.00"
    assert form["capital_currency"].is_hidden is True


def test_capital_typed_with_separators_is_asked_for(side, firm, owner):
    asked_change(firm, owner, registered_capital="8,000,000")

    (asked,) = rows(side, ChangeRequest, enterprise=firm.enterprise, state="submitted")
    assert asked.changes["registered_capital"][1] == "8000000.00"
