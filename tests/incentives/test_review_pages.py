"""One application on an official's desk, and what deciding about it answers."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from enterprises.models import DeclaredInterest
from incentives import services
from incentives.choices import ApplicationState, Outcome, Stage
from incentives.models import Application, FieldComment, Programme, Review
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW, accept, acting_as, file, give_back, give_budget, submit
from tests.incentives.pages import address, problems_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(scene):
    return scene.ours.firm.application


@pytest.fixture
def reviewer(scene, client_of):
    return client_of(scene.ours.staff[Role.REVIEWER])


@pytest.fixture
def approver(scene, client_of):
    return client_of(scene.ours.staff[Role.APPROVER])


def stored(application):
    with park_scope(application.park_id):
        return Application.objects.get(pk=application.pk)


def post(client, name, application, **typed):
    seen = {"expected_round": 1, "stage": Stage.COMPLETENESS}
    return client.post(address(name, application_id=application.pk), {**seen, **typed})


def page_of(client, application):
    return client.get(address("review_detail", application_id=application.pk))


def test_reviewer_can_accept_return_or_decline(reviewer, application):
    page = page_of(reviewer, application)

    assert [choice["act"] for choice in page.context["choices"]] == ["accept", "return", "decline"]
    assert page.context["why_not"] == ""


def test_approver_waits_for_the_completeness_check(approver, application):
    page = page_of(approver, application)

    assert page.context["choices"] == []
    assert page.context["why_not"] == "Only an official with the role “Reviewer” can do this."


def test_acceptance_leaves_a_note_that_the_enterprise_never_sees(scene, reviewer, application, client_of):
    response = post(reviewer, "review_accept", application, note="Invoices found in the tax system.")

    assert response.url == address("review_detail", application_id=application.pk)
    assert stored(application).state == ApplicationState.ACCEPTED
    assert "Invoices found in the tax system." in page_of(reviewer, application).content.decode()
    owner = client_of(scene.ours.firm.people[Role.OWNER])
    own = owner.get(address("application_detail", application_id=application.pk)).content.decode()
    assert "Accepted as complete" in own
    assert "Invoices found" not in own


def test_return_names_answers_and_documents(reviewer, application):
    response = post(
        reviewer,
        "review_return",
        application,
        comment_saving_tce="Use the verified figure.",
        comment_document_contract="Page 2 is not stamped.",
        message="Two points.",
        note="",
    )

    assert response.status_code == 302
    assert stored(application).state == ApplicationState.RETURNED
    dialogue = page_of(reviewer, application).context["dialogue"]
    assert {entry["label"]: entry["comment"].comment for entry in dialogue} == {
        "Energy saved a year": "Use the verified figure.",
        "Energy management contract": "Page 2 is not stamped.",
    }


def test_return_without_a_comment_comes_back_as_typed(reviewer, application):
    response = post(reviewer, "review_return", application, message="Please look again.", note="Hm.")

    form = response.context["forms"]["return"]
    assert response.status_code == 422
    assert problems_of(form) == {"__all__": ["Comment on at least one answer or document that must be changed."]}
    assert (form["message"].value(), form["note"].value()) == ("Please look again.", "Hm.")
    assert [choice["act"] for choice in response.context["choices"] if choice["is_chosen"]] == ["return"]
    assert stored(application).state == ApplicationState.SUBMITTED


def test_decline_needs_a_reason(reviewer, application):
    refused = post(reviewer, "review_decline", application, reason="", note="")

    assert refused.status_code == 422
    assert problems_of(refused.context["forms"]["decline"]) == {"reason": ["Fill this in."]}
    unseen = post(reviewer, "review_decline", application, reason="\u200b", note="")
    assert problems_of(unseen.context["forms"]["decline"]) == {"reason": ["Write something that can be read."]}

    assert post(reviewer, "review_decline", application, reason="Not an energy saving.", note="").status_code == 302
    assert stored(application).state == ApplicationState.DECLINED


def test_approval_commits_the_amount(scene, approver, application):
    accept(scene.ours, application)

    response = post(
        approver,
        "review_approve",
        application,
        amount_cny="1,200,000.00",
        message="Two lines were used before.",
        note="",
    )

    assert response.status_code == 302
    with park_scope(application.park_id):
        programme = Programme.objects.get(pk=scene.ours.programme.pk)
        review = Review.objects.get(application=application, outcome=Outcome.APPROVED)
    assert (programme.committed_cny, review.amount_cny) == (1_200_000, 1_200_000)


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("1500000.01", "Enter at most ¥1,500,000.00."),
        ("0", "Enter at least ¥0.01."),
        ("", "Fill this in."),
    ],
)
def test_amount_that_cannot_be_approved_is_said_at_its_field(scene, approver, application, amount, sentence):
    accept(scene.ours, application)

    response = post(approver, "review_approve", application, amount_cny=amount, message="Well done.", note="")

    form = response.context["forms"]["approve"]
    assert response.status_code == 422
    assert problems_of(form) == {"amount_cny": [sentence]}
    assert form["message"].value() == "Well done."
    assert stored(application).state == ApplicationState.ACCEPTED


def test_smaller_amount_needs_words(scene, approver, application):
    accept(scene.ours, application)

    response = post(approver, "review_approve", application, amount_cny="1200000", message=" ", note="")

    assert response.status_code == 422
    assert problems_of(response.context["forms"]["approve"]) == {
        "message": ["Say why less is granted than requested; the enterprise reads it."]
    }


def test_budget_that_does_not_hold_the_amount_is_said_at_its_field(scene, approver, application):
    accept(scene.ours, application)
    with park_scope(application.park_id):
        give_budget(scene.ours.programme, "1000.00")

    response = post(approver, "review_approve", application, amount_cny="1200000", message="Less.", note="")

    assert response.status_code == 422
    assert problems_of(response.context["forms"]["approve"]) == {
        "amount_cny": ["Only ¥1,000.00 of the budget is left."]
    }


def test_second_decision_is_refused_and_shows_the_state(reviewer, application):
    post(reviewer, "review_accept", application, note="")

    response = post(reviewer, "review_accept", application, note="again")

    assert response.status_code == 422
    assert response.context["forms"] == {}
    assert "The application does not wait for this stage: Completeness check." in response.content.decode()


def test_declared_interest_bars_from_deciding(scene, reviewer, application):
    with park_scope(application.park_id):
        DeclaredInterest.objects.create(
            park=scene.ours.park,
            enterprise=application.enterprise,
            user=scene.ours.staff[Role.REVIEWER].user,
            reason="owns shares",
        )

    page = page_of(reviewer, application)

    assert page.context["choices"] == []
    assert "declared an interest" in page.context["why_not"]
    assert post(reviewer, "review_accept", application, note="").status_code == 422
    assert stored(application).state == ApplicationState.SUBMITTED


def test_auditor_reads_and_decides_nothing(scene, application, client_of):
    auditor = client_of(scene.ours.staff[Role.AUDITOR])

    assert page_of(auditor, application).context["choices"] == []
    for name in ("review_accept", "review_return", "review_approve", "review_decline"):
        assert post(auditor, name, application).status_code == 403


def test_drafts_are_not_on_the_desk(scene, reviewer):
    assert page_of(reviewer, scene.ours.firm.draft).status_code == 404


def test_other_park_has_no_such_application(scene, application, client_of):
    stranger = client_of(scene.others.staff[Role.REVIEWER])

    assert page_of(stranger, application).status_code == 404
    assert post(stranger, "review_accept", application, note="").status_code == 404


def test_enterprise_cannot_open_the_desk(scene, application, client_of):
    assert page_of(client_of(scene.ours.firm.people[Role.OWNER]), application).status_code == 403


def test_page_tells_when_the_present_round_was_filed(scene, reviewer):
    application = file(scene.ours.firm)
    give_back(scene.ours, application)
    later = NOW + timedelta(days=1)
    submit(scene.ours.firm, stored(application), later)

    assert page_of(reviewer, application).context["filed_at"] == later


def test_page_tells_unchanged_points_from_changed_ones_and_shows_the_replies(scene, reviewer, client_of):
    firm = scene.ours.firm
    application = file(firm)
    comments = {"comment_saving_tce": "Use the verified figure.", "comment_project_title": "Name the workshop."}
    post(reviewer, "review_return", application, message="", note="", **comments)
    applicant = client_of(firm.people[Role.APPLICANT])
    replies = {"saving_tce": "It is the verified figure.", "project_title": "\u200b"}
    assert applicant.post(address("application_replies", application_id=application.pk), replies).status_code == 302
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        now = stored(application)
        services.save_application(
            actor, now, answers={"project_title": "Hall 3"}, expected_revision=now.revision, now=NOW
        )
    submit(firm, stored(application))

    dialogue = page_of(reviewer, application).context["dialogue"]
    assert {entry["comment"].field: (entry["is_unchanged"], entry["comment"].answer) for entry in dialogue} == {
        "saving_tce": (True, "It is the verified figure."),
        "project_title": (False, ""),
    }


def test_replies_are_kept_only_while_the_application_is_back(scene):
    firm = scene.ours.firm
    application = file(firm)
    give_back(scene.ours, application)
    submit(firm, stored(application))
    with acting_as(firm.people[Role.OWNER]) as actor:
        with pytest.raises(services.StateChanged):
            services.reply_to_comments(actor, application, replies={"saving_tce": "Late"}, now=NOW)
        assert FieldComment.objects.filter(application=application).update(answer="Late") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            FieldComment.objects.filter(application=application).update(comment="Nothing")
