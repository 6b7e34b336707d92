"""The tags and filters of the portal's pages, available in every template without loading."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template import loader
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib import formatting, text
from lib.icons import icon_svg
from lib.templatetags import measures

register = template.Library()
STOPS = (".", "。", "！", "？")
register.tags.update(measures.register.tags)
register.filters.update(measures.register.filters)

STATE_ICONS = {"ok": "check", "warn": "alert-triangle", "bad": "exclamation-circle", "info": "", "mute": ""}
BILINGUAL_ORDER = ("en", "zh-hans")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    return icon_svg(name, label)


@register.simple_tag
def badge(state: str, label: Any, icon: str | None = None) -> SafeString:
    """A state and its word. Without `icon` the state's own is drawn, with "" none."""
    name = STATE_ICONS[state] if icon is None else icon
    drawn = icon_svg(name) if name else ""
    return format_html('<span class="badge badge-{}">{}{}</span>', state, drawn, label)


def _figure(text: str) -> SafeString:
    return format_html('<span class="figure">{}</span>', text)


@register.filter(is_safe=True)
def one_stop(told: object) -> str:
    return text.one_stop(str(told))


@register.filter
def money(value: formatting.Figure | None, currency: str = "CNY") -> str:
    return formatting.NOTHING if value in (None, "") else _figure(formatting.money(value, currency))


@register.filter
def money_short(value: formatting.Figure | None) -> str:
    return formatting.NOTHING if value in (None, "") else _figure(formatting.money_short(value))


@register.filter
def number(value: formatting.Figure | None, places: int | None = None) -> str:
    return formatting.NOTHING if value in (None, "") else _figure(formatting.number(value, places))


@register.filter
def quantity(value: formatting.Figure | None, spec: str) -> str:
    """`{{ v|quantity:"MWh" }}`, or with a number of decimals `{{ v|quantity:"MWh,1" }}`."""
    if value in (None, ""):
        return formatting.NOTHING
    unit, _comma, places = spec.partition(",")
    return formatting.quantity(value, unit, int(places) if places else None)


@register.filter
def plain_quantity(value: formatting.Figure | None, unit: str) -> str:
    """A figure that stands alone, without the zeros that its column adds: `{{ v|plain_quantity:"km²" }}`."""
    if value in (None, ""):
        return formatting.NOTHING
    return formatting.quantity(formatting.exact(value).normalize() + 0, unit)


@register.filter
def percent(value: formatting.Figure | None, places: int = 1) -> str:
    return formatting.NOTHING if value in (None, "") else _figure(formatting.percent(value, places))


@register.filter
def unit(name: str) -> SafeString:
    return formatting.unit(name)


@register.filter
def local_time(moment: dt.datetime | None, form: str = "") -> str:
    """An instant in the active zone, which is shown; form "compact" is for tables."""
    if not moment:
        return formatting.NOTHING
    local = timezone.localtime(moment)
    written = f"{formatting.day(local.date(), form == 'compact')} {local:%H:%M}"
    return format_html(
        '<time datetime="{}">{} <span class="zone">{}</span></time>',
        local.isoformat(timespec="seconds"),
        written,
        formatting.zone(local),
    )


@register.filter
def local_day(day: dt.date | dt.datetime | None, form: str = "") -> str:
    """A day, of an instant the one in the active zone; form "compact" is for tables."""
    if not day:
        return formatting.NOTHING
    plain = timezone.localtime(day).date() if isinstance(day, dt.datetime) else day
    return format_html('<time datetime="{}">{}</time>', plain.isoformat(), formatting.day(plain, form == "compact"))


@register.filter
def days_left(days: int) -> str:
    """The words of a number of days until something ends."""
    if days < 0:
        return ngettext("%(days)s day over", "%(days)s days over", -days) % {"days": -days}
    if days == 0:
        return _("Last day")
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}


@register.filter
def saved_words(moment: dt.datetime) -> str:
    return formatting.saved_words(moment)


@register.simple_tag
def gap(after: str = "。") -> str:
    """What stands between two sentences of a paragraph: a space, in Chinese nothing unless no stop is `after`."""
    return "" if formatting.speaks_chinese() and str(after).endswith(STOPS) else " "


@register.filter
def unstopped(sentence: str) -> str:
    """What somebody wrote, to be put before a full stop of ours."""
    return sentence.rstrip().rstrip("".join(STOPS))


@register.filter
def lang_of(text: str) -> str:
    """The `lang` of a letter, which keeps the language it was written in. Chinese has a full stop of its own."""
    return "zh-Hans" if "。" in text else "en"


@register.filter(name="localized")
def localized_filter(thing: Any, field: str) -> str:
    return formatting.localized(thing, field)


@register.simple_tag(name="localized")
def localized_tag(thing: Any, field: str) -> str:
    return formatting.localized(thing, field)


@register.filter
def html_lang(code: str) -> str:
    """The `lang` of the page: zh-hans is written zh-Hans."""
    return "zh-Hans" if code.startswith("zh") else code


@register.filter
def initials(name: str) -> str:
    """Two capital letters of a Latin name, the family name's character of a Chinese one."""
    words = name.split()
    if not words or not words[0][0].isascii():
        return name[:1]
    return "".join(word[0] for word in words[:2]).upper()


@register.simple_tag
def bilingual(template_name: str) -> SafeString:
    """A fragment in the active language and then in the other one."""
    active = translation.get_language() or "en"
    ordered = sorted(BILINGUAL_ORDER, key=lambda code: code != active)
    return mark_safe("".join(_in_language(template_name, code) for code in ordered))  # noqa: S308


def _in_language(template_name: str, code: str) -> SafeString:
    with translation.override(code):
        text = loader.render_to_string(template_name)
    return format_html('<section lang="{}">{}</section>', html_lang(code), text)


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    return bound.as_field_group()


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm | list[BaseForm]) -> dict[str, Any]:
    """What is wrong in one or more forms, or in a list of them, each problem a link to its field."""
    told = [form for given in forms for form in (given if isinstance(given, list) else [given])]
    problems = [problem for form in told if form.is_bound for problem in _problems(form)]
    return {"problems": problems, "count": len(problems)}


def _problems(form: BaseForm) -> Iterable[dict[str, Any]]:
    for error in form.non_field_errors():
        yield {"label": "", "message": error, "target": ""}
    for bound in form:
        for error in bound.errors:
            yield {"label": str(bound.label).rstrip(".?:：。？"), "message": error, "target": _focus_target(bound)}


def _focus_target(bound: BoundField) -> str:
    """The id of the first control: a group of radio buttons has none of its own."""
    if bound.field.widget.use_fieldset and bound.subwidgets:
        return bound.subwidgets[0].id_for_label
    return bound.id_for_label


@register.simple_block_tag(takes_context=True)
def form_actions(context: template.Context, content: str, extra_class: str = "") -> SafeString:
    """The buttons of a form that changes a park; where the park is suspended, why there are none."""
    if context.get("suspended_park"):
        sentence = (
            _("Your enterprise is suspended: nothing can be saved until the administration of the park lifts this.")
            if context.get("suspended_enterprise")
            else _("This park is suspended: nothing can be saved until the operator opens it again.")
        )
        return format_html('<p class="form-actions text-secondary">{}</p>', sentence)
    return format_html('<div class="form-actions {}">{}</div>', extra_class, content)


@register.inclusion_tag("components/empty_state.html")
def empty_state(sentence: str, url: str = "", label: str = "", icon: str = "") -> dict[str, str]:
    return {"sentence": sentence, "url": url, "label": label, "icon": icon}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any], parameter: str = "page") -> dict[str, Any]:
    """Where one is in a list and the way to its other pages; filters and order stay."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "links": [{"number": n, "url": _with(context, parameter, n) if isinstance(n, int) else ""} for n in numbers],
        "previous_url": _with(context, parameter, page.number - 1) if page.has_previous() else "",
        "next_url": _with(context, parameter, page.number + 1) if page.has_next() else "",
    }


@register.inclusion_tag("components/export_menu.html", takes_context=True)
def export_menu(context: template.Context) -> dict[str, str]:
    """Downloads of the list as it is filtered now: `?export=csv` and `?export=xlsx` of the same address."""
    return {"csv_url": _with(context, "export", "csv"), "xlsx_url": _with(context, "export", "xlsx")}


@register.simple_tag(takes_context=True)
def sort_url(context: template.Context, column: str) -> str:
    """The same list ordered by a column, descending when it is ascending now."""
    query = context["request"].GET if "request" in context else {}
    return _with(context, "sort", f"-{column}" if query.get("sort") == column else column)


@register.simple_tag(takes_context=True)
def sort_state(context: template.Context, column: str) -> str:
    """The aria-sort of a column head."""
    query = context["request"].GET if "request" in context else {}
    return {column: "ascending", f"-{column}": "descending"}.get(query.get("sort", ""), "none")


def _with(context: template.Context, parameter: str, value: Any) -> str:
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query is None:
        return f"?{parameter}={value}"
    query.pop("page", None)
    query[parameter] = str(value)
    return f"?{query.urlencode()}"
