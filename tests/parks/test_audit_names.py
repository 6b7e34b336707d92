"""What the rows of the audit trail are called, however little a change says of its row."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import UUIDField
from django.utils import timezone

from incentives.choices import DocumentKind
from incentives.models import Application
from incentives.services import attach_document, reply_to_comments
from parks import audit_words
from parks.choices import Role
from parks.queries import audit
from parks.queries.audit_lines import lines
from tenancy.models import AuditEvent
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW, acting_as, file, give_back, pdf
from tests.parks.changes import change_one_of_each

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail_of(scene):
    """The lines of a filter, as an official of our park reads them."""

    def read(**wanted):
        with park_scope(scene.ours.park.pk):
            events = audit.trail(scene.ours.park.pk, audit.TrailFilter(**wanted), "Asia/Shanghai")
            return lines(audit.newest(events, 1000))

    return read


def test_changes_of_an_application_and_its_parts_show_its_number(scene, trail_of):
    application = scene.ours.firm.application
    with park_scope(scene.ours.park.pk):
        Application.objects.filter(pk=application.pk).update(due_at=timezone.now())
    number, other = application.number, scene.ours.neighbour.application.number

    found = {(line.event.table_name, line.row) for line in trail_of()}

    assert {
        ("incentives_application", number),
        ("incentives_applicationstep", number),
        ("incentives_review", other),
        ("incentives_fieldcomment", f"{other} · project"),
    } <= found
    page = [line.name for line in trail_of(table="incentives_application", action="UPDATE")]
    assert page[0] == f"Application: {number}"


def test_changes_in_the_register_show_what_they_belong_to(scene, trail_of):
    """None of these changes names its row itself."""
    firm, number = scene.ours.firm, scene.ours.firm.registration.number
    with park_scope(scene.ours.park.pk):
        change_one_of_each(scene.ours)

    found = {line.event.table_name: line.row for line in trail_of(action="UPDATE")[:10]}

    name = firm.enterprise.name_en
    assert found == {
        "incentives_application": firm.application.number,
        "enterprises_enterprise": name,
        "enterprises_site": f"{name} · {firm.site.name}",
        "enterprises_enterprisepaper": f"{name} · {firm.paper.name}",
        "enterprises_enterpriselabel": f"{name} · Pilot enterprise",
        "enterprises_changerequest": f"{name} · {firm.change_request.number}",
        "enterprises_declaredinterest": scene.ours.neighbour.enterprise.name_en,
        "enterprises_registration": number,
        "enterprises_registerimport": scene.ours.register_import.name,
        "incentives_programme": scene.ours.programme.title_en,
    }


def test_what_was_filed_with_a_registration_shows_its_number(scene, trail_of):
    number, paper = scene.ours.firm.registration.number, scene.ours.firm.registration_paper
    told = {"registration_id": str(paper.registration_id), "name": paper.name}
    read = AuditEvent(
        at=NOW, table_name="enterprises_registrationpaper", row_id=str(paper.pk), action="READ", after=told
    )

    rows = {line.row for table in ("remark", "step") for line in trail_of(table=f"enterprises_registration{table}")}
    with park_scope(scene.ours.park.pk):
        (line,) = lines([read])

    assert rows >= {f"{number} · Registered address", f"{number} · Filed"}
    assert line.row == f"{number} · {paper.name}"


# Keys are recorded by a trigger of their own, which always tells their name: nobody who acts may look them up.
@pytest.mark.parametrize("table", sorted(audit_words.TABLES.keys() - {"parks_apikey"}))
def test_row_that_is_gone_or_hidden_keeps_its_table_as_name(scene, table):
    gone = str(scene.others.firm.enterprise.pk) if _has_uuids(table) else "999999999"
    event = AuditEvent(pk=1, at=NOW, table_name=table, row_id=gone, action="UPDATE", after={"comment": "x"})

    with park_scope(scene.ours.park.pk):
        (line,) = lines([event])

    assert line.name == audit_words.table_word(table)


def _has_uuids(table):
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    return isinstance(model._meta.pk, UUIDField)


def test_what_the_enterprise_corrects_shows_the_number_and_what_it_is(scene, trail_of):
    application = give_back(scene.ours, file(scene.ours.firm))
    with acting_as(scene.ours.firm.people[Role.APPLICANT]) as applicant:
        reply_to_comments(applicant, application, replies={"saving_tce": "Corrected."}, now=NOW)
        attach_document(applicant, application, kind=DocumentKind.OTHER, upload=pdf(name="reply.pdf"), now=NOW)

    reply = trail_of(table="incentives_fieldcomment", action="UPDATE")[0]
    upload = trail_of(table="incentives_applicationdocument")[0]
    assert (reply.row, reply.event.after) == (f"{application.number} · annual saving (tce)", {"answer": "Corrected."})
    assert upload.row == f"{application.number} · reply.pdf"
