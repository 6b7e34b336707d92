"""Every component of the portal in every state, for whoever builds pages. Development only."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import django_tables2
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lib.forms import DateInput, FileDrop, MoneyField, QuantityInput, RadioCards
from lib.provinces import REGIONS
from lib.tables import MoneyColumn, PortalTable, StateColumn, TimeColumn, exported

PAYERS = [("esco", _("The service company, Haixi Energy Services")), ("own", _("Our company")), ("both", _("Both"))]
DECISIONS = [("accept", _("Accept as complete")), ("return", _("Return for changes")), ("refuse", _("Refuse"))]
STATES = {"submitted": "info", "returned": "warn", "approved": "ok", "rejected": "bad"}
SHARES = {"福建省": (47, 44, 23), "江苏省": (55, 51), "广东省": (None, 42), "内蒙古自治区": (75, 58), "北京市": (24,)}


class SampleForm(forms.Form):
    """One field of every kind."""

    payer = forms.ChoiceField(label=_("Who paid for the project?"), choices=PAYERS, widget=forms.RadioSelect)
    investment = MoneyField(label=_("Total investment"), help_text=_("Equipment and design, without VAT."))
    saving = forms.DecimalField(label=_("Electricity saved"), widget=QuantityInput("kWh"))
    began_on = forms.DateField(label=_("Construction began"), widget=DateInput)
    contract = forms.ChoiceField(label=_("Contract"), choices=[("", "–"), ("31", "EC-0031")], required=False)
    measures = forms.MultipleChoiceField(
        label=_("Measures"), choices=[("chiller", _("Chillers")), ("air", _("Compressed air"))],
        widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=DECISIONS,
        widget=RadioCards(descriptions={"accept": _("Goes to expert review"), "refuse": _("With a reason")}),
    )
    remark = forms.CharField(label=_("Note to the file"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    invoice = forms.FileField(label=_("Invoices"), widget=FileDrop, help_text=_("PDF or XML, at most 20 MB each."))
    statement = forms.BooleanField(label=_("I have read the answers and they are true."))

    def clean_investment(self) -> Decimal:
        amount: Decimal = self.cleaned_data["investment"]
        if amount != Decimal(9860000):
            raise ValidationError(_("The invoices add up to ¥9,860,000.00. Enter that amount."))
        return amount


class SampleTable(PortalTable):
    act = True
    number = django_tables2.Column(
        verbose_name=_("Number"), linkify=lambda record: f"#{record['number']}", attrs={"td": {"class": "cell-nowrap"}}
    )
    enterprise = django_tables2.Column(verbose_name=_("Enterprise"))
    amount = MoneyColumn(verbose_name=_("Requested"))
    submitted_at = TimeColumn(verbose_name=_("Submitted"))
    state = StateColumn(verbose_name=_("State"), states=STATES)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    table = SampleTable(applications(), order_by=request.GET.get("sort", "-amount"))
    table.paginate(page=request.GET.get("page", 1), per_page=4)
    bound = SampleForm({"investment": "9,680,000.00", "payer": "esco", "began_on": "2024-12-02"})
    context = {
        "table": table,
        "clean_form": SampleForm(),
        "bad_form": bound,
        "now": dt.datetime.now(dt.UTC),
        **samples(),
    }
    return exported(request, table, "styleguide") or render(request, "styleguide/styleguide.html", context)


def applications() -> list[dict[str, Any]]:
    first = dt.datetime(2026, 11, 3, 9, 5, tzinfo=dt.UTC)
    names = ("Xiamen Hailan Precision", "Tongxiang New Materials", "厦门澄光光电有限公司", "Haicang Biopharma")
    return [
        {
            "number": f"EMC-2026-{400 + place:04}",
            "enterprise": names[place % 4],
            "amount": Decimal(1500000) - place * Decimal("88120.50"),
            "submitted_at": first + dt.timedelta(hours=31 * place),
            "state": list(STATES)[place % 4],
        }
        for place in range(14)
    ]


def frame() -> dict[str, Any]:
    """The frame as an applicant sees it, whoever looks at the guide."""

    def item(label: Any, icon: str, count: int | None = None) -> dict[str, Any]:
        return {"label": label, "url": "#", "icon": icon, "count": count, "active": icon == "home"}

    return {
        "actor": SimpleNamespace(name="Lin Yue"),
        "actor_role_label": _("Applicant · Chengguang Opto"),
        "current_park": SimpleNamespace(name_en="Xiamen Torch High-tech Zone", name_zh="厦门火炬高新区"),
        "park_seal": "炬",
        "switcher_url": "#",
        "search_url": "#",
        "search_label": _("Search enterprises and applications"),
        "inbox_url": "#",
        "inbox_count": 3,
        "account_menu": [{"label": _("Security"), "url": "#", "icon": "shield-lock"}],
        "navigation": [
            {"title": "", "items": [item(_("Home"), "home"), item(_("Applications"), "file-text", 2),
                                    item(_("Programmes"), "gift"), item(_("Energy contracts"), "contract", 1)]},
            {"title": _("Energy and carbon"), "items": [item(_("Energy"), "bolt"), item(_("Meters"), "gauge")]},
        ],
    }  # fmt: skip


def samples() -> dict[str, Any]:
    return {
        **frame(),
        "figures": figures(),
        "budget": budget(),
        "tasks": tasks(),
        "sections": sections(),
        "steps": steps(),
        "rows": summary_rows(),
        "lines": calculation_lines(),
        "tiles": tiles(),
        "legend": [{"step": 1, "label": _("under 30 %")}, {"step": 2, "label": _("30 to 40 %")},
                   {"step": 3, "label": _("40 to 50 %")}, {"step": 4, "label": _("50 % or more")},
                   {"step": 0, "label": _("not published")}],
        "tabs": [{"label": _("Mine"), "url": "#", "count": 14, "active": True},
                 {"label": _("Due today"), "url": "#", "count": 2}, {"label": _("All open"), "url": "#"}],
        "acts": [{"label": _("Assign"), "value": "assign"},
                 {"label": _("Preview acceptance"), "value": "preview", "primary": True}],
        "menu_items": [{"label": _("Print"), "url": "#", "icon": "printer"},
                       {"label": _("Withdraw"), "url": "#", "icon": "trash", "post": True, "danger": True,
                        "confirm": _("The application is closed and its budget is free again.")}],
        "columns": [{"label": _("Meter")}, {"label": _("Read"), "unit": "MWh", "number": True}],
        "readings": [["M-1101", "4,860.2"], ["M-1108", "211.4"]],
        "states": ("ok", "warn", "bad", "info", "mute"),
        "tones": ("elec", "pv", "stor", "chg", "gas", "heat", "water", "ref", "accent"),
        "colours": ("canvas", "surface", "sunk", "hover", "ink", "ink-2", "ink-3", "line", "line-2", "accent-soft"),
    }  # fmt: skip


def figures() -> list[dict[str, Any]]:
    days = [81, 84, 83, 84, 85, 84, 62, 60, 82, 84, 85, 84, 83, 61, 70, 71, 50]
    return [
        {"label": _("Electricity"), "tone": "elec", "value": "4.86", "unit": "GWh", "bars": days, "bar_slots": 30,
         "bar_hatched": (14, 15), "note": _("−3.1 %, 98.4 % complete")},
        {"label": _("Photovoltaics"), "tone": "pv", "value": "211.4", "unit": "MWh", "bars": days[::-1],
         "bar_slots": 30, "note": _("96.2 % used on site")},
        {"label": _("Carbon, park method"), "tone": "ref", "value": "3,722", "unit": "tCO2", "bars": days,
         "bar_slots": 30, "note": _("−6.4 % against October")},
        {"label": _("Peak demand"), "tone": "accent", "value": "13.42", "unit": "MW", "bars": days, "bar_slots": 30,
         "note": _("contract 15.00 MW")},
    ]  # fmt: skip


def budget() -> list[dict[str, Any]]:
    return [
        {"value": Decimal("24.60"), "label": _("Paid"), "amount": Decimal(24600000)},
        {"value": Decimal("13.20"), "tone": "accent-2", "label": _("Committed"), "amount": Decimal(13200000)},
        {"value": Decimal("9.82"), "hatched": True, "label": _("In review"), "amount": Decimal(9817850)},
    ]


def tasks() -> list[dict[str, Any]]:
    return [
        {"state": "warn", "icon": "arrow-back-up", "title": _("Correct 2 fields of application EMC-2026-0412"),
         "url": "#", "why": _("Returned by the completeness check. Only these two are open."),
         "when": _("3 working days left"), "until": _("due 2026-11-24")},
        {"state": "info", "icon": "signature", "title": _("Confirm the settlement of the third quarter"), "url": "#",
         "why": _("Saving 3.18 GWh ± 0.21."), "when": _("9 days left"), "until": _("due 2026-11-27")},
        {"state": "bad", "icon": "plug-connected-x", "title": _("Meter M-1108 has sent nothing for 2 days"),
         "url": "#", "why": _("221 intervals missing."), "when": _("Since 2026-11-16 07:00")},
        {"state": "ok", "icon": "check", "title": _("Registration confirmed"), "why": _("Nothing to do.")},
    ]  # fmt: skip


def sections() -> list[dict[str, Any]]:
    return [
        {"title": _("Company details"), "url": "#", "note": _("prefilled from the registration"),
         "state": "ok", "state_label": _("Completed")},
        {"title": _("Investment and funding"), "url": "#", "state": "bad", "state_label": _("2 errors")},
        {"title": _("Documents"), "url": "#", "note": _("8 of 9 uploaded"), "state": "info",
         "state_label": _("In progress"), "state_icon": "progress"},
        {"title": _("Statement of truth"), "note": _("signed at the end"), "blocked": _("Cannot start yet")},
    ]  # fmt: skip


def steps() -> list[dict[str, Any]]:
    return [
        {"state": "done", "label": _("Submitted"), "by": "Lin Yue", "when": "2026-11-03"},
        {"state": "returned", "label": _("Completeness check"), "when": _("returned 2026-11-17"),
         "note": _("Page 2 is not stamped.")},
        {"state": "later", "label": _("Expert review"), "when": _("10 working days")},
        {"state": "later", "label": _("Decision"), "when": _("5 working days")},
    ]  # fmt: skip


def summary_rows() -> list[dict[str, Any]]:
    return [
        {"label": _("Name"), "value": "厦门澄光光电有限公司\nXiamen Chengguang Optoelectronics", "url": "#"},
        {"label": _("Electricity"), "value": "11,340,000 kWh", "note": _("98.9 % complete"), "url": "#"},
        {"label": _("Service company"), "value": ""},
    ]


def calculation_lines() -> list[dict[str, Any]]:
    return [
        {"label": _("Electricity"), "formula": "11,340,000 kWh × 0.30 kgce", "value": "3,402.0"},
        {"label": _("Natural gas"), "formula": "600,000 m³ × 1.33 kgce", "value": "798.0"},
        {"kind": "subtotal", "label": _("Saving, tce"), "value": "4,200.0"},
        {"label": _("Rate per tce"), "value": "× ¥500.00"},
        {"kind": "subtotal", "label": _("Computed"), "value": "¥2,100,000.00"},
        {"kind": "limit", "label": _("30 % of the investment"), "formula": _("not reached"), "value": "¥2,958,000.00"},
        {"kind": "binding", "label": _("Cap per company"), "value": "¥1,500,000.00"},
        {"kind": "result", "label": _("You may receive"), "value": "¥1,500,000.00"},
    ]


def tiles() -> list[dict[str, Any]]:
    def square(share: int | None) -> dict[str, Any]:
        if share is None:
            return {"value": "–", "label": _("not published"), "step": 0, "url": "#"}
        return {"value": share, "label": f"{share} %", "step": min(max(share // 10 - 1, 1), 4), "url": "#"}

    return [
        {"row": region.row, "column": region.column, "label": region.name_en, "current": name == "福建省",
         "squares": [square(share) for share in SHARES.get(name, (38,))]}
        for name, region in REGIONS.items()
    ]  # fmt: skip
