"""The pages of the import: what a person sees and does, in which order, and what nobody else does."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects
from python_calamine import CalamineWorkbook

from enterprises.choices import ImportState
from enterprises.management.commands.make_register import made_up
from enterprises.models import RegisterImport
from enterprises.services import imports
from enterprises.services.imports import HEADINGS
from enterprises.views import import_report
from parks.choices import PARK_ROLES, Role
from tenancy.models import AuditEvent
from tenancy.scopes import park_scope
from tests.clients import run_outbox
from tests.enterprises.imports import (
    CODE,
    NOW,
    PILOT_CODE,
    act,
    checked,
    imported,
    official,
    register,
    stored,
    table_text,
    take_in,
    workbook,
)
from tests.factories.filing import EnterpriseFactory
from tests.factories.register import register_import

pytestmark = pytest.mark.django_db
NAME = "厦门晨光光电有限公司"
# The frame of a page with what waits beside its navigation, then the files and their number.
LIST_QUERIES = 12


def page(name, *args):
    return reverse(f"enterprises:{name}", args=args)


@pytest.fixture
def client(side, client_of):
    return client_of(official(side))


def send(client, content, name="register.csv"):
    return client.post(page("import_upload"), {"upload": SimpleUploadedFile(name, content)})


def newest(side):
    with park_scope(side.park.pk):
        return RegisterImport.objects.latest("uploaded_at")


def sheet_of(response):
    return CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()


def problems_of(response):
    return [str(message) for messages in response.context["form"].errors.values() for message in messages]


def test_the_whole_way(side, client):
    table = made_up(6)
    response = send(client, workbook(table), "register.xlsx")
    found = newest(side)
    assertRedirects(response, page("import_match", found.pk))
    matching = client.get(page("import_match", found.pk))
    assertContains(matching, "A · 统一社会信用代码")
    assertContains(matching, table[0][0])
    typed = {name: str(field.initial) for name, field in matching.context["form"].fields.items()}
    assertRedirects(client.post(page("import_match", found.pk), typed), page("import_detail", found.pk))
    page_of_import = client.get(page("import_detail", found.pk))
    assertContains(page_of_import, "Stop the check")
    assertContains(page_of_import, '<span id="import-state"><span class="badge', count=1)
    run_outbox()
    assertContains(client.get(page("import_detail", found.pk)), "Import 6 new enterprises")
    started = client.post(page("import_start", found.pk), {"updates": "True"})
    assertRedirects(started, page("import_detail", found.pk))
    assertContains(client.get(page("import_detail", found.pk)), "Stop after this chunk")
    run_outbox()
    done = client.get(page("import_detail", found.pk))
    assertContains(done, "6 of 6 rows are in the register.".replace("6", '<span class="figure">6</span>'))
    assert len(register(side)) == 8


def test_matching_is_remembered_for_the_same_headings(side, client):
    text = table_text(f"{CODE},{NAME},x", headings="统一社会信用代码,企业名称,甲")
    checked(side, text, credit_code=0, name_zh=1, address=2)
    found = take_in(side, text)
    response = client.get(page("import_match", found.pk))
    assertContains(response, "A file with the same headings was matched before")
    assert response.context["form"].fields["address"].initial == "2"
    other = take_in(side, table_text(f"{CODE},{NAME},x", headings="统一社会信用代码,企业名称,乙"))
    assertNotContains(client.get(page("import_match", other.pk)), "was matched before")


def test_unclear_matching_comes_back_with_what_was_chosen(side, client):
    found = take_in(side, table_text(f"{CODE},{NAME}"))
    response = client.post(page("import_match", found.pk), {"credit_code": "0", "name_zh": "0", "address": "1"})
    assert (response.status_code, problems_of(response)) == (
        422,
        ["This column is matched already: each holds one fact."],
    )
    assert response.context["form"]["address"].value() == "1"
    response = client.post(page("import_match", found.pk), {"credit_code": "7"})
    assert response.status_code == 422


def test_matching_tells_of_formulas_units_and_unused_columns(side, client):
    table = [[CODE, NAME, 500, "note"]]
    found = take_in(side, workbook(table, ["统一社会信用代码", "企业名称", "注册资本（万元）", "备注"]), "a.xlsx")
    with park_scope(side.park.pk):
        RegisterImport.objects.filter(pk=found.pk).update(reading={**found.reading, "formulas": 3, "errors": 1})
    response = client.get(page("import_match", found.pk))
    assertContains(response, "The heading of the capital counts in units of 10,000 yuan: its amounts are multiplied.")
    assertContains(response, "3</span> cells hold formulas")
    assertContains(response, "1</span> cell holds an error")
    assertContains(response, "备注")
    act(side, imports.match_columns, found, mapping=imports.matched(found.headings))
    imported(side, workbook(table, ["统一社会信用代码", "企业名称", "注册资本（万元）", "备注"]), "a.xlsx")
    assert [found.registered_capital for found in register(side, credit_code=CODE)] == [5_000_000]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "empty.xlsx", "The file is empty."),
        (b"%PDF-1.7", "register.xlsx", "This is not a spreadsheet."),
        (b"a,b\n1,\x002\n", "register.csv", "has the name of a text but is none"),
        ("统一社会信用代码,企业名称\n".encode(), "register.csv", "headings and nothing below them"),
    ],
)
def test_file_that_cannot_be_taken_is_told_at_the_input(side, client, content, name, words):
    before = newest(side)
    response = send(client, content, name)
    assert response.status_code == 422
    assertContains(response, words, status_code=422)
    assert newest(side) == before


def test_file_that_is_too_large_is_told_with_both_sizes(client, settings):
    settings.LARGEST_UPLOAD_BYTES = 1024 * 1024
    response = send(client, b"x" * (3 * 1024 * 1024))
    assertContains(response, "The file has 3.0\xa0MB; at most 1.0\xa0MB are taken.", status_code=422)


def test_no_file_at_all_is_told(client):
    assert client.post(page("import_upload"), {"sent": "1"}).context["form"].errors == {"upload": ["Choose a file."]}


def test_report_shows_what_is_wrong_and_what_to_do(side, client):
    found = checked(side, workbook(made_up(40, broken=25)), "a.xlsx")
    response = client.get(page("import_detail", found.pk))
    assertContains(response, "Same credit code as an earlier row")
    assertContains(response, "Row 2 has it already: keep one of the two.")
    assertContains(response, "Use at most 300 characters.")
    assert [(link["value"], link["rows"]) for link in response.context["outcomes"]] == [
        ("new", 30),
        ("update", 0),
        ("unchanged", 0),
        ("rejected", 10),
    ]
    reasons = response.context["reasons"]
    assert sum(link["rows"] for link in reasons) == 10
    narrowed = client.get(page("import_detail", found.pk) + "?reason=kind_unknown")
    assert [line["value"] for line in narrowed.context["lines"]] == ["太空采矿"]
    assert len(client.get(page("import_detail", found.pk) + "?show=new").context["lines"]) == 25
    assert len(client.get(page("import_detail", found.pk) + "?show=new&page=2").context["lines"]) == 5
    assert client.get(page("import_detail", found.pk) + "?show=nonsense&reason=none&page=x").status_code == 200


def test_report_shows_before_and_after(side, client):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE, name_zh=NAME, kind="service", is_key_energy_user=True)
    text = table_text(f"{CODE},{NAME},物流,否", headings="统一社会信用代码,企业名称,企业类型,重点用能单位")
    found = checked(side, text)
    response = client.get(page("import_detail", found.pk))
    assert [(line["column"], line["before"], line["after"]) for line in response.context["lines"]] == [
        ("Type", "Service", "Logistics"),
        ("Key energy user", "Yes", "No"),
    ]
    assertContains(response, "Change 1 enterprise")


def test_odd_codes_are_confirmed_at_the_button(side, client):
    found = checked(side, table_text(f"{PILOT_CODE},{NAME}"))
    assertContains(client.get(page("import_detail", found.pk)), "1 code fails the check character")
    refused = client.post(page("import_start", found.pk), {"updates": "True"})
    assertContains(refused, "Compare the codes with the business licences", status_code=422)
    assertContains(client.get(page("import_detail", found.pk) + "?show=to_confirm"), PILOT_CODE)
    client.post(page("import_start", found.pk), {"updates": "True", "is_code_confirmed": "on"})
    assert stored(side, found).state == "importing"


def test_names_alike_are_shown_and_found(side, client):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE, name_zh=NAME)
    found = checked(side, table_text(f"{made_up(1)[0][0]},{NAME}", f"{made_up(2)[1][0]},别的企业"))
    response = client.get(page("import_detail", found.pk))
    assertContains(response, f"Name alike: {NAME} {CODE}", count=1)
    assert [(note["value"], note["rows"]) for note in response.context["notes"]] == [("name_alike", 1)]
    narrowed = client.get(page("import_detail", found.pk) + "?show=name_alike")
    assert [line["name"] for line in narrowed.context["lines"]] == [NAME]
    assertContains(narrowed, "Name like that of a registered enterprise")


def test_imported_enterprise_is_not_said_to_be_vetted(side, client):
    imported(side, table_text(f"{CODE},{NAME}"))
    (enterprise,) = register(side, credit_code=CODE)
    shown = client.get(reverse("enterprises:enterprise_detail", kwargs={"enterprise_id": enterprise.pk}))
    assertContains(shown, "entered by the park, not compared with papers")


def test_new_ones_only(side, client):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE, name_zh=NAME)
    found = checked(side, table_text(f"{CODE},另一名称", f"{made_up(1)[0][0]},新企业"))
    assertContains(client.get(page("import_detail", found.pk)), "Import the 1 new one only")
    client.post(page("import_start", found.pk), {"updates": ""})
    run_outbox()
    assert ([row.name_zh for row in register(side, credit_code=CODE)], stored(side, found).rows_done) == ([NAME], 1)


def test_nothing_to_import_is_said(side, client):
    imported(side, table_text(f"{CODE},{NAME}"))
    found = checked(side, table_text(f"{CODE},{NAME}"))
    assertContains(client.get(page("import_detail", found.pk)), "Importing this file would change nothing.")


def test_progress_lives_and_ends_with_the_whole_page(side, client):
    found = take_in(side, workbook(made_up(4)), "a.xlsx")
    client.post(page("import_match", found.pk), {name: str(place) for place, name in enumerate(HEADINGS)})
    live = client.get(page("import_detail", found.pk), headers={"HX-Request": "true"})
    assertContains(live, 'id="import-live" hx-get=')
    assertContains(live, 'id="import-state" hx-swap-oob="true"')
    assertNotContains(live, "<h1>")
    run_outbox()
    ended = client.get(page("import_detail", found.pk), headers={"HX-Request": "true"})
    assert (ended.content, ended.headers["HX-Refresh"]) == (b"", "true")


def test_silent_worker_is_shown_and_asked_again(side, client):
    found = take_in(side, workbook(made_up(4)), "a.xlsx")
    client.post(page("import_match", found.pk), {name: str(place) for place, name in enumerate(HEADINGS)})
    with park_scope(side.park.pk):
        RegisterImport.objects.filter(pk=found.pk).update(beat_at=found.uploaded_at - timedelta(minutes=5))
    response = client.get(page("import_detail", found.pk))
    assertContains(response, "The worker does not answer.")
    assertNotContains(response, "hx-get")
    assertRedirects(client.post(page("import_resume", found.pk)), page("import_detail", found.pk))
    run_outbox()
    assert stored(side, found).state == "checked"


def test_rows_of_a_silent_import_keep_their_heading(side, client):
    found = checked(side, table_text(f"{CODE},{NAME}"))
    with park_scope(side.park.pk):
        long_ago = NOW - timedelta(minutes=5)
        RegisterImport.objects.filter(pk=found.pk).update(state="importing", beat_at=long_ago, finished_at=None)
    response = client.get(page("import_detail", found.pk))
    assertContains(response, "The worker does not answer.", count=1)
    assertContains(response, '<h2 id="rows-title">New enterprises</h2>')


def test_stop_is_answered(side, client):
    found = checked(side, table_text(f"{CODE},{NAME}"))
    client.post(page("import_cancel", found.pk))
    assert stored(side, found).state == "cancelled"
    assertContains(client.get(page("import_detail", found.pk)), "Import 1 new enterprise")
    done = imported(side, table_text(f"{CODE},{NAME}"))
    client.post(page("import_cancel", done.pk))
    client.post(page("import_resume", done.pk))
    assert stored(side, done).state == "done"


def test_rejected_rows_are_downloaded_as_they_were_with_what_is_wrong(side, client):
    rows = [f"9135,=cmd|' /C calc'!A0,{NAME}", f"{CODE},+1,{NAME}"]
    found = checked(side, table_text(*rows, headings="统一社会信用代码,备注,企业名称"))
    response = client.get(page("import_rejected", found.pk))
    assert sheet_of(response) == [
        ["统一社会信用代码", "备注", "企业名称", "What is wrong", "What to do"],
        [
            "9135",
            "=cmd|' /C calc'!A0",
            NAME,
            "Unified social credit code: Credit code without 18 characters",
            "Compare it with the business licence: the code has 18 characters.",
        ],
    ]
    assert b"<f>" not in response.content
    assert 'filename="register rejected.xlsx"' in response["Content-Disposition"]
    whole = imported(side, table_text(f"{CODE},{NAME}"))
    assert len(sheet_of(client.get(page("import_rejected", whole.pk)))) == 1


def test_download_of_rejected_rows_stands_in_the_trail(side, client, django_capture_on_commit_callbacks):
    found = checked(side, table_text(f"9135,{NAME}"))
    with django_capture_on_commit_callbacks(execute=True):
        client.get(page("import_rejected", found.pk))
    with park_scope(side.park.pk):
        (event,) = AuditEvent.objects.filter(action="READ", row_id=str(found.pk))
    assert (event.table_name, event.after, event.user_id) == (
        "enterprises_registerimport",
        {"name": "register.csv"},
        official(side).user_id,
    )


@pytest.mark.parametrize(("limit", "most"), [("MOST_ROWS", 2), ("MOST_CHARACTERS", 300)])
def test_download_of_rejected_rows_says_where_it_ends(side, client, monkeypatch, limit, most):
    found = checked(side, table_text(*[f"9135,{NAME}"] * 3))
    assert len(sheet_of(client.get(page("import_rejected", found.pk)))) == 4
    monkeypatch.setattr(f"enterprises.imports.rejected.{limit}", most)
    _head, *rows = sheet_of(client.get(page("import_rejected", found.pk)))
    assert [row[0] for row in rows] == ["9135", "9135", "Only the first 2 rejected rows are in this file."]


def test_file_that_cannot_be_opened_again_leads_back_with_words(side, client, monkeypatch, tmp_path):
    found = checked(side, table_text(f"9135,{NAME}"))
    monkeypatch.setattr("lib.spreadsheets.rows.READER", tmp_path / "gone.py")
    response = client.get(page("import_rejected", found.pk), follow=True)
    assert response.redirect_chain == [(page("import_detail", found.pk), 302)]
    assert "far larger inside" in response.content.decode()


def test_corrected_download_can_be_uploaded_again(side, client):
    found = checked(side, workbook(made_up(20, broken=50)), "a.xlsx")
    content = client.get(page("import_rejected", found.pk)).content
    again = take_in(side, content, "rejected.xlsx")
    assert imports.matched(again.headings) == {name: place for place, name in enumerate(HEADINGS)}


@pytest.mark.parametrize(("language", "first"), [("en", "Unified social credit code"), ("zh", "统一社会信用代码")])
def test_template_has_headings_that_are_matched_and_explains_them(client, language, first):
    response = client.get(page("import_template"), {"language": language})
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    headings = book.get_sheet_by_index(0).to_python()[0]
    assert (headings[0], imports.matched(headings)) == (first, {name: place for place, name in enumerate(HEADINGS)})
    explained = [row[0] for row in book.get_sheet_by_index(1).to_python()]
    assert explained[1 : len(HEADINGS) + 1] == headings
    assert client.get(page("import_template"), {"language": "fr"}).status_code == 404


def test_file_is_given_back_as_it_came(side, client):
    text = table_text(f"{CODE},{NAME}")
    response = client.get(page("import_file", take_in(side, text).pk))
    assert (response.content, response.headers["Content-Type"]) == (text, "text/csv")
    assert "attachment" in response.headers["Content-Disposition"]


@pytest.mark.parametrize("number", [1, 30])
def test_list_takes_the_same_queries_for_any_number_of_files(side, client, number, django_assert_num_queries):
    with park_scope(side.park.pk):
        for place in range(number):
            register_import(side.park, official(side).user, f"file {place}.csv")
    client.get(page("import_list"))
    with django_assert_num_queries(LIST_QUERIES):
        response = client.get(page("import_list"))
    assertContains(response, "file 0.csv" if number == 1 else "file 29.csv")


def test_list_counts_nothing_before_the_rows_are_read(side, client):
    taken = take_in(side, table_text(f"{CODE},{NAME}"))

    def figures():
        table = client.get(page("import_list")).context["table"]
        row = next(row for row in table.page.object_list if row.record.pk == taken.pk)
        return [row.get_cell(name) for name in ("rows_total", "rows_new", "rows_rejected")]

    assert figures() == ["–", "–", "–"]
    act(side, imports.match_columns, taken, mapping={"credit_code": 0, "name_zh": 1})
    assert figures() == ["1", "1", "0"]


def test_list_without_files_invites_to_begin(client_of):
    from tests.factories.people import ParkFactory, person

    assertContains(client_of(person(Role.REVIEWER, ParkFactory())).get(page("import_list")), "Upload a file")


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_registrars_alone_see_imports(side, client_of, role):
    allowed = role in {Role.PARK_ADMINISTRATOR, Role.REVIEWER}
    assert client_of(side.staff[role]).get(page("import_list")).status_code == (200 if allowed else 403)


@pytest.mark.parametrize("name", ["detail", "match", "start", "cancel", "resume", "file", "rejected"])
def test_file_of_another_park_is_not_there(scene, client_of, name):
    stranger = client_of(official(scene.others))
    address = page(f"import_{name}", scene.ours.register_import.pk)
    method = stranger.post if name in {"start", "cancel", "resume"} else stranger.get
    assert method(address).status_code == 404


@pytest.mark.parametrize(("silence", "left", "silent"), [(5, 100, 0), (40, None, 40)])
def test_running_import_tells_its_pace_or_its_silence(silence, left, silent):
    running = RegisterImport(
        state=ImportState.IMPORTING,
        rows_new=200,
        rows_done=100,
        started_at=NOW - timedelta(seconds=100),
        beat_at=NOW - timedelta(seconds=silence),
    )
    assert import_report.silent_seconds(running, NOW) == silent
    assert import_report.seconds_left(running, NOW, 100, 200) == left
