"""Programmes written, published and closed by a park administrator, and read by the other officials."""

import pytest

from incentives.choices import ProgrammeStatus
from incentives.models import Programme, ProgrammeVersion
from parks.choices import ParkStatus, Role
from tenancy.scopes import park_scope
from tests.factories.filing import ProgrammeFactory
from tests.factories.people import person
from tests.incentives.cases import accept, approve, file
from tests.incentives.pages import address, problems_of

pytestmark = pytest.mark.django_db

TERMS = {
    "code": "PV",
    "title_en": "Rooftop photovoltaics",
    "title_zh": "屋顶光伏补贴",
    "summary_en": "",
    "summary_zh": "",
    "legal_basis": "",
    "opens_on": "2026-12-01",
    "closes_on": "2027-12-31",
    "rate_cny_per_tce": "340.00",
    "cap_cny": "1,500,000.00",
    "budget_cny": "8,000,000.00",
    "document_kinds": ["contract", "invoices"],
}


@pytest.fixture
def administrator(scene, client_of):
    return client_of(scene.ours.staff[Role.PARK_ADMINISTRATOR])


@pytest.fixture
def draft(scene):
    with park_scope(scene.ours.park.pk):
        return ProgrammeFactory(park=scene.ours.park, code="DRAFT")


def stored(programme):
    with park_scope(programme.park_id):
        return Programme.objects.get(pk=programme.pk)


def versions_of(programme):
    with park_scope(programme.park_id):
        return ProgrammeVersion.objects.filter(programme=programme).count()


def test_new_programme_is_a_draft_of_this_park(scene, administrator):
    response = administrator.post(address("programme_create"), TERMS)

    with park_scope(scene.ours.park.pk):
        programme = Programme.objects.get(code="PV")
    assert response.url == address("programme_detail", programme_id=programme.pk)
    assert (programme.status, programme.document_kinds) == (ProgrammeStatus.DRAFT, ["contract", "invoices"])


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"closes_on": "2026-11-30"}, {"closes_on": ["A programme cannot close before it opens."]}),
        (
            {"code": "pv 1"},
            {"code": ["Use two to twelve capital letters and digits, beginning with a letter."]},
        ),
        ({"title_zh": ""}, {"title_zh": ["Fill this in."]}),
        ({"document_kinds": []}, {"document_kinds": ["Choose at least one document."]}),
        ({"code": "OURS"}, {"__all__": ["Another programme of this park has this code."]}),
    ],
)
def test_what_is_wrong_comes_back_with_everything_typed(administrator, changes, problems):
    response = administrator.post(address("programme_create"), {**TERMS, **changes})

    form = response.context["form"]
    assert response.status_code == 422
    assert problems_of(form) == problems
    assert form["title_en"].value() == "Rooftop photovoltaics"


def test_edit_is_public_only_after_publishing(scene, administrator):
    programme = scene.ours.programme
    url = address("programme_edit", programme_id=programme.pk)

    saved = administrator.post(url, {**TERMS, "code": "OURS", "opens_on": "2026-01-01"})

    assert saved.status_code == 302
    page = administrator.get(address("programme_detail", programme_id=programme.pk))
    assert page.context["has_changes"] is True
    assert page.context["current"].title_en == "Energy management contract incentive"

    publishing = address("programme_publish", programme_id=programme.pk)
    read = {"last_change": administrator.get(publishing).context["last_change"]}
    assert administrator.post(publishing, read).status_code == 302

    with park_scope(scene.ours.park.pk):
        titles = list(
            ProgrammeVersion.objects.filter(programme=programme).values_list("number", "title_en").order_by("number")
        )
    assert titles == [(1, "Energy management contract incentive"), (2, "Rooftop photovoltaics")]


def test_form_that_lay_open_takes_back_no_appropriation(scene, administrator):
    programme = scene.ours.programme
    url = address("programme_edit", programme_id=programme.pk)
    stale = {**TERMS, "code": "OURS", "opens_on": "2026-01-01", "budget_cny": "1,000.00"}

    assert administrator.get(url).context["form"].fields["budget_cny"].disabled is True
    assert administrator.post(url, stale).status_code == 302

    with park_scope(scene.ours.park.pk):
        assert Programme.objects.get(pk=programme.pk).budget_cny == programme.budget_cny


def test_publishing_asks_first(administrator, draft):
    url = address("programme_publish", programme_id=draft.pk)

    assert administrator.get(url).context["next_number"] == 1
    assert stored(draft).status == ProgrammeStatus.DRAFT
    assert administrator.post(url).status_code == 302
    assert stored(draft).status == ProgrammeStatus.PUBLISHED


def test_what_a_colleague_changed_meanwhile_is_not_published_unread(scene, administrator, client_of):
    programme = scene.ours.programme
    url, edit = (address(f"programme_{act}", programme_id=programme.pk) for act in ("publish", "edit"))
    administrator.post(edit, {**TERMS, "code": "OURS"})
    read = {"last_change": administrator.get(url).context["last_change"]}
    colleague = person(Role.PARK_ADMINISTRATOR, scene.ours.park)
    client_of(colleague).post(edit, {**TERMS, "code": "OURS", "cap_cny": "9,000,000.00", "opens_on": "2026-12-02"})

    refused = administrator.post(url, read)

    assert refused.status_code == 422
    assert refused.context["refusal"] == (
        f"{colleague.user.name} changed the programme since you opened this page: opens on, cap per enterprise (yuan)."
        " Read it again, then publish it."
    )
    assert versions_of(programme) == 1
    assert administrator.post(url).status_code == 422, "who says nothing has read nothing"
    again = {"last_change": refused.context["last_change"]}
    assert administrator.post(url, again).status_code == 302
    assert versions_of(programme) == 2


def test_money_committed_meanwhile_does_not_hold_up_publishing(scene, administrator):
    programme = scene.ours.programme
    url = address("programme_publish", programme_id=programme.pk)
    administrator.post(address("programme_edit", programme_id=programme.pk), {**TERMS, "code": "OURS"})
    read = {"last_change": administrator.get(url).context["last_change"]}
    approve(scene.ours, accept(scene.ours, file(scene.ours.firm)))
    assert administrator.get(url).context["last_change"] > read["last_change"]
    assert administrator.post(url, read).status_code == 302


def test_publishing_the_same_again_is_refused(scene, administrator):
    response = administrator.post(address("programme_publish", programme_id=scene.ours.programme.pk))

    assert response.status_code == 422
    assert response.context["refusal"] == "The published version says the same already."


def test_closing_asks_first(scene, administrator):
    url = address("programme_close", programme_id=scene.ours.programme.pk)

    assert administrator.get(url).context["budget"].in_review_count == 2
    assert administrator.post(url).status_code == 302
    assert stored(scene.ours.programme).status == ProgrammeStatus.CLOSED


def test_money_of_a_programme_adds_up(scene, administrator):
    budget = administrator.get(address("programme_detail", programme_id=scene.ours.programme.pk)).context["budget"]

    parts = budget.programme.committed_cny + budget.in_review_cny + budget.free_cny
    assert (budget.in_review_cny, parts) == (3_000_000, budget.programme.budget_cny)


@pytest.mark.parametrize("name", ["programme_edit", "programme_publish", "programme_close"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("administrator", 200), ("approver", 403), ("enterprise", 403), ("other park", 404)],
)
def test_only_the_administrator_of_the_park_changes_programmes(scene, client_of, draft, name, who, status):
    people = {
        "administrator": scene.ours.staff[Role.PARK_ADMINISTRATOR],
        "approver": scene.ours.staff[Role.APPROVER],
        "enterprise": scene.ours.firm.people[Role.OWNER],
        "other park": scene.others.staff[Role.PARK_ADMINISTRATOR],
    }

    assert client_of(people[who]).get(address(name, programme_id=draft.pk)).status_code == status


def test_every_official_reads_programmes(scene, client_of):
    for membership in scene.ours.staff.values():
        client = client_of(membership)
        assert client.get(address("programme_list")).status_code == 200
        assert client.get(address("programme_detail", programme_id=scene.ours.programme.pk)).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_list_takes_as_many_queries_for_one_as_for_thirty(scene, administrator, django_assert_num_queries, count):
    with park_scope(scene.ours.park.pk):
        for n in range(count):
            ProgrammeFactory(park=scene.ours.park, code=f"P{n}")
    administrator.get(address("programme_list"))

    with django_assert_num_queries(12):
        page = administrator.get(address("programme_list"))

    assert page.context["table"].page.paginator.count == count + 1


def test_suspended_park_offers_nobody_to_write_a_programme(scene, administrator):
    offered = address("programme_create")
    assert offered in administrator.get(address("programme_list")).content.decode()
    scene.ours.park.status = ParkStatus.SUSPENDED
    scene.ours.park.save(update_fields=["status"])
    assert offered not in administrator.get(address("programme_list")).content.decode()
