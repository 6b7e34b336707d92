"""Who downloaded which document, and what an operator opened on a support visit."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from django.urls import reverse

from incentives import services
from incentives.models import ApplicationDocument
from parks.choices import ParkStatus, Role
from parks.models import Park, SupportSession
from parks.queries import audit
from parks.queries.audit_lines import lines
from tenancy.models import AuditEvent
from tenancy.readings import NowhereRead, record_reading
from tenancy.scopes import enterprise_scope, park_scope, platform_scope, public_scope
from tests.clients import signed_in_client
from tests.incentives.cases import acting_as

pytestmark = pytest.mark.django_db
RECORD = "SELECT tenancy_record_reading(1, NULL, 'parks_park', '1', '{}', 'app_official', false)"


@pytest.fixture
def read_by(scene, django_capture_on_commit_callbacks):
    """Download a document by its page; answer what the park's trail says of it then."""

    def read(membership, document):
        with django_capture_on_commit_callbacks(execute=True):
            client = signed_in_client(membership)
            answer = client.get(reverse("incentives:document_download", kwargs={"document_id": document.pk}))
        return answer.status_code, readings_in(scene.ours.park)

    return read


def readings_in(park):
    with park_scope(park.pk):
        return lines(AuditEvent.objects.filter(park_id=park.pk, action="READ").order_by("id"))


def test_download_says_who_took_which_document(scene, read_by):
    reviewer, firm = scene.ours.staff[Role.REVIEWER], scene.ours.firm
    status, (line,) = read_by(reviewer, firm.document)
    assert (status, line.who, line.table, line.event.row_id) == (
        200,
        reviewer.user.name,
        "Document",
        str(firm.document.pk),
    )
    assert line.row == f"{firm.application.number} · {firm.document.name}"
    assert (line.event.user_id, line.event.enterprise_id, line.event.database_role, line.event.before) == (
        reviewer.user_id,
        firm.enterprise.pk,
        "app_official",
        None,
    )
    assert {change.word: change.after for change in line.changes} == {
        "application": str(firm.application.pk),
        "document": "Energy management contract",
        "enterprise": str(firm.enterprise.pk),
        "name": firm.document.name,
    }


def test_download_by_the_api_is_told_as_well(scene, django_capture_on_commit_callbacks):
    firm = scene.ours.firm
    with django_capture_on_commit_callbacks(execute=True):
        client = signed_in_client(scene.ours.staff[Role.AUDITOR])
        answer = client.get(reverse("api:incentives:document_content", kwargs={"document_id": firm.document.pk}))
    assert answer.status_code == 200
    assert [line.event.row_id for line in readings_in(scene.ours.park)] == [str(firm.document.pk)]


def test_refused_download_is_no_reading(scene, read_by):
    assert read_by(scene.ours.staff[Role.EXPERT], scene.ours.firm.document)[1] == []
    assert read_by(scene.others.staff[Role.REVIEWER], scene.ours.firm.document) == (404, [])


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_reading_of_a_draft_is_the_enterprises_own():
    from tests.scene import build_scene

    firm = (scene := build_scene()).ours.firm
    applicant = firm.people[Role.APPLICANT]
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        from tests.factories.filing import attach

        draft_document = attach(firm.draft)
    for document in (firm.document, draft_document):
        with acting_as(applicant) as actor:
            held = ApplicationDocument.objects.select_related("application").get(pk=document.pk)
            services.read_document(actor, held)
    assert [line.event.row_id for line in readings_in(scene.ours.park)] == [str(firm.document.pk)]
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT row_id, user_id FROM tenancy_auditevent WHERE action = 'READ' AND is_private")
        assert cursor.fetchall() == [(str(draft_document.pk), applicant.user_id)]


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_download_in_a_suspended_park_is_recorded_though_nothing_can_be_written_there():
    from tests.scene import build_scene

    side = build_scene().ours
    Park.objects.filter(pk=side.park.pk).update(status=ParkStatus.SUSPENDED)
    client = signed_in_client(side.staff[Role.REVIEWER])
    address = reverse("incentives:document_download", kwargs={"document_id": side.firm.document.pk})
    assert client.get(address).status_code == 200
    assert len(readings_in(side.park)) == 1


@pytest.fixture
def visit(scene, client_of):
    """An operator's client inside our park."""
    client = client_of(scene.operator)
    client.post(
        reverse("parks:support_session_start", kwargs={"park_id": scene.ours.park.pk}),
        {"reason": "Import of May fails, asked by Ms Lin"},
    )
    return client


def test_pages_of_a_support_visit_are_told(scene, visit):
    session = SupportSession.objects.latest("started_at")
    visit.get("/park/staff/?q=chen")
    visit.get("/park/audit/?export=csv")
    visit.get("/no-such-page/")
    seen = readings_in(scene.ours.park)
    assert [(line.name, line.summary, line.who) for line in seen] == [
        ("Support session: Staff", "/park/staff/?q=chen", scene.operator.user.name),
        ("Support session", "/park/audit/?export=csv", scene.operator.user.name),
    ]
    assert [(line.event.after["method"], line.event.after["answer"]) for line in seen] == [("GET", "200")] * 2
    assert {line.event.support_session_id for line in seen} == {session.pk}
    assert {line.visit.reason for line in seen} == {"Import of May fails, asked by Ms Lin"}


def answers_in(park):
    return [tuple(line.event.after[told] for told in ("method", "address", "answer")) for line in readings_in(park)]


def test_visit_is_told_by_whatever_method_it_reads(scene, visit):
    visit.post("/park/staff/?q=chen")
    visit.head("/park/staff/")
    visit.delete(reverse("api:incentives:application_list"))
    assert answers_in(scene.ours.park) == [
        ("POST", "/park/staff/?q=chen", "405"),
        ("HEAD", "/park/staff/", "200"),
        ("DELETE", reverse("api:incentives:application_list"), "403"),
    ]
    assert readings_in(scene.ours.park)[0].summary == "POST /park/staff/?q=chen"


def test_what_a_visit_was_refused_is_told(scene, visit):
    elsewhere = reverse("enterprises:enterprise_detail", kwargs={"enterprise_id": scene.others.firm.enterprise.pk})
    installation = reverse("parks:overview")
    visit.get(elsewhere)
    visit.get(installation)
    assert answers_in(scene.ours.park) == [("GET", elsewhere, "404"), ("GET", installation, "403")]


def test_visit_to_a_suspended_park_is_told_of_what_it_tried(scene, visit):
    Park.objects.filter(pk=scene.ours.park.pk).update(status=ParkStatus.SUSPENDED)
    visit.post("/park/profile/edit/", {"name_en": "Mine"})
    assert answers_in(scene.ours.park) == [("POST", "/park/profile/edit/", "409")]


def test_long_value_hides_none_behind_it(scene, visit):
    visit.get("/park/staff/", {"x": "a" * 5_000, "q": f"{' ' * 5_000}chen", "export": "csv"})
    ((_method, address, _answer),) = answers_in(scene.ours.park)
    assert address == f"/park/staff/?x={'a' * 200}%E2%80%A6&q=chen&export=csv"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FETCH"])
def test_page_answers_no_method_that_a_browser_does_not_send(scene, visit, method):
    answer = visit.generic(method, "/park/staff/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")
    assert "Chen" not in answer.content.decode()


def test_pages_of_others_are_not_told(scene, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR]).get("/park/staff/")
    assert readings_in(scene.ours.park) == []


def test_trail_and_visits_show_what_was_read(scene, visit):
    visit.get("/park/staff/")
    visit.get("/park/profile/")
    session = SupportSession.objects.latest("started_at")
    with park_scope(scene.ours.park.pk):
        assert audit.counts_of_visits(scene.ours.park.pk, [session]) == {session.pk: audit.VisitCounts(0, 2)}
    client = signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])
    visits = client.get("/park/support-visits/").content.decode()
    assert "2 pages" in visits
    trail = client.get(f"/park/audit/?support_session_id={session.pk}&action=READ").content.decode()
    assert trail.count("/park/staff/</td>") == 1
    event = readings_in(scene.ours.park)[0].event
    page = client.get(f"/park/audit/{event.pk}/").content.decode()
    assert "What was read" in page
    assert "/park/staff/" in page


def test_nobody_who_acts_forges_a_reading(scene):
    park, firm = scene.ours.park.pk, scene.ours.firm.enterprise.pk
    for scope in (park_scope(park), enterprise_scope(park, firm), public_scope(park), platform_scope()):
        with pytest.raises(ProgrammingError, match="permission denied"), scope, transaction.atomic():
            connection.cursor().execute(RECORD)


def test_reading_outside_a_park_is_an_error():
    with platform_scope(), pytest.raises(NowhereRead, match="parks_park"):
        record_reading("parks_park", 1, {})
