"""The programme's own form: written as data, asked by conditions, answered with types, read by reviewers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, ProgrammingError, transaction
from django.urls import reverse

from incentives import services
from incentives.models import Application, FieldComment, SignedFiling
from incentives.services import Invalid
from parks.choices import Role
from tenancy.scopes import enterprise_scope, park_scope
from tests.clients import signed_in_client
from tests.incentives.cases import NOW, acting_as, pdf, submit
from tests.incentives.test_amount_formula import TYPED
from tests.incentives.test_services_programmes import TERMS, create, publish

pytestmark = pytest.mark.django_db


def field(key, kind, **more):
    return {"key": key, "kind": kind, "label_en": f"{key} en", "label_zh": f"{key} zh", **more}


COLUMNS = [{"label_en": "Equipment", "label_zh": "设备"}, {"label_en": "Power", "label_zh": "功率", "unit": "kW"}]
OPTIONS = [{"label_en": "Roof", "label_zh": "屋顶"}, {"label_en": "Ground", "label_zh": "地面"}]
FIELDS = [
    field("plant", "section"),
    field("area", "number", unit="m²"),
    field("place", "choice", options=OPTIONS),
    field("permit", "text", condition="place == 2 and area > 100"),
    field("list", "table", options=COLUMNS, is_required=False),
    field("more", "section"),
    field("partner", "money", is_required=False),
    field("signed", "date", is_required=False),
    field("new", "declaration"),
    field("code", "registered", fact="credit_code"),
]
PAPERS = [{"key": "d1", "label_en": "Audit report", "label_zh": "审计报告", "condition": "investment > 1000000"}]
RULE = {"condition": "new and area >= 50", "text_en": "New and large", "text_zh": "新且大"}
FIXED = {
    "project_title": "Roof",
    "project_summary": "Panels.",
    "completed_on": NOW.date(),
    "investment_cny": Decimal(900_000),
    "saving_tce": Decimal(100),
}


@pytest.fixture
def firm(scene):
    return scene.ours.firm


@pytest.fixture
def draft(scene, firm):
    version = publish(scene, create(scene, form_fields=FIELDS, document_rules=PAPERS, eligibility_rules=[RULE]))
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        application = services.start_application(actor, version, now=NOW)
        services.attach_document(actor, application, kind="invoices", upload=pdf("i"), now=NOW)
        application.refresh_from_db()
        return services.save_application(actor, application, answers=FIXED, expected_revision=1, now=NOW)


def save(firm, application, **answers):
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        given = {f"answer_{key}": value for key, value in answers.items()}
        return services.save_application(
            actor, application, answers=given, expected_revision=application.revision, now=NOW
        )


def missing(firm, application):
    with acting_as(firm.people[Role.APPLICANT]):
        return [entry.field for entry in services.check_application(application, NOW.date())]


def test_what_is_needed_follows_from_the_answers(firm, draft):
    assert missing(firm, draft) == ["answer_area", "answer_place", "answer_new", "answer_new"]
    one = save(firm, draft, area="120", place="2", new=True)
    assert missing(firm, one) == ["answer_permit"]
    other = save(firm, one, place="1")
    assert missing(firm, other) == []
    small = save(firm, other, area="49.5")
    assert missing(firm, small) == ["answer_new"]


def test_document_is_needed_only_under_its_condition(firm, draft):
    done = save(firm, draft, area="120", place="1", new=True)
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        large = services.save_application(
            actor, done, answers={"investment_cny": Decimal(1_000_001)}, expected_revision=done.revision, now=NOW
        )
    assert missing(firm, large) == ["document_d1"]
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        services.attach_document(actor, large, kind="d1", upload=pdf("audit"), now=NOW)
        with pytest.raises(Invalid):
            services.attach_document(actor, large, kind="d2", upload=pdf("other"), now=NOW)
    assert missing(firm, large) == []


@pytest.mark.parametrize(
    ("key", "given", "stored"),
    [
        ("area", Decimal("12.50"), "12.50"),
        ("area", 12, "12"),
        ("place", 2, "2"),
        ("permit", "  P-1 ", "P-1"),
        ("partner", "1000.25", "1000.25"),
        ("signed", "2026-11-01", "2026-11-01"),
        ("new", True, True),
        ("list", [["Pump", "7.5"], ["", ""]], [["Pump", "7.5"], ["", ""]]),
    ],
)
def test_answers_are_stored_with_their_types(firm, draft, key, given, stored):
    saved = save(firm, draft, **{key: given})
    assert saved.form_answers == {key: stored}
    assert save(firm, saved, **{key: None}).form_answers == {}


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("area", "many"),
        ("area", "-1"),
        ("area", "NaN"),
        ("area", [1]),
        ("place", 3),
        ("place", "0"),
        ("permit", 7),
        ("permit", "x" * 301),
        ("permit", "a\u202eb"),
        ("partner", "1.001"),
        ("signed", "2026-13-01"),
        ("new", "yes"),
        ("list", [["Pump"]]),
        ("list", [["Pump", "strong"]]),
        ("list", "Pump"),
        ("code", "ours"),
        ("plant", "x"),
        ("elsewhere", "x"),
    ],
)
def test_answers_that_do_not_fit_are_refused(firm, draft, key, given):
    with pytest.raises(Invalid) as refused:
        save(firm, draft, **{key: given})
    assert refused.value.field == f"answer_{key}"


def test_colleagues_answers_are_not_overwritten(firm, draft):
    save(firm, draft, area="120")
    with pytest.raises(services.ChangedMeanwhile):
        save(firm, draft, area="130")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([field("area", "poem")], "Field 1: This is no field."),
        ([{"key": "area"}], "Field 1: This is no field."),
        ([field("Area", "text")], "Field 1: Use small letters"),
        ([field("saving", "text")], "Field 1: “saving” means something else"),
        ([field("or", "text")], "Field 1: “or” means something else"),
        ([field("a", "text"), field("a", "text")], "Field 2: Another field has this name."),
        ([field("a", "choice")], "Field 1: Give it between 1 and 20 options"),
        ([field("a", "registered", fact="status")], "Field 1: Choose what it takes"),
        ([field("a", "text", condition="b > 1")], "Field 1: “b” at character 1 is not known."),
        ([field("a", "text", condition="().__class__")], "Field 1: “().__class__” at character 1 is no condition"),
        ([field("a", "text", label_zh=" ")], "Field 1: Give it a label in both languages."),
        ("area", "A form has at most 60 fields."),
    ],
)
def test_fields_that_cannot_stand_are_refused(scene, rows, words):
    with pytest.raises(Invalid) as refused:
        create(scene, form_fields=rows)
    assert (refused.value.field, words in refused.value.message) == ("form_fields", True), refused.value.message


def test_reviewer_reads_and_returns_a_field_of_the_programme(scene, firm, draft):
    done = save(firm, draft, area="120", place="1", new=True, list=[["Pump", "7.5"]])
    filed = submit(firm, done)
    reviewer = signed_in_client(scene.ours.staff[Role.REVIEWER])
    page = reviewer.get(reverse("incentives:review_detail", kwargs={"application_id": filed.pk}))
    groups = page.context["groups"]
    assert [(row["label"], row["value"]) for row in groups[0]["rows"]] == [
        ("area en", "120\N{THIN SPACE}m²"),
        ("place en", "Roof"),
        ("list en", "Equipment: Pump · Power: 7.5\N{THIN SPACE}kW"),
    ]
    assert [(row["label"], row["value"]) for row in groups[1]["rows"]][-1] == ("code en", firm.enterprise.credit_code)
    typed = {"expected_round": filed.round, "stage": "completeness", "comment_answer_area": "Measure it again."}
    returned = reviewer.post(reverse("incentives:review_return", kwargs={"application_id": filed.pk}), typed)
    assert returned.status_code == 302
    with park_scope(scene.ours.park.pk):
        comment = FieldComment.objects.get(application=filed)
    assert (comment.field, comment.found) == ("answer_area", '"120"')
    applicant = signed_in_client(firm.people[Role.APPLICANT])
    section = applicant.get(section_of(filed))
    assert "Measure it again." in section.content.decode()


def section_of(application, number=1, name="application_section"):
    return reverse(f"incentives:{name}", kwargs={"application_id": application.pk, "form_section": number})


ANSWERED = {
    "answer_area": "120",
    "answer_place": "2",
    "answer_list": ["0"],
    "answer_list-0-c0": "Pump",
    "answer_list-0-c1": "1,200.5",
}


def kept(firm, application):
    with acting_as(firm.people[Role.APPLICANT]):
        return Application.objects.get(pk=application.pk).form_answers


def test_section_is_filled_page_by_page(firm, draft):
    client = signed_in_client(firm.people[Role.APPLICANT])
    page = client.get(section_of(draft))
    assert [entry["field"].key for entry in page.context["entries"]] == ["area", "place", "permit", "list"]
    typed = {**ANSWERED, "revision": draft.revision}
    asked = client.post(section_of(draft), typed)
    assert (asked.status_code, asked.context["form"].errors) == (422, {"answer_permit": ["Fill in: permit en"]})
    stored = {"area": "120", "place": "2", "list": [["Pump", "1200.5"]]}
    assert kept(firm, draft) == {}
    typed |= {"answer_permit": "P-1", "revision": asked.context["form"]["revision"].value()}
    assert client.post(section_of(draft), typed).url == section_of(draft, 2)
    assert kept(firm, draft) == {**stored, "permit": "P-1"}


def test_rows_of_a_table_are_added_without_saving(firm, draft):
    client = signed_in_client(firm.people[Role.APPLICANT])
    typed = {**ANSWERED, "revision": draft.revision, "rearrange": "answer_list add"}
    page = client.post(section_of(draft), typed)
    table = page.context["form"].tables["answer_list"]
    assert (page.status_code, [row["c0"].value() for row in table.rows]) == (200, ["Pump", None])
    assert (page.context["form"]["answer_area"].value(), kept(firm, draft)) == ("120", {})


def test_autosave_keeps_a_section_and_says_what_it_could_not(firm, draft):
    client = signed_in_client(firm.people[Role.APPLICANT])
    url = section_of(draft, name="section_autosave")
    saved = client.post(url, {**ANSWERED, "revision": draft.revision}).json()
    assert saved["fields"] == {"revision": draft.revision + 1}
    typed = {**ANSWERED, "answer_area": "12o", "answer_place": "1", "revision": draft.revision + 1}
    half = client.post(url, typed).json()
    assert (list(half["unsaved"]), half["fields"]) == (["answer_area"], {"revision": draft.revision + 2})
    late = client.post(url, {**ANSWERED, "answer_area": "9", "revision": draft.revision})
    # What could not be read stays as it was, the rest is kept.
    now = kept(firm, draft)
    assert (late.status_code, now["area"], now["place"]) == (409, "120", "1")


def test_conflict_shows_both_answers(firm, draft):
    client = signed_in_client(firm.people[Role.APPLICANT])
    save(firm, draft, area="120")
    page = client.post(section_of(draft), {"answer_area": "130", "revision": draft.revision})
    assert (page.status_code, page.context["differences"]) == (
        422,
        [{"label": "area en", "theirs": "120\N{THIN SPACE}m²", "mine": "130"}],
    )


@pytest.mark.parametrize("number", [0, 3, 99])
def test_section_that_is_not_there_is_not_found(firm, draft, number):
    client = signed_in_client(firm.people[Role.APPLICANT])
    assert client.get(section_of(draft, number)).status_code == 404


def test_administrator_writes_fields_and_documents(scene):
    administrator = signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])
    typed = {
        **TYPED,
        "fields": ["0", "1", "2"],
        "fields-0-kind": "section",
        "fields-0-label_en": "The plant",
        "fields-0-label_zh": "设施",
        "fields-1-kind": "choice",
        "fields-1-label_en": "Place",
        "fields-1-label_zh": "位置",
        "fields-1-key": "place",
        "fields-1-is_required": "on",
        "fields-1-options": "Roof | 屋顶\nGround",
        "fields-2-kind": "section",
        "papers": ["0"],
        "papers-0-label_en": "Permit",
        "papers-0-label_zh": "许可",
        "papers-0-condition": "place == 2",
    }
    odd = administrator.post(
        reverse("incentives:programme_create"), {**typed, "papers-0-condition": "palace == 2", "fields-1-options": ""}
    )
    form = odd.context["form"]
    assert (odd.status_code, form.form_rows.rows[1].errors) == (422, {"options": ["Write at least one line."]})
    made = administrator.post(reverse("incentives:programme_create"), typed)
    assert made.status_code == 302, [row.errors for row in made.context["form"].with_rows]
    programme = administrator.get(made.url).context["programme"]
    assert [(row["key"], row["kind"]) for row in programme.form_fields] == [("q1", "section"), ("place", "choice")]
    assert programme.form_fields[1]["options"] == [
        {"label_en": "Roof", "label_zh": "屋顶", "unit": ""},
        {"label_en": "Ground", "label_zh": "Ground", "unit": ""},
    ]
    assert programme.document_rules == [
        {"label_en": "Permit", "label_zh": "许可", "condition": "place == 2", "key": "d1"}
    ]
    form = administrator.get(f"{made.url}edit/").context["form"]
    assert form.form_rows.rows[1]["options"].value() == "Roof | 屋顶\nGround | Ground"
    assert set(TERMS) <= set(services.PUBLISHED_TERMS)


def test_what_is_signed_is_kept_word_for_word(scene, firm, draft):
    done = save(firm, draft, area="120", place="1", new=True, list=[["Pump", "7.5"]])
    filed = submit(firm, done)
    with acting_as(scene.ours.staff[Role.AUDITOR]):
        signed = SignedFiling.objects.get(application=filed)
    assert (signed.round, signed.signed_by_name, signed.signed_at) == (1, firm.people[Role.CERTIFIER].user.name, NOW)
    assert services.is_intact(signed)
    content = signed.content
    assert (content["number"], content["answers"]["saving_tce"]) == (filed.number, "100.000")
    assert [(row["key"], row["value"]) for row in content["form"]][:4] == [
        ("area", "120"),
        ("place", "1"),
        ("permit", None),
        ("list", [["Pump", "7.5"]]),
    ]
    assert content["form"][-1]["value"] == firm.enterprise.credit_code
    assert [row["kind"] for row in content["documents"]] == ["invoices"]
    assert content["amount"]["requested_cny"] == "35000.00"
    signed.content = {**content, "number": "OTHER"}
    assert not services.is_intact(signed)


def test_nobody_changes_what_was_signed(scene, firm, draft):
    filed = submit(firm, save(firm, draft, area="120", place="1", new=True))
    for person in (firm.people[Role.CERTIFIER], scene.ours.staff[Role.PARK_ADMINISTRATOR]):
        with pytest.raises(ProgrammingError, match="permission denied"), acting_as(person):
            SignedFiling.objects.filter(application=filed).update(sha256="0" * 64)


def test_nobody_forges_a_signature(scene, firm):
    """Under a colleague's name, about a round that was not filed, or about a draft."""
    certifier, applicant = firm.people[Role.CERTIFIER], firm.people[Role.APPLICANT]
    with enterprise_scope(firm.enterprise.park_id, firm.enterprise.pk):
        filed, unfiled = Application.objects.get(pk=firm.application.pk), Application.objects.get(pk=firm.draft.pk)

    def signed(application, number, by):
        return SignedFiling(
            park_id=filed.park_id,
            enterprise=firm.enterprise,
            application=application,
            round=number,
            content={},
            sha256="0" * 64,
            signed_by=by.user,
            signed_by_name=by.user.name,
            signed_at=NOW,
        )

    forged = [signed(filed, 1, applicant), signed(filed, 2, certifier), signed(filed, 0, certifier)]
    for filing in [*forged, signed(unfiled, 0, certifier), signed(unfiled, 1, certifier)]:
        with acting_as(certifier), pytest.raises(DatabaseError, match="own name"), transaction.atomic():
            filing.save(force_insert=True)
    with acting_as(certifier):
        signed(filed, 1, certifier).save(force_insert=True)


def test_receipt_shows_what_was_signed_by_its_hash(scene, firm, draft):
    filed = submit(firm, save(firm, draft, area="120", place="1", new=True))
    with acting_as(scene.ours.staff[Role.AUDITOR]):
        signed = SignedFiling.objects.get(application=filed)
    own = signed_in_client(firm.people[Role.CERTIFIER])
    page = own.get(reverse("incentives:application_detail", kwargs={"application_id": filed.pk}))
    assert signed.sha256 in page.content.decode()
    review = signed_in_client(scene.ours.staff[Role.REVIEWER])
    page = review.get(reverse("incentives:review_detail", kwargs={"application_id": filed.pk}))
    assert signed.sha256 in page.content.decode()


def test_task_list_and_last_look_count_the_sections_and_show_the_rules(firm, draft):
    client = signed_in_client(firm.people[Role.APPLICANT])
    tasks = client.get(reverse("incentives:application_detail", kwargs={"application_id": draft.pk}))
    assert [section["title"] for section in tasks.context["sections"]] == [
        "Project and saving",
        "plant en",
        "more en",
        "Documents",
        "Check, sign and submit",
    ]
    assert (tasks.context["done"], tasks.context["total"]) == (2, 4)
    page = client.get(reverse("incentives:application_check", kwargs={"application_id": draft.pk}))
    assert ([check.is_met for check in page.context["checks"]], page.context["all_met"]) == ([False], False)
    assert [group["title"] for group in page.context["groups"]] == ["plant en", "more en"]


OPTIONAL = [
    field("place", "choice", options=OPTIONS),
    field("partner", "money", is_required=False),
    field("depth", "number", unit="m", is_required=False, condition="place == 2"),
]
TOLD = [("answer_partner", "Fill in: partner en. Rules or documents of the programme depend on it.")]


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"eligibility_rules": [{**RULE, "condition": "partner < 500000"}]}, TOLD),
        ({"document_rules": [{**PAPERS[0], "condition": "partner >= 500000"}]}, TOLD),
        ({"form_fields": [*OPTIONAL, field("name", "text", condition="partner > 0")]}, TOLD),
        ({"form_fields": [*OPTIONAL, field("name", "text", condition="partner > 0", is_required=False)]}, []),
        ({"eligibility_rules": [{**RULE, "condition": "place == 1 or partner < 500000"}]}, []),
        ({"eligibility_rules": [{**RULE, "condition": "depth < 30"}]}, []),
        ({"eligibility_rules": [{**RULE, "condition": "depth < 30 and partner < 500000"}]}, TOLD),
    ],
)
def test_optional_answer_is_needed_where_something_waits_for_it(scene, firm, terms, told):
    version = publish(scene, create(scene, **{"form_fields": OPTIONAL, **terms}))
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        blank = services.start_application(actor, version, now=NOW)
        services.attach_document(actor, blank, kind="invoices", upload=pdf("i"), now=NOW)
        blank = services.save_application(
            actor, blank, answers={**FIXED, "answer_place": "1"}, expected_revision=1, now=NOW
        )
        found = services.check_application(blank, NOW.date())
    assert [(entry.field, entry.message) for entry in found] == told
    if told:
        with pytest.raises(services.Incomplete):
            submit(firm, blank)
