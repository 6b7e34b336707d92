"""Sites, documents, their reminders, and labels."""

from datetime import UTC, date, datetime, timedelta
from itertools import cycle

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import OutgoingMail
from enterprises import tasks
from enterprises.calculations import REMINDED_BEFORE, reminder_due
from enterprises.choices import LabelKind, PaperKind, SiteUse
from enterprises.models import DeclaredInterest, Enterprise, EnterpriseLabel, EnterprisePaper, Site
from enterprises.services import changes, labels, ownership, papers, register, sites
from enterprises.services.ground import NotImpartial, NotNow
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, ParkStatus, Role
from parks.models import Park
from tenancy.models import OutboxEvent
from tenancy.scopes import enterprise_scope, park_scope, platform_scope
from tests.clients import actor, run_outbox
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.people import ParkFactory, person
from tests.factories.register import paper

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
FACTS = {"name": "Works 2", "address": "Torch Road 2", "area_m2": None, "use": SiteUse.WAREHOUSE}


class Firm:
    def __init__(self, **park):
        self.park = ParkFactory(**park)
        with park_scope(self.park.pk):
            self.enterprise = EnterpriseFactory(park=self.park, name_en="Amber Works")
        self.owner = person(Role.OWNER, self.park, self.enterprise.pk)
        self.reviewer = person(Role.REVIEWER, self.park)

    def as_(self, someone, act, *args, **kwargs):
        """The act done by a person in their own scope."""
        who = actor(someone)
        inside = enterprise_scope(self.park.pk, self.enterprise.pk, who.author)
        with park_scope(self.park.pk, who.author) if who.is_official else inside:
            return act(who, *args, **kwargs)

    def attach(self, someone=None, name="licence.pdf", body=PDF, **kwargs):
        given = {"kind": PaperKind.CERTIFICATE, "upload": SimpleUploadedFile(name, body), "now": NOW, **kwargs}
        return self.as_(someone or self.owner, papers.attach_paper, self.enterprise, **given)

    def expires(self, valid_until, name="licence.pdf", **fields):
        """A document with a last day, as it may stand there for years."""
        with park_scope(self.park.pk):
            kept = paper(self.enterprise, self.owner.user, name)
            EnterprisePaper.objects.filter(pk=kept.pk).update(valid_until=valid_until, **fields)
            EnterprisePaper.objects.filter(pk=kept.pk).update(**fields)
        return kept

    def give(self, someone=None, **kwargs):
        given = {"kind": LabelKind.PILOT, "valid_from": TODAY, "note": "List 7", "now": NOW, **kwargs}
        return self.as_(someone or self.reviewer, labels.give_label, self.enterprise, **given)

    def remind(self, now):
        """How many documents were announced."""
        before = announced()
        with park_scope(self.park.pk):
            list(papers.remind_of_expiry(self.park.pk, now, self.park.time_zone))
        return announced() - before

    def end(self):
        with park_scope(self.park.pk):
            Enterprise.objects.filter(pk=self.enterprise.pk).update(status="deregistered")

    def rows(self, model):
        with park_scope(self.park.pk):
            return list(model.objects.filter(enterprise=self.enterprise))


def announced():
    with platform_scope():
        return OutboxEvent.objects.filter(name="enterprises.paper_expires").count()


@pytest.fixture
def firm(db):
    return Firm()


def members(firm):
    return {role: person(role, firm.park, firm.enterprise.pk) for role in sorted(ENTERPRISE_ROLES)} | {
        role: person(role, firm.park) for role in sorted(PARK_ROLES)
    }


def allowed(firm, act):
    """The roles that may do the act."""
    able = set()
    for role, someone in members(firm).items():
        try:
            act(someone)
        except PermissionDenied:
            continue
        able.add(role)
    return able


def test_owner_adds_changes_and_closes_a_site(firm):
    site = firm.as_(firm.owner, sites.add_site, firm.enterprise, facts=FACTS, now=NOW)
    firm.as_(firm.owner, sites.update_site, site, changes={"name": "Works 3"})
    closed = firm.as_(firm.owner, sites.close_site, site, now=NOW)
    again = firm.as_(firm.owner, sites.close_site, site, now=NOW + timedelta(days=1))

    assert (closed.name, closed.use, closed.closed_at, again.closed_at) == ("Works 3", "warehouse", NOW, NOW)
    with pytest.raises(NotNow):
        firm.as_(firm.owner, sites.update_site, site, changes={"name": "Works 4"})


def test_sites_are_kept_by_owners_and_registrars(firm):
    able = allowed(firm, lambda who: firm.as_(who, sites.add_site, firm.enterprise, facts=FACTS, now=NOW))
    assert able == {Role.OWNER, Role.PARK_ADMINISTRATOR, Role.REVIEWER}


def test_official_with_an_interest_keeps_neither_sites_nor_papers(firm):
    site = firm.as_(firm.owner, sites.add_site, firm.enterprise, facts=FACTS, now=NOW)
    kept = firm.attach()
    with park_scope(firm.park.pk):
        DeclaredInterest.objects.create(
            park=firm.park, enterprise=firm.enterprise, user=firm.reviewer.user, reason="Shares"
        )
    for act in (
        lambda: firm.as_(firm.reviewer, sites.add_site, firm.enterprise, facts=FACTS, now=NOW),
        lambda: firm.as_(firm.reviewer, sites.update_site, site, changes={"name": "Works 3"}),
        lambda: firm.as_(firm.reviewer, sites.close_site, site, now=NOW),
        lambda: firm.attach(firm.reviewer, body=PDF + b"\n"),
        lambda: firm.as_(firm.reviewer, papers.remove_paper, kept, now=NOW),
    ):
        with pytest.raises(NotImpartial):
            act()
    assert firm.as_(firm.owner, sites.update_site, site, changes={"name": "Works 3"}).name == "Works 3"


def test_ended_enterprise_keeps_nothing_new(firm):
    site = firm.as_(firm.owner, sites.add_site, firm.enterprise, facts=FACTS, now=NOW)
    kept = firm.attach()
    firm.end()
    for act in (
        lambda: firm.as_(firm.reviewer, sites.add_site, firm.enterprise, facts=FACTS, now=NOW),
        lambda: firm.as_(firm.reviewer, sites.close_site, site, now=NOW),
        lambda: firm.attach(firm.reviewer, body=PDF + b"\n"),
        lambda: firm.as_(firm.reviewer, papers.remove_paper, kept, now=NOW),
        firm.give,
    ):
        with pytest.raises(NotNow):
            act()


def test_document_is_told_by_its_content_and_kept_once(firm):
    kept = firm.attach(valid_until=TODAY)
    assert (kept.name, kept.content_type, kept.valid_until) == ("licence.pdf", "application/pdf", TODAY)
    with pytest.raises(papers.UnacceptableFile, match="attached already, as “licence"):
        firm.attach(name="again.pdf")
    with pytest.raises(papers.UnacceptableFile, match="not a PDF"):
        firm.attach(name="licence.pdf", body=b"MZ this is a program")
    with pytest.raises(papers.ExpiredPaper):
        firm.attach(body=PDF + b"\n", valid_until=TODAY - timedelta(days=1))
    assert len(firm.rows(EnterprisePaper)) == 1


def test_last_day_is_one_of_the_park(firm):
    # 17:00 UTC on the 20th is the 21st in Shanghai: what was valid until the 20th has expired there.
    late = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    with pytest.raises(papers.ExpiredPaper):
        firm.attach(valid_until=TODAY, now=late)
    assert firm.attach(valid_until=TODAY + timedelta(days=1), now=late).valid_until == date(2026, 11, 21)


def test_documents_are_kept_by_signers_and_registrars(firm):
    bodies = iter(range(100))
    able = allowed(firm, lambda who: firm.attach(who, body=PDF + b"%%%d" % next(bodies)))
    assert able == {Role.OWNER, Role.CERTIFIER, Role.PARK_ADMINISTRATOR, Role.REVIEWER}


def test_removed_document_stays_on_record(firm):
    kept = firm.attach()
    firm.as_(firm.owner, papers.remove_paper, kept, now=NOW)
    firm.as_(firm.owner, papers.remove_paper, kept, now=NOW + timedelta(days=1))
    (row,) = firm.rows(EnterprisePaper)
    assert row.removed_at == NOW
    assert row.file.storage.exists(row.file.name)
    assert firm.attach().pk != kept.pk


def test_enterprise_keeps_so_many_documents_at_a_time(firm, monkeypatch):
    monkeypatch.setattr(papers, "MOST_PAPERS", 2)
    first = firm.attach()
    firm.attach(body=PDF + b"\n")
    with pytest.raises(papers.UnacceptableFile, match="at most 2 documents"):
        firm.attach(body=PDF + b"\n\n")
    firm.as_(firm.owner, papers.remove_paper, first, now=NOW)

    firm.attach(body=PDF + b"\n\n")

    assert len(firm.rows(EnterprisePaper)) == 3


def test_evidence_of_a_change_request_is_not_removed(firm):
    kept = firm.attach()
    wanted = {"changes": {"name_en": "Amber Optics"}, "reason": "Renamed.", "evidence": kept, "now": NOW}
    asked = firm.as_(firm.owner, changes.request_change, firm.enterprise, **wanted)
    with pytest.raises(NotNow, match="evidence of a change request"):
        firm.as_(firm.owner, papers.remove_paper, kept, now=NOW)
    firm.as_(firm.reviewer, changes.reject_change, asked, decision="Not yet.", now=NOW)
    with pytest.raises(NotNow, match="evidence of a change request"):
        firm.as_(firm.owner, papers.remove_paper, kept, now=NOW)


def test_evidence_of_a_label_is_not_removed(firm):
    kept = firm.attach()
    given = firm.give(evidence=kept)
    with pytest.raises(NotNow, match="evidence of a label"):
        firm.as_(firm.owner, papers.remove_paper, kept, now=NOW)
    firm.as_(firm.reviewer, labels.end_label, given, reason="Expired.", now=NOW)
    with pytest.raises(NotNow, match="evidence of a label"):
        firm.as_(firm.owner, papers.remove_paper, kept, now=NOW)


def test_evidence_in_the_history_is_not_removed(firm):
    kept, administrator = firm.attach(), person(Role.PARK_ADMINISTRATOR, firm.park)
    named = {
        "reason": "Sold.",
        "evidence": kept,
        "now": NOW,
        "to": person(Role.CERTIFIER, firm.park, firm.enterprise.pk),
    }
    firm.as_(administrator, ownership.name_owner, firm.enterprise, **named)

    for someone in (named["to"], firm.reviewer):
        with pytest.raises(NotNow, match="evidence of an entry in the history"):
            firm.as_(someone, papers.remove_paper, kept, now=NOW)


def test_what_the_park_has_added_only_the_park_removes(firm):
    added = firm.attach(firm.reviewer)
    with pytest.raises(NotNow, match="only the park can remove it"):
        firm.as_(firm.owner, papers.remove_paper, added, now=NOW)

    assert firm.as_(firm.reviewer, papers.remove_paper, added, now=NOW).removed_at == NOW


def test_what_a_colleague_who_left_has_added_is_removed(firm):
    colleague = person(Role.CERTIFIER, firm.park, firm.enterprise.pk)
    added = firm.attach(colleague)
    colleague.is_active, colleague.ended_at = False, NOW
    colleague.save(update_fields=["is_active", "ended_at"])

    assert firm.as_(firm.owner, papers.remove_paper, added, now=NOW).removed_at == NOW


@pytest.mark.parametrize("status", ["suspended", "deregistered"])
def test_what_its_people_sent_before_it_was_suspended_comes_too_late(firm, status):
    kept = firm.attach()
    site = firm.as_(firm.owner, sites.add_site, firm.enterprise, facts=FACTS, now=NOW)
    wanted = {"changes": {"name_en": "Amber Optics"}, "reason": "Renamed.", "now": NOW}
    asked = firm.as_(firm.owner, changes.request_change, firm.enterprise, **wanted)
    with park_scope(firm.park.pk):
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(status=status)
    late = [
        (register.update_kept_facts, firm.enterprise, {"changes": {"website": "https://example.com"}}),
        (sites.add_site, firm.enterprise, {"facts": FACTS, "now": NOW}),
        (sites.update_site, site, {"changes": {"name": "Elsewhere"}}),
        (sites.close_site, site, {"now": NOW}),
        (papers.change_expiry, kept, {"valid_until": None}),
        (papers.remove_paper, kept, {"now": NOW}),
        (changes.withdraw_change, asked, {"now": NOW}),
    ]
    for act, row, options in late:
        with pytest.raises(NotNow):
            firm.as_(firm.owner, act, row, **options)
    with pytest.raises(NotNow):
        firm.attach(body=PDF + b"\n")


def test_officials_keep_the_record_of_what_they_suspended(firm):
    with park_scope(firm.park.pk):
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(status="suspended")

    assert firm.as_(firm.reviewer, sites.add_site, firm.enterprise, facts=FACTS, now=NOW).name == "Works 2"


@pytest.mark.parametrize(
    ("days_left", "mark"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-7, 0), (-8, None)],
)
def test_document_is_announced_once_in_each_window(firm, days_left, mark):
    firm.expires(TODAY + timedelta(days=days_left))
    assert [firm.remind(NOW), firm.remind(NOW)] == [0 if mark is None else 1, 0]
    assert [row.reminded_for for row in firm.rows(EnterprisePaper)] == [mark]


def test_reminders_follow_midnight_of_the_park(firm):
    firm.expires(TODAY + timedelta(days=8))
    before = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert firm.remind(before) == 1
    assert firm.remind(before) == 0
    assert firm.remind(before + timedelta(minutes=2)) == 1
    assert [row.reminded_for for row in firm.rows(EnterprisePaper)] == [7]


@pytest.mark.parametrize(
    ("zone", "due"), [("Asia/Shanghai", 1), ("Asia/Urumqi", 0), ("America/New_York", 0), ("Pacific/Auckland", 1)]
)
def test_each_park_has_its_own_day(zone, due):
    firm = Firm(time_zone=zone)
    firm.expires(date(2026, 11, 28), reminded_for=30)
    assert firm.remind(datetime(2026, 11, 20, 17, 0, tzinfo=UTC)) == due


def test_new_last_day_begins_the_reminders_anew(firm):
    kept = firm.expires(TODAY)
    assert firm.remind(NOW) == 1
    with park_scope(firm.park.pk):
        EnterprisePaper.objects.filter(pk=kept.pk).update(valid_until=TODAY + timedelta(days=60))
    assert firm.remind(NOW) == 1
    assert [row.reminded_for for row in firm.rows(EnterprisePaper)] == [60]


def test_nobody_is_reminded_of_what_was_removed_or_has_ended(firm):
    firm.expires(TODAY, removed_at=NOW)
    assert firm.remind(NOW) == 0
    firm.expires(TODAY)
    firm.end()
    assert firm.remind(NOW) == 0


def test_documents_are_announced_so_many_at_a_time(firm, monkeypatch):
    monkeypatch.setattr(papers, "REMINDED_A_STEP", 2)
    for number in range(5):
        firm.expires(TODAY, f"{number}.pdf")
    counted = []
    with park_scope(firm.park.pk):
        for _step in papers.remind_of_expiry(firm.park.pk, NOW, firm.park.time_zone):
            marks = EnterprisePaper.objects.exclude(reminded_for=None)
            counted.append(marks.count())
        assert counted == [2, 4, 5]
        assert list(papers.remind_of_expiry(firm.park.pk, NOW, firm.park.time_zone)) == [], "nothing is left to lock"


def letters_to(membership):
    return list(OutgoingMail.objects.filter(recipient=membership.user).order_by("id").values_list("subject", flat=True))


def test_task_writes_to_owners_and_certifiers_once(firm):
    certifier, applicant = (person(role, firm.park, firm.enterprise.pk) for role in (Role.CERTIFIER, Role.APPLICANT))
    last_day = datetime.now(UTC).date() + timedelta(days=25)
    kept = firm.expires(last_day, "licence of the works.pdf")
    for _again in range(2):
        tasks.remind_of_expiry.delay(park_id=firm.park.pk)
        run_outbox()
    told = {"park_id": firm.park.pk, "paper_id": str(kept.pk), "valid_until": last_day.isoformat(), "days_before": 30}
    tasks.write_expiry_mails.delay(**told)

    subject = f"licence of the works.pdf expires on {last_day.isoformat()}"
    assert [letters_to(someone) for someone in (firm.owner, certifier, applicant)] == [[subject], [subject], []]


def test_letter_about_a_document_that_was_replaced_is_not_written(firm):
    kept = firm.expires(TODAY, removed_at=NOW)
    told = {"park_id": firm.park.pk, "paper_id": str(kept.pk), "valid_until": TODAY.isoformat(), "days_before": 0}
    tasks.write_expiry_mails.delay(**told)
    assert letters_to(firm.owner) == []


def test_every_open_park_is_asked_in_the_morning(firm, monkeypatch):
    closed = Firm(status=ParkStatus.SUSPENDED)
    for each in (firm, closed):
        each.expires(datetime.now(UTC).date() + timedelta(days=20))
    monkeypatch.setattr(tasks, "REMINDERS_FROM_HOUR", 24)
    tasks.remind_every_park.delay()
    assert [row.reminded_for for row in firm.rows(EnterprisePaper)] == [None]
    monkeypatch.setattr(tasks, "REMINDERS_FROM_HOUR", 0)
    for _again in range(2):
        tasks.remind_every_park.delay()
    assert [[row.reminded_for for row in each.rows(EnterprisePaper)] for each in (firm, closed)] == [[30], [None]]
    assert Park.objects.get(pk=closed.park.pk).status == ParkStatus.SUSPENDED


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 90))
def test_reminders_come_in_order_and_each_once(steps, first):
    """However seldom anybody looks, a mark is sent at most once and never one that is farther than the last."""
    sent, reminded_for, days_left = [], None, first
    for step in steps:
        days_left -= step
        due = reminder_due(days_left, reminded_for)
        if due is not None:
            sent.append(due)
            reminded_for = due
            assert days_left <= due
    assert sent == sorted(set(sent), reverse=True)
    assert set(sent) <= set(REMINDED_BEFORE)


def test_label_is_given_on_evidence_and_taken_back_with_a_reason(firm):
    kept = firm.attach()
    given = firm.give(valid_until=TODAY + timedelta(days=365), evidence=kept, note="List of 2026")
    with pytest.raises(labels.LabelGiven):
        firm.give()
    ended = firm.as_(firm.reviewer, labels.end_label, given, reason="Struck off.", now=NOW)
    assert (ended.ended_at, ended.end_reason, given.given_by_name) == (NOW, "Struck off.", firm.reviewer.user.name)
    with pytest.raises(NotNow):
        firm.as_(firm.reviewer, labels.end_label, given, reason="Twice.", now=NOW)
    assert firm.give().pk != given.pk
    assert len(firm.rows(EnterpriseLabel)) == 2


def test_label_does_not_end_before_it_begins(firm):
    with pytest.raises(labels.LabelBackwards):
        firm.give(valid_until=TODAY - timedelta(days=1))


@pytest.mark.parametrize("note", ["", "  "])
def test_label_needs_a_document_or_a_reference(firm, note):
    with pytest.raises(labels.LabelUnproven) as refused:
        firm.give(note=note)
    assert refused.value.field == "note"
    assert firm.give(note=note, evidence=firm.attach()).note == note
    assert firm.give(kind=LabelKind.HIGH_TECH, note="GR202635000001").evidence is None


def test_labels_are_given_by_registrars(firm):
    kinds = cycle(LabelKind)
    assert allowed(firm, lambda who: firm.give(who, kind=next(kinds))) == {Role.PARK_ADMINISTRATOR, Role.REVIEWER}


def test_official_with_an_interest_gives_no_label(firm):
    with park_scope(firm.park.pk):
        DeclaredInterest.objects.create(
            park=firm.park, enterprise=firm.enterprise, user=firm.reviewer.user, reason="Shares"
        )
    with pytest.raises(NotImpartial):
        firm.give()


def test_people_of_a_neighbour_keep_nothing_here(firm):
    with park_scope(firm.park.pk):
        neighbour = EnterpriseFactory(park=firm.park)
    stranger = person(Role.OWNER, firm.park, neighbour.pk)
    with enterprise_scope(firm.park.pk, neighbour.pk, actor(stranger).author):
        assert not Site.objects.filter(enterprise=firm.enterprise).exists()
        with pytest.raises((PermissionDenied, Enterprise.DoesNotExist)):
            sites.add_site(actor(stranger), firm.enterprise, facts=FACTS, now=NOW)
