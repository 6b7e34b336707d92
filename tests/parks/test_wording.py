"""The messages of a park in its own words: always with what must be said, never with what nobody knows."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import translation

from accounts.messages import kind_named, missing_from, placeholders, registered
from accounts.models import OutgoingMail
from parks.choices import ParkStatus, Role
from parks.models import MessageTemplate
from parks.services import wording
from tenancy.models import AuditEvent
from tenancy.scopes import Author, login_scope, park_scope
from tests.clients import actor, run_outbox, signed_in_client
from tests.incentives.cases import acting_as, file

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
KIND = "incentives.received"
TEXTS = {
    "subject_en": "{number} is here",
    "text_en": "We have “{project}”. You hear by {due}.",
    "subject_zh": "{number} 已收到",
    "text_zh": "“{project}”已收到，{due}前答复。",
}


@pytest.fixture
def side(scene):
    return scene.ours


def word(side, texts=TEXTS, expected=0, role=Role.PARK_ADMINISTRATOR, name=KIND):
    with acting_as(side.staff[role]) as acting:
        return wording.word_message(acting, side.park.pk, kind_named(name), texts, expected=expected, now=NOW)


def letter(side, language="en", name=KIND):
    facts = kind_named(name).samples
    with park_scope(side.park.pk), translation.override(language):
        return wording.wording_of(side.park.pk, kind_named(name)).letter({**facts, "project": "{number}"}, "Because.")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_own_words_of_the_portal_say_what_must_be_said_and_know_their_facts(language):
    kinds = [kind for kind in registered() if not kind.is_fixed]
    assert len(kinds) >= 25
    with translation.override(language):
        for kind in kinds:
            texts = (kind.own_subject, kind.own_text)
            assert set(placeholders(*texts)) <= set(kind.facts), kind.name
            assert missing_from(kind, texts) == [], kind.name
            assert "%(" not in "".join(texts), kind.name


def test_words_of_the_portal_hold_until_the_park_has_its_own(side):
    before = letter(side)
    assert before.subject == "Application EMC-2026-0012 was received"
    word(side)
    assert (letter(side).subject, letter(side, "zh-hans").subject) == ("EMC-2026-0012 is here", "EMC-2026-0012 已收到")


def test_fact_with_braces_is_no_placeholder_and_reasons_follow_whatever_the_text_says(side):
    word(side)
    assert letter(side).text == "We have “{number}”. You hear by 2026-12-18.\n\nBecause."
    assert letter(side).kind == KIND


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("text_en", "By {due}: {numbr} {amount}", r"Nobody knows {numbr}, {amount}\. You can use: {number}, {project}"),
        ("subject_zh", "{number} {}", r"Nobody knows {}\."),
        ("text_zh", "{due} {number", "A brace stands alone"),
        ("text_en", "No day is said.", r"This has to be said as well: {due}\."),
    ],
)
def test_bad_words_are_refused_by_name(side, field, text, says):
    with pytest.raises(wording.BadWording, match=says) as refused:
        word(side, {**TEXTS, field: text})
    assert refused.value.field == field
    with park_scope(side.park.pk):
        assert not MessageTemplate.objects.exists()


def test_each_change_is_a_version_on_record(side):
    word(side)
    word(side, {**TEXTS, "subject_en": "{number} arrived"}, expected=1)
    assert word(side, {**TEXTS, "subject_en": "{number} arrived"}, expected=2).number == 2, "the same changes nothing"
    with park_scope(side.park.pk):
        rows = list(MessageTemplate.objects.order_by("number").values_list("number", "subject_en", "replaced_by_name"))
        events = AuditEvent.objects.filter(table_name="parks_messagetemplate").count()
    name = side.staff[Role.PARK_ADMINISTRATOR].user.name
    assert rows == [(1, "{number} is here", name), (2, "{number} arrived", "")]
    assert events == 3


def test_words_taken_back_stay_on_record_and_come_again_under_a_new_number(side):
    word(side)
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as acting:
        for _again in range(2):
            wording.take_wording_back(acting, side.park.pk, kind_named(KIND), expected=1, now=NOW)
    assert letter(side).subject == "Application EMC-2026-0012 was received"
    assert word(side).number == 2


def test_colleagues_changes_are_not_overwritten_unseen(side):
    word(side)
    with pytest.raises(wording.WordedMeanwhile):
        word(side, {**TEXTS, "text_en": "{due}"}, expected=0)
    with pytest.raises(wording.WordedMeanwhile), acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as acting:
        wording.take_wording_back(acting, side.park.pk, kind_named(KIND), expected=2, now=NOW)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_first_versions_at_once_one_is_kept(scene):
    side, start, answers = scene.ours, threading.Barrier(2), []

    def work(subject):
        start.wait()
        try:
            answers.append(word(side, {**TEXTS, "subject_en": subject}).number)
        except wording.WordedMeanwhile:
            answers.append("meanwhile")
        connections["default"].close()

    threads = [threading.Thread(target=work, args=(f"{{number}} {name}",)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["1", "meanwhile"]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.APPROVER, Role.AUDITOR])
def test_only_the_administrator_words_messages(side, role):
    with pytest.raises(wording.NotYours):
        word(side, role=role)
    assert signed_in_client(side.staff[role]).get("/park/messages/").status_code == 200
    page = signed_in_client(side.staff[role]).get(f"/park/messages/{KIND}/").content.decode()
    assert "Use these words" not in page
    assert signed_in_client(side.staff[role]).post(f"/park/messages/{KIND}/reset/").status_code == 403


def test_database_refuses_words_of_anybody_else_and_changes_of_old_versions(side):
    reviewer = side.staff[Role.REVIEWER].user
    row = {"park_id": side.park.pk, "kind": KIND, "number": 1, "written_at": NOW, "written_by_name": "x", **TEXTS}
    with (
        pytest.raises(IntegrityError, match="written by the administrator"),
        park_scope(side.park.pk, Author(reviewer.pk, reviewer.name)),
    ):
        MessageTemplate.objects.create(**row)
    kept = word(side)
    word(side, {**TEXTS, "subject_en": "{number} arrived"}, expected=1)
    administrator = side.staff[Role.PARK_ADMINISTRATOR].user
    with (
        pytest.raises(IntegrityError, match="stays so"),
        park_scope(side.park.pk, Author(administrator.pk, administrator.name)),
        transaction.atomic(),
    ):
        MessageTemplate.objects.filter(pk=kept.pk).update(replaced_by_name="me")


def test_suspended_park_words_nothing(side):
    side.park.status = ParkStatus.SUSPENDED
    side.park.save()
    side.staff[Role.PARK_ADMINISTRATOR].park = side.park
    assert actor(side.staff[Role.PARK_ADMINISTRATOR]).is_read_only
    with pytest.raises(wording.NotYours):
        word(side)


def test_letter_of_a_step_is_in_the_words_of_its_park(scene):
    word(scene.ours)
    file(scene.ours.firm)
    file(scene.others.firm)
    run_outbox()
    told = []
    with login_scope(Author()):
        for side in (scene.ours, scene.others):
            owner = side.firm.people[Role.OWNER].user
            mail = OutgoingMail.objects.get(key__startswith="incentives.step:", recipient=owner)
            told.append((" ".join(mail.subject.split()[-2:]), mail.kind))
    assert told == [("is here", KIND), ("was received", KIND)]


def test_page_previews_without_saving_then_saves_and_takes_back(side):
    client = signed_in_client(side.staff[Role.PARK_ADMINISTRATOR])
    address = f"/park/messages/{KIND}/"
    sent = {**TEXTS, "expected": 0, "text_en": "<b>{project}</b> by {due}"}
    preview = client.post(address, {**sent, "preview": "1"})
    body = preview.content.decode()
    assert preview.status_code == 200
    assert "&lt;b&gt;Waste heat recovery, furnace 2&lt;/b&gt; by 2026-12-18" in body
    assert "EMC-2026-0012 已收到" in body
    with park_scope(side.park.pk):
        assert not MessageTemplate.objects.exists()
    bad = client.post(address, {**sent, "text_en": "{nobody}"})
    assert (bad.status_code, "Nobody knows {nobody}." in bad.content.decode()) == (422, True)
    assert client.post(address, sent).status_code == 302
    assert "Own words, version 1" in client.get("/park/messages/").content.decode()
    for strange in ("9" * 5000, "²", "-1", ""):
        assert client.post(f"{address}reset/", {"expected": strange}).status_code == 302
        assert "Own words, version 1" in client.get("/park/messages/").content.decode()
    assert client.post(f"{address}reset/", {"expected": "1"}).status_code == 302
    assert "Own words" not in client.get("/park/messages/").content.decode()


@pytest.mark.parametrize("name", ["nothing.such", "parks.roles_changed"])
def test_page_of_no_kind_or_a_fixed_one_is_not_there(side, name):
    client = signed_in_client(side.staff[Role.PARK_ADMINISTRATOR])
    assert client.get(f"/park/messages/{name}/").status_code == 404
