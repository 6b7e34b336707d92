"""Suspended, resumed, deregistered, registered again; and who owns the enterprise meanwhile."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, connections, transaction
from django.utils import timezone

from accounts.models import OutgoingMail
from enterprises import obstacles, tasks
from enterprises.choices import EnterpriseStatus, EnterpriseStepKind
from enterprises.models import DeclaredInterest, Enterprise, EnterprisePaper, EnterpriseStep, Site
from enterprises.services import ownership, papers, standing
from enterprises.services.ground import NotImpartial, NotNow
from enterprises.services.register import update_enterprise
from parks.choices import PARK_ROLES, Role
from parks.models import ApiKey, Invitation, Membership
from parks.services.people import InvitationNotOpen, accept_invitation, digest_of, end_membership
from tenancy.scopes import enterprise_scope, open_scope, park_scope
from tests.clients import actor, run_outbox, signed_in_client
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.people import ParkFactory, UserFactory, person

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Firm:
    """An enterprise with an owner, a certifier and an applicant, in a park with an administrator."""

    def __init__(self):
        self.park = ParkFactory()
        with park_scope(self.park.pk):
            self.enterprise = EnterpriseFactory(park=self.park, name_en="Amber Works")
        self.owner = self.works_as(Role.OWNER)
        self.certifier = self.works_as(Role.CERTIFIER)
        self.applicant = self.works_as(Role.APPLICANT)
        self.administrator = person(Role.PARK_ADMINISTRATOR, self.park)

    def works_as(self, *roles):
        return person(roles, self.park, self.enterprise.pk)

    def change(self, act, official=None, now=NOW, reason="Papers are missing."):
        official = official or self.administrator
        with park_scope(self.park.pk, actor(official).author):
            return act(actor(official), self.enterprise, reason=reason, now=now)

    def suspend(self, **kwargs):
        return self.change(standing.suspend_enterprise, **kwargs)

    def deregister(self, **kwargs):
        return self.change(standing.deregister_enterprise, **kwargs)

    def hand_over(self, to, keeps=(), owner=None):
        owner = owner or self.owner
        with enterprise_scope(self.park.pk, self.enterprise.pk, actor(owner).author):
            return ownership.hand_over(actor(owner), self.enterprise, to=to, keeps=keeps, now=NOW)

    def name_owner(self, **kwargs):
        evidence = SimpleUploadedFile("resolution.pdf", PDF)
        with park_scope(self.park.pk, actor(self.administrator).author):
            return ownership.name_owner(
                actor(self.administrator), self.enterprise, reason="Gone.", evidence=evidence, now=NOW, **kwargs
            )

    def rename(self):
        with park_scope(self.park.pk, actor(self.administrator).author):
            update_enterprise(actor(self.administrator), self.enterprise, changes={"name_en": "Renamed"}, now=NOW)

    def invite(self, role=Role.APPLICANT, by=None):
        """An open invitation of somebody who has an account; its token is their address."""
        user = UserFactory()
        Invitation.objects.create(
            park=self.park,
            enterprise_id=self.enterprise.pk,
            email=user.email,
            roles=[role],
            token_digest=digest_of(user.email),
            invited_by=(by or self.owner).user,
            invited_by_name=(by or self.owner).user.name,
            expires_at=timezone.now() + timedelta(days=7),
        )
        return user

    def places(self):
        """Who holds which roles now."""
        held = Membership.objects.filter(enterprise_id=self.enterprise.pk, is_active=True).order_by("pk")
        return {place.pk: place.roles for place in held}

    def known(self):
        with park_scope(self.park.pk):
            return Enterprise.objects.get(pk=self.enterprise.pk)

    def steps(self):
        with park_scope(self.park.pk):
            found = EnterpriseStep.objects.filter(enterprise=self.enterprise).order_by("at", "id")
            return [(step.kind, step.comment, step.is_by_official) for step in found]


@pytest.fixture
def firm(db):
    return Firm()


def marks(firm):
    places = Membership.objects.filter(enterprise_id=firm.enterprise.pk)
    return set(places.values_list("is_enterprise_suspended", flat=True))


def subjects(membership):
    return list(OutgoingMail.objects.filter(recipient=membership.user).order_by("id").values_list("subject", flat=True))


def test_suspension_marks_every_place_and_says_why(firm):
    firm.suspend()
    known = firm.known()
    assert (known.status, known.status_reason, known.status_changed_at) == ("suspended", "Papers are missing.", NOW)
    assert marks(firm) == {True}
    assert firm.steps() == [(EnterpriseStepKind.SUSPENDED, "Papers are missing.", True)]


def test_people_of_a_suspended_enterprise_write_nothing_even_past_the_pages(firm):
    firm.suspend()
    held = Membership.objects.select_related("user", "park").get(pk=firm.owner.pk)
    assert actor(held).read_only_words == "Your enterprise is suspended: nothing can be changed."
    with pytest.raises(InternalError, match="read-only transaction"), open_scope(actor(held).scope):
        Site.objects.create(park=firm.park, enterprise=firm.enterprise, name="Works", address="Road 1")


def test_pages_of_a_suspended_enterprise_say_so_and_keep_what_was_typed(firm, client_of):
    firm.suspend()
    owner = client_of(firm.owner)

    shown = owner.get("/company/").content.decode()
    elsewhere = owner.get("/applications/").content.decode()
    answer = owner.post("/company/contact/", {"contact_name": "Wu Hao"})

    assert "Reason: Papers are missing." in elsewhere
    assert "Your enterprise is suspended" in shown
    assert "Papers are missing." in shown
    assert (answer.status_code, b"your enterprise is suspended" in answer.content) == (HTTPStatus.CONFLICT, True)
    assert "Wu Hao" in answer.content.decode()
    assert firm.known().contact_name == ""


def test_contact_of_a_suspended_enterprise_can_be_read_and_not_typed_over(firm, client_of):
    owner = client_of(firm.owner)
    inputs = re.compile(r"<(?:input|select|textarea)(?![^>]*type=\"hidden\")[^>]* id=\"id_[^>]*>")
    before = inputs.findall(owner.get("/company/contact/").content.decode())
    firm.suspend()
    page = owner.get("/company/contact/").content.decode()
    after = inputs.findall(page)
    assert [" disabled" in each for each in before] == [False] * len(after)
    assert [" disabled" in each for each in after] == [True] * len(before)
    assert "nothing can be saved until the administration of the park lifts this" in page


def test_person_of_a_suspended_enterprise_still_chooses_how_they_are_told(firm, client_of):
    """Their account is theirs, whatever becomes of the enterprise."""
    firm.suspend()
    owner = client_of(firm.owner)
    page = owner.get("/me/messages/").content.decode()
    answer = owner.post("/me/messages/", {"incentives.received": "daily"})
    assert (answer.status_code, answer.url) == (HTTPStatus.FOUND, "/me/messages/")
    assert ("nothing can be saved" in page, ">Save</button>" in page) == (False, True)


def test_lifting_the_suspension_opens_everything_again(firm):
    firm.suspend()
    firm.change(standing.resume_enterprise, reason="Papers came.")
    assert (firm.known().status, marks(firm)) == ("active", {False})
    assert [kind for kind, *_rest in firm.steps()] == ["suspended", "resumed"]


def test_who_accepts_an_invitation_during_a_suspension_only_reads(firm):
    invited = firm.invite()
    firm.suspend()
    place = accept_invitation(user=invited, token=invited.email, now=timezone.now())
    place.refresh_from_db()
    assert place.is_enterprise_suspended


def test_place_that_is_taken_again_takes_the_standing_of_today(firm):
    Membership.objects.filter(pk=firm.applicant.pk).update(is_active=False, ended_at=NOW)
    firm.suspend()
    Membership.objects.filter(pk=firm.applicant.pk).update(is_enterprise_suspended=False)
    Membership.objects.filter(pk=firm.applicant.pk).update(is_active=True, ended_at=None)
    assert marks(firm) == {True}


def test_deregistration_ends_every_place_key_and_invitation(firm, client):
    invited = firm.invite()
    _key, token = ApiKey.objects.create(user=firm.applicant.user, membership=firm.applicant, name="gateway")
    header = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert client.get("/api/v1/applications/", **header).status_code == HTTPStatus.OK

    firm.deregister()

    assert (firm.known().status, firm.places()) == ("deregistered", {})
    assert client.get("/api/v1/applications/", **header).status_code == HTTPStatus.UNAUTHORIZED
    assert Invitation.objects.get(email=invited.email).revoked_at == NOW
    assert signed_in_client(firm.owner).get("/company/").status_code == HTTPStatus.FOUND


def test_deregistration_waits_for_what_is_under_way(firm):
    obstacles.register(under_way := lambda _enterprise: ["Two applications are not decided yet."])
    try:
        with pytest.raises(standing.ObstaclesLeft) as refused:
            firm.deregister()
    finally:
        obstacles.forget(under_way)
    assert refused.value.sentences == ["Two applications are not decided yet."]
    assert (firm.known().status, len(firm.places())) == ("active", 3)


def test_reinstated_enterprise_waits_for_its_owner(firm):
    firm.suspend()
    firm.deregister()
    firm.change(standing.reinstate_enterprise, reason="By mistake.")
    assert (firm.known().status, firm.places(), marks(firm)) == ("active", {}, {False})
    assert [kind for kind, *_rest in firm.steps()] == ["suspended", "deregistered", "reinstated"]


ACTS = {
    "suspended": standing.suspend_enterprise,
    "resumed": standing.resume_enterprise,
    "deregistered": standing.deregister_enterprise,
    "reinstated": standing.reinstate_enterprise,
}
WAYS = {
    "active": {"suspended", "deregistered"},
    "suspended": {"resumed", "deregistered"},
    "deregistered": {"reinstated"},
    "merged": set(),
}


@pytest.mark.parametrize("act", sorted(ACTS))
@pytest.mark.parametrize("status", sorted(WAYS))
def test_only_the_listed_ways_lead_on(firm, status, act):
    with park_scope(firm.park.pk):
        merged_into = EnterpriseFactory(park=firm.park) if status == "merged" else None
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(status=status, merged_into=merged_into)
    if act in WAYS[status]:
        assert firm.change(ACTS[act]).status != status
        assert [kind for kind, *_rest in firm.steps()] == [act]
    else:
        with pytest.raises(NotNow):
            firm.change(ACTS[act])
        assert firm.known().status == status


@pytest.mark.parametrize("role", sorted(PARK_ROLES - {Role.PARK_ADMINISTRATOR}))
def test_only_administrators_change_the_standing(firm, role):
    with pytest.raises(PermissionDenied):
        firm.suspend(official=person(role, firm.park))


def test_administrator_of_another_park_changes_nothing(firm):
    stranger = person(Role.PARK_ADMINISTRATOR, ParkFactory())
    with pytest.raises(PermissionDenied):
        firm.suspend(official=stranger)


def test_administrator_with_an_interest_keeps_out(firm):
    with park_scope(firm.park.pk):
        DeclaredInterest.objects.create(
            park=firm.park, enterprise=firm.enterprise, user=firm.administrator.user, reason="Shares"
        )
    for act in (standing.suspend_enterprise, standing.deregister_enterprise):
        with pytest.raises(NotImpartial):
            firm.change(act)


def test_owners_are_told_once_even_when_their_places_have_ended(firm):
    firm.suspend()
    run_outbox()
    firm.deregister()
    run_outbox()
    with park_scope(firm.park.pk):
        step = EnterpriseStep.objects.get(kind="deregistered")
    tasks.write_standing_mails.delay(park_id=firm.park.pk, step_id=str(step.pk), owner_ids=[firm.owner.pk])
    wanted = ["Amber Works is suspended", "Amber Works is deregistered"]
    assert [subject for subject in subjects(firm.owner) if subject in wanted] == wanted
    assert [subject for subject in subjects(firm.applicant) if subject in wanted] == []


def test_owner_hands_over_and_keeps_the_roles_chosen(firm):
    owner = firm.works_as(Role.OWNER, Role.CERTIFIER, Role.APPLICANT)
    Membership.objects.filter(pk=firm.owner.pk).update(is_active=False)

    firm.hand_over(firm.applicant, keeps=[Role.APPLICANT], owner=owner)

    assert firm.places() == {
        firm.certifier.pk: ["certifier"],
        firm.applicant.pk: ["owner", "applicant"],
        owner.pk: ["applicant"],
    }
    assert firm.steps() == [("handed_over", "", False)]


def test_owner_without_other_roles_leaves(firm):
    firm.hand_over(firm.certifier, keeps=[Role.APPLICANT, Role.OWNER])
    assert firm.places() == {firm.certifier.pk: ["owner", "certifier"], firm.applicant.pk: ["applicant"]}


def test_both_are_told_of_the_new_owner(firm):
    firm.hand_over(firm.certifier)
    run_outbox()
    told = [subjects(someone).count("Amber Works has a new owner") for someone in (firm.certifier, firm.owner)]
    assert (told, subjects(firm.applicant)) == ([1, 1], [])


def test_handing_over_ends_the_invitations_of_who_was_the_owner(firm):
    second = firm.works_as(Role.OWNER)
    mine, theirs = firm.invite(Role.OWNER), firm.invite(Role.OWNER)
    Invitation.objects.filter(email=theirs.email).update(invited_by=second.user)

    firm.hand_over(firm.certifier)

    revoked_at = {offer.email: offer.revoked_at for offer in Invitation.objects.filter(park=firm.park)}
    assert revoked_at == {mine.email: NOW, theirs.email: None}
    with pytest.raises(InvitationNotOpen):
        accept_invitation(user=mine, token=mine.email, now=timezone.now())
    accept_invitation(user=theirs, token=theirs.email, now=timezone.now())
    assert len(owners(firm)) == 3


def test_nobody_hands_over_to_themselves_or_to_who_is_gone(firm):
    gone = firm.works_as(Role.APPLICANT)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)
    for target in (firm.owner, gone):
        with pytest.raises(NotNow):
            firm.hand_over(target)
    assert firm.places()[firm.owner.pk] == ["owner"]


def test_only_an_owner_hands_over(firm):
    with pytest.raises(PermissionDenied):
        firm.hand_over(firm.applicant, owner=firm.certifier)


def test_suspended_enterprise_is_not_handed_over(firm):
    firm.suspend()
    with pytest.raises(NotNow):
        firm.hand_over(firm.certifier)


def test_park_names_a_colleague_when_the_owner_is_gone(firm):
    invited = firm.invite(Role.OWNER)

    firm.name_owner(to=firm.certifier)

    assert firm.places() == {firm.certifier.pk: ["owner", "certifier"], firm.applicant.pk: ["applicant"]}
    assert firm.steps() == [("assigned", "Gone.", True)]
    assert Invitation.objects.get(email=invited.email).revoked_at == NOW
    with park_scope(firm.park.pk):
        assert EnterpriseStep.objects.get().evidence.name == "resolution.pdf"


def test_park_invites_an_owner_where_no_colleague_is_named(firm):
    firm.name_owner(email="new@example.com")
    offer = Invitation.objects.get(email="new@example.com")
    assert (offer.roles, offer.enterprise_id, firm.owner.pk in firm.places()) == (["owner"], firm.enterprise.pk, False)


def test_owner_is_named_by_administrators_only_and_on_evidence(firm):
    reviewer = person(Role.REVIEWER, firm.park)
    with pytest.raises(PermissionDenied), park_scope(firm.park.pk, actor(reviewer).author):
        ownership.name_owner(
            actor(reviewer),
            firm.enterprise,
            reason="Gone.",
            evidence=SimpleUploadedFile("a.pdf", PDF),
            to=firm.certifier,
            now=NOW,
        )
    with pytest.raises(papers.UnacceptableFile), park_scope(firm.park.pk, actor(firm.administrator).author):
        ownership.name_owner(
            actor(firm.administrator),
            firm.enterprise,
            reason="Gone.",
            evidence=SimpleUploadedFile("a.pdf", b"MZ not a document"),
            to=firm.certifier,
            now=NOW,
        )
    with park_scope(firm.park.pk):
        assert not EnterprisePaper.objects.filter(enterprise=firm.enterprise).exists()
    assert firm.places()[firm.owner.pk] == ["owner"]


def at_once(*acts):
    """Answers of acts that begin in the same moment, each on a connection of its own."""
    start = Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            act()
        except (NotNow, ownership.NotAnOwner, PermissionDenied) as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return sorted(threads.map(run, acts))


def owners(firm):
    return sorted(pk for pk, roles in firm.places().items() if "owner" in roles)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_hand_overs_at_once_leave_one_owner():
    firm = Firm()
    answers = at_once(lambda: firm.hand_over(firm.certifier), lambda: firm.hand_over(firm.applicant))
    assert answers == ["NotAnOwner", "done"]
    assert len(owners(firm)) == 1
    assert owners(firm)[0] != firm.owner.pk


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_handing_over_to_who_is_ended_in_the_same_moment_leaves_an_owner():
    firm = Firm()
    second = firm.works_as(Role.OWNER)

    def end():
        with enterprise_scope(firm.park.pk, firm.enterprise.pk, actor(second).author):
            end_membership(actor=actor(second), membership=firm.certifier, now=NOW)

    answers = at_once(lambda: firm.hand_over(firm.certifier), end)

    assert answers in (["NotNow", "done"], ["done", "done"])
    assert second.pk in owners(firm)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_who_accepts_while_the_enterprise_is_suspended_does_not_slip_in():
    firm = Firm()
    invited = firm.invite()
    accept = lambda: accept_invitation(user=invited, token=invited.email, now=timezone.now())  # noqa: E731
    assert at_once(accept, firm.suspend) == ["done", "done"]
    assert marks(firm) == {True}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_who_accepts_while_the_enterprise_is_renamed_gets_its_name():
    firm = Firm()
    invited = firm.invite()

    accept = lambda: accept_invitation(user=invited, token=invited.email, now=timezone.now())  # noqa: E731
    assert at_once(accept, firm.rename) == ["done", "done"]
    places = Membership.objects.filter(enterprise_id=firm.enterprise.pk)
    assert set(places.values_list("enterprise_name_en", flat=True)) == {"Renamed"}


def test_invitation_that_was_sent_while_the_registration_ended_opens_nothing(firm):
    invited = firm.invite()
    with park_scope(firm.park.pk):
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(status=EnterpriseStatus.DEREGISTERED)
    with pytest.raises(InvitationNotOpen, match="registration of the enterprise has ended"):
        accept_invitation(user=invited, token=invited.email, now=timezone.now())
    assert not Membership.objects.filter(user=invited).exists()


def test_registration_that_begins_again_reopens_no_invitation(firm):
    firm.deregister()
    invited = firm.invite(by=firm.administrator, role=Role.OWNER)
    with park_scope(firm.park.pk, actor(firm.administrator).author):
        standing.reinstate_enterprise(actor(firm.administrator), firm.enterprise, reason="Again.", now=timezone.now())
    assert Invitation.objects.get(email=invited.email).revoked_at is not None
    with pytest.raises(InvitationNotOpen):
        accept_invitation(user=invited, token=invited.email, now=timezone.now())


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_renaming_waits_neither_for_an_invitation_nor_for_a_place_that_somebody_takes():
    """Who accepts holds both and waits for the enterprise, which the renaming holds."""
    firm = Firm()
    invited = firm.invite()
    ended = firm.works_as(Role.APPLICANT)
    Membership.objects.filter(pk=ended.pk).update(is_active=False, ended_at=NOW)
    with transaction.atomic():
        Invitation.objects.select_for_update().get(email=invited.email)
        Membership.objects.select_for_update().get(pk=ended.pk)
        with ThreadPoolExecutor(1) as other:
            assert other.submit(in_thread, firm.rename).result(timeout=20) is None
    with park_scope(firm.park.pk):
        assert Enterprise.objects.get(pk=firm.enterprise.pk).name_en == "Renamed"
    Membership.objects.filter(pk=ended.pk).update(is_active=True, ended_at=None)
    ended.refresh_from_db()
    assert ended.enterprise_name_en == "Renamed"


def in_thread(act):
    try:
        act()
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_suspensions_at_once_are_one():
    firm = Firm()
    assert at_once(firm.suspend, firm.suspend) == ["NotNow", "done"]
    assert len(firm.steps()) == 1
