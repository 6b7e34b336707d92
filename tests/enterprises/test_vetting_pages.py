"""The officials' pages of registrations: queue, desk, decisions, joining."""

import pytest
from django.urls import reverse

from enterprises.choices import EnterpriseStatus, RegistrationState
from enterprises.models import DeclaredInterest, Enterprise, Registration, RegistrationRemark
from parks.choices import PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.enterprises.vetting_cases import (
    CODE,
    EARLY_CODE,
    NOW,
    OTHER_CODE,
    approve,
    file_again,
    file_registration,
    give_back,
    reject,
)
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.people import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
REGISTRARS = [Role.REVIEWER, Role.PARK_ADMINISTRATOR]
READERS = sorted(PARK_ROLES - set(REGISTRARS))


def address(name, **kwargs):
    return reverse(f"enterprises:vetting_{name}", kwargs=kwargs or None)


def of(registration, name="detail"):
    return address(name, registration_id=registration.pk)


def text_of(page):
    return page.content.decode()


@pytest.fixture
def side(scene):
    return scene.ours


@pytest.fixture
def registration(side):
    return file_registration(side.park, name_en="Newcomer Works", name_zh="新来制造有限公司")


@pytest.fixture
def desk(side, client_of):
    return client_of(side.staff[Role.REVIEWER])


def state_of(registration):
    with park_scope(registration.park_id):
        return Registration.objects.get(pk=registration.pk).state


# The queue


def queue(client, **parameters):
    return client.get(address("queue"), parameters)


def shown(page, *registrations):
    """Which of these registrations the list of the page leads to."""
    return [registration for registration in registrations if of(registration) in text_of(page)]


def test_queue_holds_each_state_in_its_view(scene, side, registration, desk):
    returned = file_registration(side.park, number="R-0000-0002", credit_code=OTHER_CODE)
    rejected = file_registration(side.park, number="R-0000-0003", credit_code=EARLY_CODE)
    give_back(side, returned)
    reject(side, rejected)

    waiting, back, decided = (queue(desk, view=view) for view in ("waiting", "returned", "decided"))
    everything = (registration, returned, rejected)
    assert shown(waiting, *everything) == [registration]
    assert shown(back, *everything) == [returned]
    assert shown(decided, *everything) == [rejected]
    # One more waits for each of the two firms of the scene.
    assert [(tab["label"], tab["count"]) for tab in waiting.context["tabs"]] == [
        ("Waiting", 3),
        ("With the registrant", 1),
        ("Decided", 1),
    ]


def test_queue_of_a_view_that_does_not_exist_is_what_waits(registration, desk):
    page = queue(desk, view="nonsense")

    assert page.context["view"] == "waiting"
    assert shown(page, registration) == [registration]


def test_queue_shows_no_drafts_and_no_other_park(scene, side, registration, client_of):
    page = queue(client_of(scene.others.staff[Role.REVIEWER]))

    assert shown(page, registration, scene.others.firm.registration) == [scene.others.firm.registration]


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_every_official_reads_the_queue(side, registration, client_of, role):
    page = queue(client_of(side.staff[role]))

    assert shown(page, registration) == [registration]
    assert (page.context["next_one"] is not None) == (role in REGISTRARS)


@pytest.mark.parametrize("role", [Role.OWNER, Role.APPLICANT])
def test_people_of_enterprises_do_not(side, registration, client_of, role):
    client = client_of(side.firm.people[role])

    assert queue(client).status_code == 403
    assert client.get(of(registration)).status_code == 403


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"q": "r-7k4m"}, True),
        ({"q": "9135 0200-ma2yj1"}, True),
        ({"q": "newcomer WORKS"}, True),
        ({"q": "新来制造"}, True),
        ({"q": "lin yue"}, True),
        ({"q": "nobody"}, False),
        ({"q": "%"}, False),
        ({"kind": "manufacturer"}, True),
        ({"kind": "research"}, False),
        ({"kind": "nonsense"}, True),
        ({"note": "is_registered"}, False),
        ({"note": "is_filed_twice"}, False),
        ({"note": "again"}, False),
    ],
)
def test_queue_is_narrowed(registration, desk, parameters, found):
    assert shown(queue(desk, **parameters), registration) == ([registration] if found else [])


def test_queue_notes_what_needs_judgement(side, registration, desk):
    second = file_registration(side.park, number="R-0000-0002")
    early = file_registration(side.park, number="R-0000-0003", credit_code=EARLY_CODE)
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=OTHER_CODE)
    known = file_registration(side.park, number="R-0000-0004", credit_code=OTHER_CODE)

    assert "Filed more than once" in text_of(queue(desk, q=second.number))
    assert "Check character differs" in text_of(queue(desk, q=early.number))
    assert "Code registered already" in text_of(queue(desk, q=known.number))
    assert shown(queue(desk, note="is_registered"), registration, second, early, known) == [known]
    assert shown(queue(desk, note="is_filed_twice"), registration, second, early, known) == [registration, second]


def test_queue_says_what_was_filed_again(side, registration, desk):
    give_back(side, registration)
    file_again(registration)

    page = queue(desk, note="again")
    assert shown(page, registration) == [registration]
    assert "Filed again, round 2" in text_of(page)


def test_queue_locks_what_is_not_for_this_person(side, client_of):
    reviewer = side.staff[Role.REVIEWER]
    own = file_registration(side.park, registrant=reviewer.user)
    tied = file_registration(side.park, number="R-0000-0002", credit_code=side.firm.enterprise.credit_code)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user=reviewer.user, reason="brother"
        )
    client = client_of(reviewer)

    assert "You filed it: four eyes" in text_of(queue(client, q=own.number))
    assert "Interest declared: not for you" in text_of(queue(client, q=tied.number))
    colleague = client_of(side.staff[Role.PARK_ADMINISTRATOR])
    assert "not for you" not in text_of(queue(colleague, q=tied.number))


def test_queue_begins_with_the_least_time_left(side, desk):
    numbers = ["R-0000-0003", "R-0000-0001", "R-0000-0002"]
    rows = [file_registration(side.park, number=number) for number in numbers]
    with park_scope(side.park.pk):
        for day, row in enumerate(rows, start=1):
            Registration.objects.filter(pk=row.pk).update(due_at=NOW.replace(day=day))
    text = text_of(queue(desk, q="R-0000"))

    assert sorted(numbers, key=text.index) == numbers


@pytest.mark.parametrize("view", ["waiting", "returned", "decided"])
def test_queue_asks_the_same_with_one_row_and_with_thirty(side, registration, desk, django_assert_num_queries, view):
    acts = {"waiting": None, "returned": give_back, "decided": reject}

    def add(count):
        for number in range(count):
            row = file_registration(side.park, number=f"R-{count:04d}-{number:04d}")
            if acts[view]:
                acts[view](side, row)

    add(1)
    queue(desk, view=view)
    with django_assert_num_queries(QUERIES[view]):
        queue(desk, view=view)
    add(30)
    with django_assert_num_queries(QUERIES[view]):
        queue(desk, view=view)


QUERIES = {"waiting": 14, "returned": 14, "decided": 14}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_queue_is_downloaded(registration, desk, kind):
    page = queue(desk, export=kind)

    assert page.status_code == 200
    assert "attachment" in page["Content-Disposition"]
    if kind == "csv":
        text = page.content.decode("utf-8-sig")
        assert registration.number in text
        assert "新来制造有限公司 / Newcomer Works" in text


def test_queue_says_when_nothing_is_there(side, desk):
    assert "What was returned for corrections stands here" in text_of(queue(desk, view="returned"))
    assert "No registration fits these filters." in text_of(queue(desk, q="nothing like it"))


def test_queue_is_in_the_navigation_of_officials(side, desk, client_of):
    assert address("queue") in text_of(desk.get(reverse("incentives:official_home")))
    owner = client_of(side.firm.people[Role.OWNER])
    assert address("queue") not in text_of(owner.get(reverse("incentives:enterprise_home")))


# The desk


def test_desk_shows_everything_that_was_filed(registration, desk):
    text = text_of(desk.get(of(registration)))

    for said in ("新来制造有限公司", "Newcomer Works", CODE, "Works 1 · Torch Road 1", "licence.pdf", "Lin Yue"):
        assert said in text
    assert "The check character fits." in text
    assert registration.registrant.email in text


def test_desk_says_when_the_code_is_one_of_the_early_pilots(side, desk):
    early = file_registration(side.park, credit_code=EARLY_CODE, is_code_confirmed=True)
    text = text_of(desk.get(of(early)))

    assert "The check character does not fit" in text
    assert "The registrant has confirmed" in text
    assert 'name="is_code_confirmed"' in text


def test_desk_of_a_draft_or_of_another_park_is_not_found(scene, side, registration, client_of):
    assert client_of(scene.others.staff[Role.REVIEWER]).get(of(registration)).status_code == 404


@pytest.mark.parametrize("role", READERS)
def test_who_only_reads_sees_no_forms_and_may_not_post(side, registration, client_of, role):
    client = client_of(side.staff[role])
    page = client.get(of(registration))

    assert page.context["choices"] == []
    assert "Only a reviewer or an administrator" in text_of(page)
    for act in ("approve", "return", "reject"):
        assert client.post(of(registration, act), {"expected_round": 1}).status_code == 403
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_documents_are_handed_out_to_officials_of_the_park_alone(scene, side, registration, desk, client_of):
    with park_scope(side.park.pk):
        paper = registration.papers.get()
    path = address("paper", registration_paper_id=paper.pk)

    page = desk.get(path)
    assert (page.content, page["Content-Disposition"]) == (PDF, 'attachment; filename="licence.pdf"')
    assert client_of(scene.others.staff[Role.REVIEWER]).get(path).status_code == 404
    assert client_of(side.firm.people[Role.OWNER]).get(path).status_code == 403


def test_desk_compares_with_the_enterprise_of_that_code(side, registration, desk):
    with park_scope(side.park.pk):
        known = EnterpriseFactory(
            park=side.park, credit_code=CODE, name_zh="新来制造有限公司", name_en="NEWCOMER works"
        )
    page = desk.get(of(registration))

    (entry,) = page.context["candidates"]
    assert (entry["candidate"].found, entry["why"], entry["name"]) == (known, "Same code", "NEWCOMER works")
    by_field = {row.field: row.differs for row in entry["rows"]}
    assert (by_field["credit_code"], by_field["name_zh"], by_field["name_en"], by_field["address"]) == (
        False,
        False,
        False,
        True,
    )
    barred = {choice["act"]: bool(choice["barred"]) for choice in page.context["choices"]}
    assert barred == {"approve": True, "return": False, "reject": False}
    assert address("join", registration_id=registration.pk, enterprise_id=known.pk) in text_of(page)


def test_desk_compares_with_other_registrations_and_with_names_that_are_alike(side, registration, desk):
    second = file_registration(side.park, number="R-0000-0002")
    with park_scope(side.park.pk):
        alike = EnterpriseFactory(park=side.park, name_zh="新来制造股份有限公司", name_en="")
    page = desk.get(of(registration))

    found = [(entry["candidate"].found, entry["why"]) for entry in page.context["candidates"]]
    assert found == [(second, "Same code"), (alike, "Name alike, 100\u2009%")]
    assert not any(choice["barred"] for choice in page.context["choices"])


def test_desk_finds_nobody_in_another_park(scene, registration, desk):
    with park_scope(scene.others.park.pk):
        EnterpriseFactory(park=scene.others.park, credit_code=CODE, name_zh="新来制造有限公司")

    assert desk.get(of(registration)).context["candidates"] == []


def test_desk_leads_from_a_merged_enterprise_to_the_one_that_goes_on(side, registration, desk):
    with park_scope(side.park.pk):
        goes_on = EnterpriseFactory(park=side.park, name_en="Goes On")
        EnterpriseFactory(park=side.park, credit_code=CODE)
        Enterprise.objects.filter(credit_code=CODE).update(status=EnterpriseStatus.MERGED, merged_into=goes_on)
    page = desk.get(of(registration))

    (entry,) = page.context["candidates"]
    assert entry["join_url"] == address("join", registration_id=registration.pk, enterprise_id=goes_on.pk)
    assert "Join to Goes On, into which it was merged" in text_of(page)


def test_desk_asks_as_much_with_many_who_are_alike(side, registration, desk, django_assert_max_num_queries):
    with park_scope(side.park.pk):
        for number in range(8):
            EnterpriseFactory(park=side.park, name_zh=f"新来制造{number}有限公司")
    with django_assert_max_num_queries(30):
        page = desk.get(of(registration))
    assert len(page.context["candidates"]) == 8


# Decisions


def test_return_keeps_what_was_written_beside_each_field(side, registration, desk):
    page = desk.post(
        of(registration, "return"),
        {
            "expected_round": 1,
            "remark_address": "As on the licence.",
            "remark_sites": "Which?",
            "message": "Two things.",
        },
        follow=True,
    )

    assert f"{registration.number} was returned for corrections." in text_of(page)
    with park_scope(side.park.pk):
        remarks = RegistrationRemark.objects.filter(registration=registration).values_list("field", "comment")
        assert set(remarks) == {("address", "As on the licence."), ("sites", "Which?")}
    assert state_of(registration) == RegistrationState.RETURNED


def test_return_without_a_comment_comes_back_with_what_was_typed(registration, desk):
    page = desk.post(of(registration, "return"), {"expected_round": 1, "message": "Please correct."})

    assert page.status_code == 422
    assert "Comment on at least one field or document" in text_of(page)
    assert "Please correct." in text_of(page)
    assert [choice["act"] for choice in page.context["choices"] if choice["is_chosen"]] == ["return"]
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_approve_registers_and_says_so(side, registration, desk):
    page = desk.post(of(registration, "approve"), {"expected_round": 1, "is_pilot": "on"}, follow=True)

    assert "Newcomer Works is registered." in text_of(page)
    assert page.context["choices"] == []
    assert state_of(registration) == RegistrationState.APPROVED


def test_approve_twice_leads_to_the_same_page(side, registration, desk):
    first, second = (desk.post(of(registration, "approve"), {"expected_round": 1}) for _time in range(2))

    assert (first.status_code, second.status_code) == (302, 302)
    with park_scope(side.park.pk):
        assert Enterprise.objects.filter(credit_code=CODE).count() == 1


def test_approve_of_a_taken_code_says_so_and_shows_whose_it_is(side, registration, desk):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE, name_en="Known Works")
    page = desk.post(of(registration, "approve"), {"expected_round": 1})

    assert page.status_code == 422
    assert "already registered in this park" in text_of(page)
    assert "Known Works" in text_of(page)
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_approve_asks_to_confirm_a_code_that_does_not_fit(side, desk):
    early = file_registration(side.park, credit_code=EARLY_CODE)

    page = desk.post(of(early, "approve"), {"expected_round": 1})
    assert page.status_code == 422
    assert "is_code_confirmed" in page.context["tried"].errors
    assert desk.post(of(early, "approve"), {"expected_round": 1, "is_code_confirmed": "on"}).status_code == 302
    assert state_of(early) == RegistrationState.APPROVED


def test_reject_needs_a_reason(registration, desk):
    assert desk.post(of(registration, "reject"), {"expected_round": 1}).status_code == 422
    assert desk.post(of(registration, "reject"), {"expected_round": 1, "reason": "Not here."}).status_code == 302
    assert state_of(registration) == RegistrationState.REJECTED


@pytest.mark.parametrize("round_sent", ["", "x", "-1", "9" * 30])
def test_a_round_that_makes_no_sense_is_no_decision(registration, desk, round_sent):
    page = desk.post(of(registration, "reject"), {"expected_round": round_sent, "reason": "Not here."})

    assert page.status_code == 422
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_what_was_filed_again_unread_comes_back_with_the_new_round(side, registration, desk):
    give_back(side, registration)
    file_again(registration)

    page = desk.post(of(registration, "reject"), {"expected_round": 1, "reason": "Not here."})
    assert page.status_code == 422
    assert "Round 2 was filed since you opened this registration" in text_of(page)
    assert 'name="expected_round" value="2"' in text_of(page)
    assert "Not here." in text_of(page)


def test_second_official_is_told_and_keeps_what_was_typed(side, registration, desk):
    approve(side, registration, side.staff[Role.PARK_ADMINISTRATOR])

    page = desk.post(of(registration, "reject"), {"expected_round": 1, "reason": "I was slower."})
    assert page.status_code == 422
    assert "does not wait for a decision any more" in text_of(page)
    assert page.context["unsent"] == [{"label": "Reason", "value": "I was slower."}]


def test_decisions_are_posts(registration, desk):
    for act in ("approve", "return", "reject"):
        assert desk.get(of(registration, act)).status_code == 405


# Joining


@pytest.fixture
def known(side):
    with park_scope(side.park.pk):
        return EnterpriseFactory(
            park=side.park, credit_code=CODE, name_zh="新来制造有限公司", name_en="Known Works", address="Old Road 1"
        )


def joining(registration, enterprise):
    return address("join", registration_id=registration.pk, enterprise_id=enterprise.pk)


def test_join_shows_both_and_takes_over_what_is_ticked(side, registration, known, desk):
    page = desk.get(joining(registration, known))
    assert page.context["will_own"]
    assert {"name_en", "address", "sites", "papers"} <= set(page.context["offered"])
    assert "credit_code" not in page.context["offered"]
    assert "name_zh" not in page.context["offered"]

    assert 'name="expected_roles" value="certifier owner"' in text_of(page)

    seen = {"expected_round": 1, "expected_roles": "certifier owner"}
    answer = desk.post(joining(registration, known), {**seen, "taken": ["address", "papers"]}, follow=True)
    assert "Lin Yue was joined to Known Works." in text_of(answer)
    with park_scope(side.park.pk):
        enterprise = Enterprise.objects.get(pk=known.pk)
    assert (enterprise.address, enterprise.name_en) == (registration.address, "Known Works")
    assert state_of(registration) == RegistrationState.JOINED


def test_join_with_roles_that_changed_comes_back_with_those_of_now(side, registration, known, desk):
    MembershipFactory(user=UserFactory(), park=side.park, enterprise_id=known.pk, roles=[Role.OWNER])
    seen = {"expected_round": 1, "expected_roles": "certifier owner", "taken": ["address", "papers"]}
    page = desk.post(joining(registration, known), seen)

    assert page.status_code == 422
    assert "What the registrant becomes there changed" in text_of(page)
    assert 'name="expected_roles" value="applicant"' in text_of(page)
    assert (page.context["chosen"], page.context["will_own"]) == ({"address", "papers"}, False)
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_join_to_an_enterprise_of_another_code_is_left_to_administrators(side, registration, desk, client_of):
    path = joining(registration, side.firm.enterprise)
    answer = desk.post(path, {"expected_round": 1, "expected_roles": "applicant"})

    assert "only an administrator of the park can join them" in desk.get(path).context["why_not"]
    assert answer.status_code == 422
    assert state_of(registration) == RegistrationState.SUBMITTED
    assert client_of(side.staff[Role.PARK_ADMINISTRATOR]).get(path).context["why_not"] == ""


def test_join_says_that_there_is_an_owner(side, desk):
    registration = file_registration(side.park, credit_code=side.firm.enterprise.credit_code)
    page = desk.get(joining(registration, side.firm.enterprise))

    assert not page.context["will_own"]
    assert "becomes an applicant there" in text_of(page)


def test_join_refuses_what_is_not_offered(registration, known, desk):
    page = desk.post(joining(registration, known), {"expected_round": 1, "taken": ["credit_code"]})

    assert page.status_code == 422
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_join_to_an_ended_enterprise_is_not_offered_and_refused(side, registration, known, desk):
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=known.pk).update(status=EnterpriseStatus.DEREGISTERED)

    assert "has ended" in desk.get(joining(registration, known)).context["why_not"]
    assert desk.post(joining(registration, known), {"expected_round": 1}).status_code == 422
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_join_to_an_enterprise_of_another_park_is_not_found(scene, registration, desk):
    assert desk.get(joining(registration, scene.others.firm.enterprise)).status_code == 404


@pytest.mark.parametrize("role", READERS)
def test_who_only_reads_does_not_join(side, registration, known, client_of, role):
    assert client_of(side.staff[role]).get(joining(registration, known)).status_code == 403
