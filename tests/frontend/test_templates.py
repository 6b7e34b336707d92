import re
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import render_to_string

from lib.templatetags.ui import html_lang
from tests.frontend.rendering import a_request, draw

FOLDER = Path(__file__).parents[2] / "templates"
NAMES = sorted(str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.html"))
# A script of type application/json is a value, which no browser runs.
INLINE = re.compile(
    r"<style|<script(?![^>]*\b(?:src=|type=\"application/json\"))|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|\shx-on",
    re.IGNORECASE,
)
ERROR_PAGES = ["400", "403", "403_csrf", "404", "409", "429", "500", "503"]
FORM = re.compile(r"<form\b((?:{%.*?%}|{{.*?}}|[^>{])*)>(.*?)</form>", re.DOTALL)
FIELDS = re.compile(
    r'{{ *(?:\w+_)?form\b|{% field|fields\.html|<textarea|<select|<input(?![^>]*type="(?:hidden|checkbox)")'
)
SHELL = "{% extends 'layouts/app.html' %}{% block heading %}Energy{% endblock %}"


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles_and_has_nothing_inline(name):
    engines["django"].get_template(name)
    assert INLINE.findall((FOLDER / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", NAMES)
def test_form_leaves_its_errors_to_the_error_summary(name):
    forms = FORM.findall((FOLDER / name).read_text(encoding="utf-8"))
    posted = [(attributes, body) for attributes, body in forms if 'method="post"' in attributes]
    assert [attributes for attributes, body in posted if FIELDS.search(body) and "novalidate" not in attributes] == []


def test_form_of_a_suspended_park_says_why_it_has_no_button():
    source = "{% form_actions 'mt-0' %}<button>Save</button>{% endform_actions %}"
    assert draw(source) == '<div class="form-actions mt-0"><button>Save</button></div>'
    assert "<button" not in draw(source, suspended_park=True)
    assert "nothing can be saved" in draw(source, suspended_park=True)


@pytest.mark.parametrize("code", ERROR_PAGES)
def test_error_page_needs_neither_request_nor_database_and_speaks_both_languages(code):
    drawn = render_to_string(f"{code}.html")
    assert f'<p class="error-code">{code[:3]}</p>' in drawn
    assert re.findall(r'<section lang="([\w-]+)">', drawn) == ["en", "zh-Hans"]


def test_page_says_its_language_theme_and_density():
    drawn = draw(SHELL, "zh-hans", request=a_request(theme="dark", density="dense"))
    assert '<html lang="zh-Hans" data-bs-theme="dark" data-density="dense">' in drawn


@pytest.mark.parametrize("theme", ["", "pink", '"><script>'])
def test_theme_of_an_odd_cookie_is_the_device_s(theme):
    assert 'data-bs-theme="auto"' in draw(SHELL, request=a_request(theme=theme))


def test_frame_draws_groups_counts_and_the_current_page():
    navigation = [
        {"title": "", "items": [{"label": "Queue", "url": "/q/", "icon": "checklist", "count": "12", "active": True}]},
        {"title": "Park", "items": [{"label": "Energy", "url": "/e/", "icon": "bolt", "count": None}]},
    ]
    drawn = draw(SHELL, request=a_request(), navigation=navigation)
    side = drawn[drawn.index('id="side"') : drawn.index('class="side-veil"')]
    assert re.findall(r'href="(/./)"( aria-current="page")?', side) == [("/q/", ' aria-current="page"'), ("/e/", "")]
    assert re.findall(r'class="side-count">([^<]*)<', side) == ["12"]
    assert re.findall(r'class="side-title"[^>]*>([^<]*)<', side) == ["Park"]


def test_suspended_park_and_support_session_are_announced_on_every_page():
    drawn = draw(SHELL, request=a_request(), suspended_park=True, support_session={"reason": "Feed broken"})
    assert "This park is suspended" in drawn
    assert "Feed broken" in drawn
    assert "This park is suspended" not in draw(SHELL, request=a_request())


def test_language_codes_are_written_as_browsers_know_them():
    assert [html_lang(code) for code in ("en", "zh-hans", "zh-cn")] == ["en", "zh-Hans", "zh-Hans"]
