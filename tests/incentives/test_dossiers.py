"""The archive that an auditor takes along, and whether it is what was filed, decided and paid."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.cache import cache

from incentives import services, tasks
from incentives.choices import StepKind
from incentives.models import Application, Dossier, PanelSeat
from incentives.queries import letters_of
from incentives.services import reminders
from lib.identifiers import uuid7
from lib.periods import local_day
from parks.choices import Role
from tenancy.models import AuditEvent
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW, accept, acting_as, approve, decline, file, give_back
from tests.incentives.pages import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(scene):
    return approve(scene.ours, accept(scene.ours, file(scene.ours.firm)))


@pytest.fixture
def dossier(scene, application):
    with park_scope(scene.ours.park.pk):
        return services.make_dossier(application.pk, uuid7(), scene.ours.staff[Role.AUDITOR].user_id, NOW)


def opened(content):
    return zipfile.ZipFile(io.BytesIO(content))


def content_of(scene, dossier):
    with park_scope(scene.ours.park.pk), services.open_dossier(dossier) as stored:
        return stored.read()


def test_every_file_has_the_hash_that_the_manifest_says(scene, dossier):
    content = content_of(scene, dossier)
    assert hashlib.sha256(content).hexdigest() == dossier.sha256
    archive = opened(content)
    manifest = json.loads(archive.read("manifest.json"))
    told = {row["path"]: (row["sha256"], row["size_bytes"]) for row in manifest["files"]}
    found = {
        name: (hashlib.sha256(archive.read(name)).hexdigest(), len(archive.read(name)))
        for name in archive.namelist()
        if name != "manifest.json"
    }
    assert told == found
    assert {"index.html", "signed.json", "decisions.json", "ledger.json", "planned-payments.json"} <= set(told)


def test_dossier_holds_what_happened(scene, application, dossier):
    archive = opened(content_of(scene, dossier))
    decisions = json.loads(archive.read("decisions.json"))
    assert [(row["stage"], row["outcome"]) for row in decisions] == [
        ("completeness", "accepted"),
        ("decision", "approved"),
    ]
    assert [row["kind"] for row in json.loads(archive.read("ledger.json"))] == ["reserved", "committed"]
    assert len([name for name in archive.namelist() if name.startswith("documents/")]) == 2
    index = archive.read("index.html").decode()
    assert application.number in index
    assert "<script" not in index


def test_index_speaks_in_words(scene, application, dossier):
    """Of the reader's language: no column, no code, no identifier of a row."""
    index = opened(content_of(scene, dossier)).read("index.html").decode()
    for words in ("<dt>stage</dt><dd>Completeness check</dd>", "<dd>Accepted as complete</dd>", "<h2>Ledger entry (2)"):
        assert words in index
    for raw in (
        "programme_version",
        "completeness",
        "committed_cny",
        str(application.pk),
        str(application.park_id),
    ):
        assert raw not in index


def test_letters_are_in_the_dossier(scene, application):
    with park_scope(scene.ours.park.pk):
        step = application.steps.get(kind=StepKind.APPROVED)
    tasks.write_step_mails(park_id=scene.ours.park.pk, step_id=str(step.pk))
    with park_scope(scene.ours.park.pk):
        made = services.make_dossier(application.pk, uuid7(), scene.ours.staff[Role.AUDITOR].user_id, NOW)
    letters = json.loads(opened(content_of(scene, made)).read("letters.json"))
    people = {scene.ours.firm.people[role].user.email for role in (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)}
    assert {letter["address"] for letter in letters} == people
    assert {letter["subject"] for letter in letters} == {f"Application {application.number} was approved"}
    with park_scope(scene.others.park.pk):
        assert letters_of(application) == []


def test_letters_about_an_appeal_are_in_the_dossier(scene):
    side = scene.ours
    declined = decline(side, file(side.firm))
    with acting_as(side.firm.people[Role.CERTIFIER]) as actor:
        services.file_appeal(actor, declined, reasons="Look again.", uploads=[], now=NOW)
    with park_scope(side.park.pk):
        reminders.tell_of_appeals(side.park, NOW)
        told = letters_of(declined)
        assert {row["subject"] for row in told} == {f"Appeal against the decision on {declined.number}"}
        assert letters_of(Application.objects.exclude(pk=declined.pk).first()) == []
    with park_scope(scene.others.park.pk):
        assert letters_of(declined) == []


def test_reminder_to_file_again_is_in_the_dossier(scene):
    side = scene.ours
    returned = give_back(side, file(side.firm))
    with park_scope(side.park.pk):
        reminders.remind_of_returns(side.park, returned.due_at - timedelta(days=1))
        subjects = {row["subject"] for row in letters_of(returned)}
    last = local_day(returned.due_at, side.park.time_zone)
    assert subjects == {f"Application {returned.number}: file it again by {last.isoformat()}"}


def test_panel_is_in_the_dossier(scene, application):
    auditor, expert = scene.ours.staff[Role.AUDITOR].user_id, scene.ours.staff[Role.REVIEWER].user
    seat = {
        "expert": expert,
        "expert_name": "Luo Min",
        "round": 1,
        "assigned_at": NOW,
        "conflict": "A tie.",
    }
    with park_scope(scene.ours.park.pk):
        PanelSeat.objects.create(park_id=scene.ours.park.pk, application=application, left_at=NOW, **seat)
        made = services.make_dossier(application.pk, uuid7(), auditor, NOW)
    (told,) = json.loads(opened(content_of(scene, made)).read("panel.json"))
    assert (told["expert_name"], told["conflict"]) == ("Luo Min", "A tie.")


def test_one_dossier_is_made_at_a_time(scene, application, django_capture_on_commit_callbacks):
    auditor = scene.ours.staff[Role.AUDITOR]
    cache.clear()
    with acting_as(auditor) as actor:
        key = services.request_dossier(actor, application)
        with pytest.raises(services.BeingMade):
            services.request_dossier(actor, application)
    with django_capture_on_commit_callbacks(execute=True), park_scope(scene.ours.park.pk):
        services.make_dossier(application.pk, key, auditor.user_id, NOW)
    with acting_as(auditor) as actor:
        assert services.request_dossier(actor, application) != key


def test_worker_that_was_too_slow_leaves_what_was_asked_since(scene, application, django_capture_on_commit_callbacks):
    auditor = scene.ours.staff[Role.AUDITOR]
    with acting_as(auditor) as actor:
        cache.clear()
        slow = services.request_dossier(actor, application)
        cache.clear()
        since = services.request_dossier(actor, application)
    for key, is_asked in ((slow, True), (since, False)):
        with django_capture_on_commit_callbacks(execute=True), park_scope(scene.ours.park.pk):
            services.make_dossier(application.pk, key, auditor.user_id, NOW)
        assert services.is_dossier_asked(application) is is_asked


def test_what_people_wrote_is_no_markup_of_the_index(scene):
    hostile = file(scene.ours.firm, project_summary="<script>alert(1)</script>")
    with park_scope(scene.ours.park.pk):
        made = services.make_dossier(hostile.pk, uuid7(), scene.ours.staff[Role.AUDITOR].user_id, NOW)
    index = opened(content_of(scene, made)).read("index.html").decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in index
    assert "<script" not in index


def test_task_makes_one_dossier_for_each_request(scene, application):
    key, auditor = str(uuid7()), scene.ours.staff[Role.AUDITOR].user_id
    for _ in range(2):
        tasks.make_dossier(
            park_id=scene.ours.park.pk, application_id=str(application.pk), request_key=key, by_user_id=auditor
        )
    with park_scope(scene.ours.park.pk):
        assert Dossier.objects.filter(application=application).count() == 1


def test_auditor_asks_for_it_and_each_download_is_recorded(
    scene, client_of, dossier, django_capture_on_commit_callbacks
):
    auditor = client_of(scene.ours.staff[Role.AUDITOR])
    page = address("dossier_list", application_id=dossier.application_id)
    assert auditor.post(page).url == page
    assert dossier.sha256 in auditor.get(page).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        response = auditor.get(address("dossier_download", dossier_id=dossier.pk))
    assert hashlib.sha256(b"".join(response.streaming_content)).hexdigest() == dossier.sha256
    with park_scope(scene.ours.park.pk):
        events = AuditEvent.objects.of_row("incentives_dossier", dossier.pk).order_by("id")
        assert list(events.values_list("action", flat=True)) == ["INSERT", "READ"]


@pytest.mark.parametrize("role", [Role.OWNER, Role.APPLICANT])
def test_enterprise_gets_no_dossier(scene, client_of, dossier, role):
    person = client_of(scene.ours.firm.people[role])
    assert person.get(address("dossier_download", dossier_id=dossier.pk)).status_code == 403
    assert person.get(address("dossier_list", application_id=dossier.application_id)).status_code == 403


def test_another_park_finds_no_dossier(scene, client_of, dossier):
    auditor = client_of(scene.others.staff[Role.AUDITOR])
    assert auditor.get(address("dossier_download", dossier_id=dossier.pk)).status_code == 404
