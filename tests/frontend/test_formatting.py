import datetime as dt
import doctest
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from lib import formatting, measures
from tests.frontend.rendering import draw

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("module", [formatting, measures])
def test_worked_examples_hold(module):
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted >= 5


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "¥12.38 M"), ("zh-hans", "¥1,238 万")],
)
def test_money_short_follows_the_language(language, written):
    with translation.override(language):
        assert formatting.money_short(Decimal(12382150)) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("105570", "¥10.6 万"),
        ("1500000", "¥150 万"),
        ("9999999", "¥1,000 万"),
        ("9999", "¥9,999"),
        ("-105570", "¥−10.6 万"),
    ],
)
def test_money_short_in_chinese_keeps_what_counts(amount, written):
    with translation.override("zh-hans"):
        assert formatting.money_short(Decimal(amount)) == written


def test_percent_has_a_gap_in_english_only():
    assert draw("{{ 98.4|percent }}") == '<span class="figure">98.4\u2009%</span>'
    assert draw("{{ 98.4|percent }}", "zh-hans") == '<span class="figure">98.4%</span>'


def test_nothing_is_a_dash_and_zero_is_a_figure():
    assert draw("{{ nothing|money }} {{ nothing|quantity:'MWh' }} {{ nothing|local_day }}", nothing=None) == "– – –"
    assert draw("{{ nothing|money }}", nothing=0) == '<span class="figure">¥0.00</span>'


def test_money_loses_no_cent_and_rounds_half_up():
    amounts = [Decimal("0.005"), Decimal("1234567890123.45"), Decimal("-0.004")]
    assert [formatting.money(amount) for amount in amounts] == ["¥0.01", "¥1,234,567,890,123.45", "¥0.00"]


def test_quantity_sets_the_unit_apart_and_escapes_it():
    assert draw("{{ v|quantity:'tCO2,1' }}", v=Decimal(3722)) == (
        '<span class="figure">3,722.0\u2009<span class="unit">tCO<sub>2</sub></span></span>'
    )
    assert "&lt;i&gt;" in draw("{{ v|quantity:u }}", v=1, u="<i>")


@pytest.mark.parametrize(
    ("language", "form", "written"),
    [
        ("en", "", "2026-11-19 00:30"),
        ("zh-hans", "", "2026年11月19日 00:30"),
        ("zh-hans", "compact", "2026-11-19 00:30"),
    ],
)
def test_local_time_is_of_the_active_zone_and_names_it(language, form, written):
    instant = dt.datetime(2026, 11, 18, 16, 30, tzinfo=dt.UTC)
    with timezone.override(SHANGHAI):
        drawn = draw("{{ at|local_time:form }}", language, at=instant, form=form)
    assert drawn == f'<time datetime="2026-11-19T00:30:00+08:00">{written} <span class="zone">UTC+8</span></time>'


def test_local_day_of_an_instant_changes_at_local_midnight():
    before, after = (dt.datetime(2026, 11, 18, 15, minute, tzinfo=dt.UTC) for minute in (0, 59))
    midnight = dt.datetime(2026, 11, 18, 16, 0, tzinfo=dt.UTC)
    with timezone.override(SHANGHAI):
        days = [draw("{{ at|local_day }}", at=at) for at in (before, after, midnight)]
    assert [day[16:26] for day in days] == ["2026-11-18", "2026-11-18", "2026-11-19"]


@pytest.mark.parametrize(
    ("days", "words"),
    [(42, "42 days left"), (1, "1 day left"), (0, "Last day"), (-1, "1 day over"), (-3, "3 days over")],
)
def test_days_left_says_how_long(days, words):
    assert draw("{{ days|days_left }}", days=days) == words


def test_sentences_are_set_apart_by_a_space_and_in_chinese_by_none():
    source = "{% translate 'Change' %}.{% gap %}{% translate 'Change' %}."
    assert (draw(source), draw(source, "zh-hans").count(" ")) == ("Change. Change.", 0)


@pytest.mark.parametrize(("title", "drawn"), [("已暂停。", "已暂停。全部可查看"), ("已暂停", "已暂停 全部可查看")])
def test_heading_without_a_stop_keeps_its_distance_in_chinese(title, drawn):
    assert draw("{{ title }}{% gap title %}全部可查看", "zh-hans", title=title) == drawn


@pytest.mark.parametrize("reason", ["Papers are missing", "Papers are missing.", "Papers are missing. "])
def test_reason_that_somebody_wrote_gets_one_stop(reason):
    assert draw("{{ reason|unstopped }}.", reason=reason) == "Papers are missing."


@pytest.mark.parametrize(("letter", "lang"), [("申请“Roof”已收到。", "zh-Hans"), ("“光伏屋顶” was received.", "en")])
def test_letter_keeps_the_language_it_was_written_in(letter, lang):
    assert draw("{{ letter|lang_of }}", letter=letter) == lang


@pytest.mark.parametrize(
    ("language", "names", "shown"),
    [
        ("en", ("Torch", "火炬"), "Torch"),
        ("zh-hans", ("Torch", "火炬"), "火炬"),
        ("en", ("", "火炬"), "火炬"),
        ("zh-hans", ("Torch", ""), "Torch"),
        ("en", ("", ""), ""),
    ],
)
def test_localized_name_falls_back_to_the_other_language(language, names, shown):
    park = SimpleNamespace(name_en=names[0], name_zh=names[1])
    assert draw("{{ park|localized:'name' }}", language, park=park) == shown
    assert draw("{% localized park 'name' %}", language, park=park) == shown


def test_initials_are_two_letters_or_one_character():
    assert [draw("{{ n|initials }}", n=name) for name in ("Lin Yue", "Lin", "林悦", "")] == ["LY", "L", "林", ""]
