"""The style guide in a real browser, answered from memory: no server and no database stand behind it."""

import mimetypes
import re
import shutil
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.utils import translation
from playwright.sync_api import expect, sync_playwright

from config.styleguide import styleguide
from tests.frontend.rendering import a_request, draw

ORIGIN = "http://portal.test"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip

# A page with forms of every kind; `data-guard-leave` asks before what was typed is lost.
FORMS = """{% extends "base.html" %}{% block title %}Forms{% endblock %}{% block body %}
{% include "components/language_switch.html" %}<span data-autosave-state><span></span></span>
<form method="post" id="first"><input name="title"><button>Send</button></form>
<form method="post" id="facts" data-guard-leave data-autosave="/save/">
  <input name="title"><textarea name="note">as it was</textarea>
  <input type="password" name="secret"><input name="code" autocomplete="one-time-code"><input type="file" name="paper">
  <input type="checkbox" name="kind" value="x"><input type="checkbox" name="kind" value="y" checked>
  <select name="ways" multiple><option value="a">A</option><option value="b" selected>B</option></select>
  <div class="combobox" data-combobox="/industries/"><input name="industry" id="industry">
    <ul role="listbox" id="found" hidden></ul><p data-combobox-name></p></div>
</form>{% endblock %}"""

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install Debian's package chromium"),
]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def answer(route, language):
    address = urlsplit(route.request.url)
    if address.path.startswith("/static/"):
        file = finders.find(address.path.removeprefix("/static/"))
        route.fulfill(path=file, content_type=mimetypes.guess_type(str(file))[0]) if file else route.fulfill(status=404)
        return
    cookies = dict(re.findall(r"(\w+)=([^;]+)", route.request.headers.get("cookie", "")))
    request = a_request(f"{address.path}?{address.query}", **cookies)
    with translation.override(language):
        body = draw(FORMS, language, request) if address.path == "/forms/" else styleguide(request).content
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
    route.fulfill(body=body, headers=headers)


@pytest.fixture
def open_page(browser):
    """Opens the style guide; whatever the browser complains about fails the test."""
    complaints, contexts = [], []

    def open_it(width=1440, theme="light", language="en", path="/styleguide/"):
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        context.add_cookies([{"name": "theme", "value": theme, "url": ORIGIN}])
        context.route("**/*", lambda route: answer(route, language))
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{ORIGIN}{path}")
        page.wait_for_load_state("networkidle")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


# Longer than the pause after which a change is saved, in milliseconds.
PATIENCE_OF_AUTOSAVE = 2000
LOOKS = [(1440, "light", "en"), (390, "dark", "zh-hans"), (360, "auto", "en"), (1920, "dark", "zh-hans")]


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_every_component_is_accessible_and_fits_the_width(open_page, width, theme, language):
    page = open_page(width, theme, language)
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_theme_is_kept_in_a_cookie_and_drawn_by_the_server(open_page):
    page = open_page()
    page.get_by_title("Theme").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 19, 18)"


def test_error_summary_takes_the_focus_and_leads_to_the_field(open_page):
    page = open_page()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.get_by_role("link", name="Total investment").click()
    expect(page.locator("#id_investment").first).to_be_focused()


def test_act_that_asks_first_is_carried_out_only_after_yes(open_page):
    page = open_page()
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.is_navigation_request() else None)
    page.get_by_role("button", name="Ask first").click()
    dialog = page.get_by_role("dialog", name="Withdraw the application?")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert sent == []
    page.get_by_role("button", name="Ask first").click()
    with page.expect_navigation():
        dialog.get_by_role("button", name="Withdraw").click()
    assert len(sent) == 1


def test_what_is_sent_waits_for_what_is_being_saved_and_carries_its_revision(open_page):
    page = open_page()
    saves, sent = [], []

    def take(route):
        if route.request.method != "POST":
            route.fallback()
        elif "x-autosave" in route.request.headers:
            saves.append(route)
        else:
            sent.append(route.request.post_data)
            route.fulfill(body="<!doctype html><title>Sent</title>", content_type="text/html")

    page.route("**/*", take)
    form = page.locator("form[data-autosave]")
    form.evaluate("form => form.insertAdjacentHTML('beforeend', '<input name=revision value=1><button>Send</button>')")
    form.locator("[name=saving]").fill("12")
    with page.expect_request(lambda request: "x-autosave" in request.headers):
        pass
    form.get_by_role("button", name="Send").click()
    form.get_by_role("button", name="Send").click()
    assert sent == []
    with page.expect_navigation():
        saves[0].fulfill(json={"fields": {"revision": "2"}, "said": "Saved"})
    (body,) = sent
    assert 'name="revision"\r\n\r\n2\r\n' in body


@pytest.mark.parametrize("sign_in", [{"body": "<!doctype html><title>Sign in</title>"}, {"json": {"form": {}}}])
def test_what_is_typed_while_signed_out_is_put_back_and_saved(open_page, sign_in):
    """Until then nothing says that it was saved. Pages on the way to signing in leave it alone, any other ends it."""
    page = open_page()
    answers, saved = sign_in, []

    def take(route):
        if route.request.method != "POST":
            route.fallback()
            return
        saved.append(route.request.post_data)
        route.fulfill(**answers)

    page.route("**/*", take)
    field, state = page.locator("form[data-autosave] [name=saving]"), page.locator("[data-autosave-state]").first
    field.fill("4711")
    expect(state).to_contain_text("you are signed out")
    page.goto(f"{ORIGIN}/account/login/")
    answers = {"json": {"said": "Saved at 14:12"}}
    page.goto(f"{ORIGIN}/styleguide/")
    expect(field).to_have_value("4711")
    expect(state).to_contain_text("Saved at 14:12")
    assert 'name="saving"\r\n\r\n4711\r\n' in saved[-1]
    page.reload()
    expect(field).not_to_have_value("4711")


ROWS = """{% extends "base.html" %}{% block title %}Sites{% endblock %}{% block body %}
<form method="post" data-autosave="/save/">
  {% for site in sites %}<input name="site-{{ forloop.counter0 }}" value="{{ site }}">
  <button name="remove" value="{{ forloop.counter0 }}">Remove {{ site }}</button>{% endfor %}
</form>
{% endblock %}"""


@pytest.mark.parametrize(("is_signed_out", "left"), [(False, ["B", "C2"]), (True, ["A", "B", "C2"])])
def test_what_follows_a_removed_row_is_put_into_no_other(open_page, is_signed_out, left):
    """Rows are numbered by their place. Whoever was signed out removed none, and finds what they typed."""
    page, sites = open_page(), ["A", "B", "C"]

    def take(route):
        nonlocal sites
        path = urlsplit(route.request.url).path
        if path == "/account/login/" or (route.request.method == "POST" and is_signed_out):
            route.fulfill(body="<!doctype html><title>Sign in</title>", content_type="text/html")
        elif path == "/sites/":
            sites = ["B", "C2"] if route.request.method == "POST" else sites
            body = draw(ROWS, "en", a_request("/sites/"), sites=sites)
            route.fulfill(body=body, content_type="text/html; charset=utf-8")
        else:
            route.fallback()

    page.route("**/*", take)
    page.goto(f"{ORIGIN}/sites/")
    page.locator("[name=site-2]").fill("C2")
    with page.expect_navigation():
        page.get_by_role("button", name="Remove A").click()
    if is_signed_out:
        page.goto(f"{ORIGIN}/account/login/")
        page.goto(f"{ORIGIN}/sites/")
    assert [field.input_value() for field in page.locator("[name^=site-]").all()] == left


REFUSED = """{% extends "base.html" %}{% block title %}Project{% endblock %}{% block body %}
<form method="post" data-autosave="/save/"{% if refused %} data-refused{% endif %}>
  <input name="title" value="Chillers">
</form>
{% endblock %}"""


@pytest.mark.parametrize("refused", [True, False])
def test_what_a_refused_page_holds_is_saved_without_another_key(open_page, refused):
    page, saved = open_page(), []

    def take(route):
        path = urlsplit(route.request.url).path
        if path == "/save/":
            saved.append(route.request.post_data)
            route.fulfill(json={"said": "Saved at 14:12"})
        elif path == "/project/":
            body = draw(REFUSED, "en", a_request("/project/"), refused=refused)
            route.fulfill(body=body, content_type="text/html; charset=utf-8")
        else:
            route.fallback()

    page.route("**/*", take)
    page.goto(f"{ORIGIN}/project/")
    page.wait_for_load_state("networkidle")
    assert ["Chillers" in body for body in saved] == [True] * refused


def test_what_one_person_typed_is_put_back_for_no_other(open_page):
    """Colleagues share a computer, and drafts have one address for all of them."""
    page = open_page()
    page.route("**/*", lambda route: route.fallback() if route.request.method != "POST" else route.fulfill(body="-"))
    field, state = page.locator("form[data-autosave] [name=saving]"), page.locator("[data-autosave-state]").first
    page.evaluate("document.body.dataset.person = '7'")
    field.fill("4711")
    expect(state).to_contain_text("you are signed out")
    page.goto(f"{ORIGIN}/account/login/")
    page.goto(f"{ORIGIN}/styleguide/")
    expect(field).not_to_have_value("4711")
    assert page.evaluate("sessionStorage.getItem('typed')") is None


def switch_language(page):
    """In tests the page comes back in the language that it had."""
    back = '<!doctype html><meta http-equiv="refresh" content="0;url=/forms/">'
    page.route("**/i18n/setlang/", lambda route: route.fulfill(body=back, content_type="text/html"))
    with page.expect_response("**/forms/"):
        page.locator(".language-switch button").click()
    page.wait_for_load_state("networkidle")


def test_what_is_half_typed_stays_when_the_language_is_switched(open_page):
    """In every form of the page, once; secrets are forgotten. Nobody is asked whether it may be lost."""
    page = open_page(path="/forms/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.route("**/save/", lambda route: route.fulfill(json={"said": "Saved"}))
    first, facts = page.locator("#first"), page.locator("#facts")
    first.locator("[name=title]").fill("one")
    for name, words in {"title": "two", "note": "changed", "secret": "hush", "code": "123456"}.items():
        facts.locator(f"[name={name}]").fill(words)
    facts.locator("[value=x]").check()
    facts.locator("[value=y]").uncheck()
    facts.locator("[name=ways]").select_option(["a"])
    switch_language(page)
    assert asked == []
    expect(first.locator("[name=title]")).to_have_value("one")
    for name, words in {"title": "two", "note": "changed", "secret": "", "code": ""}.items():
        expect(facts.locator(f"[name={name}]")).to_have_value(words)
    expect(facts.locator("[value=x]")).to_be_checked()
    expect(facts.locator("[value=y]")).not_to_be_checked()
    expect(facts.locator("[name=ways]")).to_have_values(["a"])
    page.reload()
    expect(first.locator("[name=title]")).to_have_value("")
    expect(facts.locator("[name=note]")).to_have_value("as it was")


def test_chosen_file_is_not_lost_unasked(open_page):
    page = open_page(path="/forms/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.route("**/save/", lambda route: route.fulfill(json={"said": "Saved"}))
    paper = {"name": "licence.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.locator("#facts [name=paper]").set_input_files(paper)
    page.locator("#facts [name=title]").press_sequentially("typed")
    switch_language(page)
    assert asked == ["beforeunload"]


def test_word_that_is_looked_up_is_saved_when_its_code_is_chosen(open_page):
    """Half a word is no answer: saving waits until a code is taken, or the field is left."""
    page = open_page(path="/forms/")
    bodies = []
    option = '<li role="option" id="o1" data-value="C3976" data-name="Optoelectronics">C3976</li>'

    def save(route):
        bodies.append(route.request.post_data)
        route.fulfill(json={"said": "Saved"})

    page.route("**/save/", save)
    page.route("**/industries/?q=*", lambda route: route.fulfill(body=option, content_type="text/html"))
    industry = page.locator("#industry")
    industry.press_sequentially("opto")
    expect(page.locator("#found [role=option]")).to_be_visible()
    page.wait_for_timeout(PATIENCE_OF_AUTOSAVE)
    assert bodies == []
    with page.expect_request("**/save/"):
        page.locator("#found [role=option]").click()
    expect(page.locator("[data-autosave-state]")).to_have_text("Saved")
    assert ['name="industry"\r\n\r\nC3976\r\n' in body for body in bodies] == [True]
    industry.fill("no such word")
    with page.expect_request("**/save/") as last:
        page.locator("#facts [name=note]").focus()
    assert 'name="industry"\r\n\r\nno such word\r\n' in last.value.post_data


def test_keys_move_and_select_in_the_table(open_page):
    page = open_page()
    table = page.locator("form[data-batch] table")
    page.locator("body").press("j")
    expect(table.locator("tr.row-current")).to_contain_text("EMC-2026-0436")
    page.locator("body").press("k")
    page.keyboard.press("x")
    expect(page.locator("[data-batch-count]")).to_have_text("2 selected")
    expect(page.locator("[data-batch-sum]")).to_have_text("¥2,142,850.00")


def test_control_k_goes_to_the_search(open_page):
    page = open_page()
    page.keyboard.press("Control+k")
    expect(page.locator("[data-search-focus]")).to_be_focused()


def test_menu_opens_with_the_keyboard_and_closes_on_escape(open_page):
    page = open_page()
    summary = page.locator(".export-menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="CSV")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="CSV")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="CSV")).to_be_hidden()
    expect(summary).to_be_focused()


def test_navigation_of_the_phone_opens_and_closes(open_page):
    page = open_page(width=390)
    side = page.locator("#side")
    expect(side).to_be_hidden()
    page.get_by_role("link", name="Navigation", exact=True).click()
    expect(side).to_be_visible()
    for _stop in range(40):
        page.keyboard.press("Tab")
        assert not page.evaluate("Boolean(document.activeElement.closest('.top, .frame-content, .foot-bar'))")
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    expect(page.get_by_role("link", name="Navigation", exact=True)).to_be_focused()
