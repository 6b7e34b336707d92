import re

import pytest
from django.utils.html import strip_tags
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError

from lib.icons import UnknownIcon
from tests.frontend.rendering import a_request, draw


def rectangles(drawn):
    found = re.findall(r'<rect class="(\w+)[^"]*" x="([^"]+)"[^>]*? width="([^"]+)"([^>]*)', drawn)
    return [(kind, x, width, "hatched" if "data-hatched" in rest else "solid") for kind, x, width, rest in found]


def test_measure_line_puts_solid_then_hatched_then_the_tick():
    drawn = draw("{% measure_line 6 12 'words' hatched=3 limit=10.8 %}")
    assert rectangles(drawn) == [
        ("track", "0", "100%", "solid"),
        ("part", "0%", "50%", "solid"),
        ("part", "50%", "25%", "hatched"),
        ("tick", "90%", "2", "solid"),
    ]
    assert 'aria-label="words"' in drawn


def test_measure_line_is_cut_at_its_end():
    assert rectangles(draw("{% measure_line 9 12 'words' hatched=9 %}"))[1:] == [
        ("part", "0%", "75%", "solid"),
        ("part", "75%", "25%", "hatched"),
    ]


def test_measure_line_of_nothing_is_an_empty_track():
    assert rectangles(draw("{% measure_line 0 0 'words' %}")) == [
        ("track", "0", "100%", "solid"),
        ("part", "0%", "0%", "solid"),
    ]


def test_measure_line_refuses_a_tone_it_has_no_hatch_for():
    with pytest.raises(ValueError, match='"pink" is not a tone'):
        draw("{% measure_line 1 2 'words' tone='pink' %}")


def test_completeness_under_the_limit_hatches_what_is_missing():
    assert [kind[3] for kind in rectangles(draw("{% completeness 91.8 %}"))] == ["solid", "solid", "hatched"]
    assert [kind[3] for kind in rectangles(draw("{% completeness 98 %}"))] == ["solid", "solid"]


def test_sla_clock_over_time_has_words_and_an_icon():
    drawn = draw("{% sla_clock '6 h over' 130 'bad' %}")
    assert "6 h over" in drawn
    assert 'value="100.0"' in drawn
    assert "#alert-triangle" in drawn


def test_badge_has_the_icon_of_its_state_unless_told_otherwise():
    icons = [
        re.findall(r"icons\.svg#([\w-]+)", draw(source))
        for source in ("{% badge 'ok' 'Paid' %}", "{% badge 'ok' 'Paid' 'clock' %}", "{% badge 'ok' 'Paid' '' %}")
    ]
    assert icons == [["check"], ["clock"], []]


def test_badge_escapes_its_word():
    assert "&lt;script&gt;" in draw("{% badge 'info' word %}", word="<script>")


def test_task_row_with_an_unknown_icon_fails_loudly():
    with pytest.raises(UnknownIcon):
        draw("{% include 'components/task_row.html' %}", task={"state": "ok", "icon": "nope", "title": "x"})


@pytest.mark.parametrize(
    ("page", "pages"),
    [(1, [1, 2, 9, 2]), (5, [4, 1, 4, 5, 6, 9, 6]), (9, [8, 1, 8, 9])],
)
def test_pagination_leads_to_the_neighbours_and_keeps_filters(page, pages):
    request = a_request("/list/?stage=check&page=4&sort=-amount")
    drawn = draw("{% pagination page %}", request=request, page=Paginator(range(90), 10).get_page(page))
    links = re.findall(r'<a [^>]*href="([^"]+)"', drawn)
    assert links == [f"?stage=check&amp;sort=-amount&amp;page={number}" for number in pages]


def test_pagination_of_one_page_only_counts():
    drawn = draw("{% pagination page %}", request=a_request(), page=Paginator(range(3), 10).get_page(1))
    assert "1 to 3 of 3" in strip_tags(drawn)
    assert "<nav" not in drawn


def test_export_menu_keeps_the_filters_and_drops_the_page():
    drawn = draw("{% export_menu %}", request=a_request("/list/?stage=check&page=2"))
    assert re.findall(r'<a [^>]*href="([^"]+)"', drawn) == [
        "?stage=check&amp;export=csv",
        "?stage=check&amp;export=xlsx",
    ]


def test_sort_link_turns_round():
    source = "{% sort_url 'amount' %} {% sort_state 'amount' %}"
    assert draw(source, request=a_request("/list/")) == "?sort=amount none"
    assert draw(source, request=a_request("/list/?sort=amount")) == "?sort=-amount ascending"
    assert draw(source, request=a_request("/list/?sort=-amount")) == "?sort=amount descending"


def test_summary_list_says_what_a_link_changes_and_what_is_missing():
    rows = [{"label": "Name", "value": "<b>", "url": "/n/"}, {"label": "Bank", "value": ""}]
    drawn = draw("{% include 'components/summary_list.html' %}", rows=rows)
    assert "&lt;b&gt;" in drawn
    assert '<a href="/n/">Change<span class="visually-hidden"> Name</span></a>' in drawn
    assert "not given" in drawn


def test_calculation_says_that_the_binding_limit_applies():
    lines = [{"kind": "binding", "label": "Cap", "value": "¥1"}, {"kind": "limit", "label": "Share", "value": "¥2"}]
    drawn = draw("{% include 'components/calculation.html' %}", lines=lines)
    assert drawn.count("applies") == 1


def test_empty_state_without_an_address_has_no_button():
    assert "<a" not in draw("{% empty_state 'Nothing here yet.' %}")
    assert 'href="/new/"' in draw("{% empty_state 'Nothing here yet.' '/new/' 'Begin' %}")


def test_tag_without_its_arguments_is_refused():
    with pytest.raises(TemplateSyntaxError):
        draw("{% measure_line 1 %}")
