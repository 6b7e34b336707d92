import re
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils import translation

from config.styleguide import SampleForm
from lib.forms import MoneyField, PortalRenderer
from tests.frontend.rendering import draw

SENT = {"investment": "9,680,000.00", "payer": "esco"}


class MoneyForm(Form):
    amount = MoneyField(label="Amount")


@pytest.mark.parametrize("written", ["1500000", "1,500,000.00", "¥1,500,000", "￥1，500，000.0", " 1500000 ", "150万", "１５０万元"])
def test_money_field_reads_what_people_write(written):
    form = MoneyForm({"amount": written})
    assert form.is_valid()
    assert form.cleaned_data == {"amount": Decimal(1500000)}


@pytest.mark.parametrize("written", ["1.500,00", "1.005", "one", "1e400", "NaN", "12345678901234567"])
def test_money_field_refuses_what_is_no_amount(written):
    assert not MoneyForm({"amount": written}).is_valid()


def test_links_of_the_error_summary_lead_to_controls_of_the_form():
    form = SampleForm(SENT)
    targets = re.findall(r'href="#([\w-]+)"', draw("{% error_summary form %}", form=form))
    ids = set(re.findall(r'<(?:input|select|textarea)[^>]*\bid="([\w-]+)"', draw("{{ form }}", form=form)))
    assert len(targets) == len(form.errors)
    assert set(targets) <= ids
    assert "id_decision_0" in targets


def test_error_summary_counts_in_words():
    assert "There are 6 problems" in draw("{% error_summary form %}", form=SampleForm(SENT))
    assert "There is 1 problem<" in draw("{% error_summary form %}", form=MoneyForm({"amount": "x"}))


def test_form_without_errors_or_not_yet_sent_has_no_summary():
    assert draw("{% error_summary form %}", form=SampleForm()) == ""
    assert draw("{% error_summary form %}", form=MoneyForm({"amount": "1"})) == ""


def test_several_forms_share_one_summary():
    drawn = draw("{% error_summary one two %}", one=MoneyForm({"amount": "x"}), two=SampleForm(SENT))
    assert "There are 7 problems" in drawn


def test_wrong_field_says_so_to_eyes_and_to_screen_readers():
    drawn = draw("{% field form.investment %}", form=SampleForm(SENT))
    assert 'class="field field-bad"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_investment_helptext id_investment_error"' in drawn
    assert drawn.index('<label for="id_investment">') < drawn.index('id="id_investment_helptext"')
    assert drawn.index('id="id_investment_helptext"') < drawn.index('id="id_investment_error"')
    assert drawn.index('id="id_investment_error"') < drawn.index("<input")


def test_group_of_radio_buttons_is_a_fieldset_with_its_legend():
    drawn = draw("{% field form.payer %}", form=SampleForm())
    assert "<fieldset" in drawn
    assert "<legend>Who paid for the project?</legend>" in drawn.replace("\n", "")
    assert drawn.count('class="form-check-input"') == 3


def test_radio_cards_show_the_line_below_the_label():
    drawn = draw("{% field form.decision %}", form=SampleForm())
    assert "<b>Accept as complete</b><small>Goes to expert review</small>" in drawn
    assert "<b>Return for changes</b></label>" in drawn


def test_optional_field_says_so():
    assert "optional" in draw("{% field form.remark %}", form=SampleForm())
    assert "optional" not in draw("{% field form.saving %}", form=SampleForm())


def test_value_typed_by_a_person_is_escaped():
    drawn = draw("{% field form.amount %}", form=MoneyForm({"amount": '"><script>'}))
    assert "<script>" not in drawn


def test_date_field_keeps_the_iso_day():
    form = SampleForm({"began_on": "2024-12-02"})
    assert 'type="date"' in draw("{% field form.began_on %}", form=form)
    assert 'value="2024-12-02"' in draw("{% field form.began_on %}", "zh-hans", form=form)


def test_choices_are_drawn_as_django_draws_them():
    groups = [("", "All"), ("East", [("35", "Fujian & <sea>"), ("32", "Jiangsu")])]
    widget = forms.Select(attrs={"class": "wide", "required": True, "disabled": False, "data-x": '"'}, choices=groups)

    drawn = widget.render("region", "35", renderer=PortalRenderer())

    assert drawn.split("\n") == [
        '<select name="region" class="form-select wide" required data-x="&quot;">',
        '  <option value="">All</option>',
        '  <optgroup label="East">',
        '  <option value="35" selected>Fujian &amp; &lt;sea&gt;</option>',
        '  <option value="32">Jiangsu</option>',
        "  </optgroup>",
        "</select>",
    ]


@pytest.mark.parametrize(
    ("field", "told"), [(forms.DecimalField, "请输入数字。"), (forms.FloatField, "请输入数字。"), (forms.IntegerField, "请输入整数。")]
)
def test_what_is_no_number_is_told_in_our_words(field, told):
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        field().clean("x")
    with translation.override("zh-hans"):
        assert refused.value.messages == [told]


@pytest.mark.parametrize("control", [forms.CharField, forms.BooleanField])
def test_hint_is_text_whoever_typed_it(control):
    """Hints of programmes are typed by people: as markup, one could act in the name of whoever reads it."""
    field = control(help_text="<i hx-post=/company/people/invite/ hx-trigger=load>10 & more</i>")
    drawn = draw("{% field form.told %}", form=type("Hinted", (Form,), {"told": field})())
    assert "&lt;i hx-post=/company/people/invite/ hx-trigger=load&gt;10 &amp; more&lt;/i&gt;" in drawn
    assert "<i " not in drawn
