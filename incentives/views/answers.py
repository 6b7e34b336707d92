"""An application's answers and documents as its pages list them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enterprises.models import Enterprise
from incentives import queries, services
from incentives.choices import ApplicationState, DocumentKind, FieldKind, StepKind
from incentives.form_fields import FormField, FormSection, fields_of, sections_of
from incentives.forms import ProjectForm, RepliesForm
from incentives.models import (
    Application,
    ApplicationDocument,
    ApplicationStep,
    FieldComment,
    ProgrammeTerms,
    ProgrammeVersion,
)
from incentives.services import ANSWERS, OF_REGISTRATION, Missing, document_field
from incentives.services.conditions import condition_words
from incentives.services.facts import Values, facts_known
from incentives.services.form_fields import document_label, document_rules_of, is_answer
from lib.formatting import money, quantity, quantity_words
from lib.periods import local_day as day_of
from lib.templatetags.ui import local_day
from parks.actors import Actor
from parks.choices import Role


def label_of(field: str, version: ProgrammeVersion) -> str:
    """How a reviewer's comment or a missing item names what it is about."""
    own = next((own.label for own in fields_of(version.form_fields) if own.name == field), "")
    if own:
        return own
    if field in ProjectForm.base_fields:
        return str(ProjectForm.base_fields[field].label)
    if field == OF_REGISTRATION:
        return _("Eligibility")
    return document_label(version, field.removeprefix("document_"))


def written(application: Application, field: str) -> str:
    """An answer as one reads it, empty when there is none."""
    if is_answer(field):
        return written_answer(application, field)
    value = getattr(application, field)
    if value is None or value == "":
        return ""
    match field:
        case "completed_on":
            return local_day(value)
        case "investment_cny":
            return money(value)
        case "saving_tce":
            return quantity(value.normalize() + 0, "tce")
        case _name:
            return str(value)


def address_of(application: Application, field: str) -> str:
    """Where an answer or document can be changed."""
    for section in sections_of(application.programme_version.form_fields):
        if any(own.name == field for own in section.fields):
            return f"{_section_address(application, section.number)}#id_{field}"
    if field in ANSWERS:
        page = reverse("incentives:application_project", kwargs={"application_id": application.pk})
        return f"{page}#id_{field}"
    if field == OF_REGISTRATION:
        page = reverse("incentives:application_detail", kwargs={"application_id": application.pk})
        return f"{page}#{field}"
    page = reverse("incentives:application_documents", kwargs={"application_id": application.pk})
    return f"{page}#{field}"


def answer_rows(application: Application, *, can_change: bool) -> list[dict[str, Any]]:
    """Rows of a summary list."""
    may_change = _changeable(application, can_change=can_change)
    return [
        {
            "field": field,
            "label": label_of(field, application.programme_version),
            "value": written(application, field),
            "url": address_of(application, field) if may_change(field) else "",
        }
        for field in ANSWERS
    ]


def _changeable(application: Application, *, can_change: bool) -> Callable[[str], bool]:
    """Which parts of an application a person who may change it can change: of a returned one not always all."""
    parts = services.open_parts(application) if can_change else frozenset()
    return lambda part: parts is None or part in parts


def written_answer(application: Application, name: str) -> str:
    """An answer to the programme's own form as one reads it: rows of a table one a line."""
    fields = fields_of(application.programme_version.form_fields)
    field = next((field for field in fields if field.name == name), None)
    if field is None:
        return ""
    if field.kind == FieldKind.REGISTERED:
        return _registered(application.enterprise, field.fact)
    value = application.form_answers.get(field.key)
    return "" if value in (None, "") else _written(field, value)


def _written(field: FormField, value: Any) -> str:
    match field.kind:
        case FieldKind.MONEY:
            return money(Decimal(value))
        case FieldKind.NUMBER:
            return quantity_words(Decimal(value), field.unit)
        case FieldKind.DATE:
            return local_day(date.fromisoformat(value))
        case FieldKind.CHOICE:
            return field.options[int(value) - 1].label
        case FieldKind.DECLARATION:
            return _("Confirmed")
        case FieldKind.TABLE:
            return "\n".join(" · ".join(_cells(field, row)) for row in value)
        case _text:
            return str(value)


def _cells(field: FormField, row: Sequence[str]) -> Iterator[str]:
    for column, cell in zip(field.options, row, strict=True):
        if cell:
            yield f"{column.label}: {quantity_words(Decimal(cell), column.unit) if column.unit else cell}"


def _registered(enterprise: Enterprise, fact: str) -> str:
    value = getattr(enterprise, fact)
    if isinstance(value, date):
        return local_day(value)
    return money(value, enterprise.capital_currency) if isinstance(value, Decimal) else str(value or "")


def values_of(application: Application) -> Values:
    """What the conditions of its version speak of, as of today; nothing where there are none."""
    if not services.has_conditions(application.programme_version):
        return {}
    return services.known_facts(application, day_of(timezone.now(), application.park.time_zone))


def form_sections(application: Application) -> list[FormSection]:
    """The sections of the programme's own form with the fields that this application is asked."""
    asked = {field.key for field in services.asked_fields(application, values_of(application))}
    sections = sections_of(application.programme_version.form_fields)
    kept = [replace(one, fields=tuple(field for field in one.fields if field.key in asked)) for one in sections]
    return [section for section in kept if section.fields]


def form_groups(application: Application, *, can_change: bool) -> list[dict[str, Any]]:
    """Rows of summary lists, one list for each section."""
    may_change = _changeable(application, can_change=can_change)
    return [
        {
            "title": section.title,
            "rows": [
                {
                    "field": field.name,
                    "label": field.label,
                    "value": written_answer(application, field.name),
                    "url": address_of(application, field.name) if field.is_typed and may_change(field.name) else "",
                }
                for field in section.fields
            ],
        }
        for section in form_sections(application)
    ]


def _section_address(application: Application, number: int) -> str:
    kwargs = {"application_id": application.pk, "form_section": number}
    return reverse("incentives:application_section", kwargs=kwargs)


def document_labels(terms: ProgrammeTerms) -> list[str]:
    """What is needed by the terms, with the condition where there is one."""
    facts = facts_known(terms.form_fields)
    own = [_conditional(rule.label, condition_words(rule.condition, facts)) for rule in document_rules_of(terms)]
    return [*(str(DocumentKind(kind).label) for kind in terms.document_kinds), *own]


def _conditional(label: str, condition: str) -> str:
    return _("%(label)s (only if %(condition)s)") % {"label": label, "condition": condition} if condition else label


@dataclass(frozen=True, slots=True)
class DocumentSlot:
    """One kind of document with the files that are there and what a reviewer wrote about it."""

    kind: str
    label: str
    field: str
    is_required: bool
    files: Sequence[ApplicationDocument]
    comments: Sequence[FieldComment]


def document_slots(application: Application, *, with_optional: bool = True) -> list[DocumentSlot]:
    """Required kinds first, then what else was or may be attached. The application comes with its documents."""
    required = services.needed_documents(application, values_of(application))
    files: list[ApplicationDocument] = getattr(application, "kept_documents", [])
    own = [rule.key for rule in document_rules_of(application.programme_version)]
    further = [kind for kind in [*DocumentKind.values, *own] if kind not in required]
    if not with_optional:
        further = [kind for kind in further if any(file.kind == kind for file in files)]
    else:
        further = [k for k in further if k == DocumentKind.OTHER or any(file.kind == k for file in files)]
    return [
        DocumentSlot(
            kind=kind,
            label=document_label(application.programme_version, kind),
            field=document_field(kind),
            is_required=kind in required,
            files=[file for file in files if file.kind == kind],
            comments=open_comments(application, document_field(kind)),
        )
        for kind in [*required, *further]
    ]


def signature(application: Application) -> dict[str, Any]:
    """What was signed last, for a page; what was filed before signatures were kept has none."""
    signed = application.signed_filings.order_by("round").last()
    return {"signed": signed, "signed_is_intact": signed is None or services.is_intact(signed)}


def open_comments(application: Application, field: str) -> list[FieldComment]:
    """What the last return says about a field, while the enterprise is to answer it."""
    return [comment for comment in current_comments(application) if comment.field == field]


def current_comments(application: Application) -> list[FieldComment]:
    comments: list[FieldComment] = getattr(application, "comments", [])
    if application.state != ApplicationState.RETURNED:
        return []
    return [comment for comment in comments if comment.round == application.round]


def replies_form(application: Application, typed: QueryDict | None = None) -> RepliesForm:
    points = {comment.field: comment.answer for comment in current_comments(application)}
    return RepliesForm(typed, points=points, auto_id="id_reply_%s")


def returned_points(application: Application, replies: RepliesForm) -> list[dict[str, Any]]:
    """What the last return asks to change, each with the place to do it and to reply."""
    return [
        {
            "label": label_of(comment.field, application.programme_version),
            "comment": comment,
            "url": address_of(application, comment.field),
            "reply": replies[comment.field],
        }
        for comment in current_comments(application)
    ]


def return_step(application: Application) -> ApplicationStep | None:
    """The return that the enterprise is to answer, with the words that came with it."""
    steps: list[ApplicationStep] = getattr(application, "timeline", [])
    is_returned = application.state == ApplicationState.RETURNED and steps
    return steps[-1] if is_returned and steps[-1].kind == StepKind.RETURNED else None


def enterprise_rows(application: Application) -> list[dict[str, Any]]:
    """Who applies, from the registration; changed by the park, not here."""
    enterprise = application.enterprise
    names = [name for name in (enterprise.name_zh, enterprise.name_en) if name]
    return [
        {"label": _("Name"), "value": "\n".join(names)},
        {"label": _("Credit code"), "value": enterprise.credit_code},
    ]


def sections(application: Application, missing: Sequence[Missing], *, may_sign: bool) -> list[dict[str, Any]]:
    """The task list: each section with its state and where its content comes from."""
    project = [entry for entry in missing if entry.field in ANSWERS]
    papers = [entry for entry in missing if entry.field.startswith("document_")]
    required = services.needed_documents(application, values_of(application))
    present = {file.kind for file in getattr(application, "kept_documents", [])}
    uploaded = len([kind for kind in required if kind in present])
    commented = {comment.field for comment in current_comments(application)}
    may_change = _changeable(application, can_change=True)
    kept = _("stays as it was reviewed")
    return [
        {
            "title": _("Project and saving"),
            "url": reverse("incentives:application_project", kwargs={"application_id": application.pk}),
            "note": (application.project_title or _("typed in by you")) if any(map(may_change, ANSWERS)) else kept,
            **_state(project, len(ANSWERS), commented & set(ANSWERS)),
        },
        *(
            _form_section(application, section, missing, commented)
            | ({} if any(may_change(field.name) for field in section.fields) else {"note": kept})
            for section in form_sections(application)
        ),
        {
            "title": _("Documents"),
            "url": reverse("incentives:application_documents", kwargs={"application_id": application.pk}),
            "note": _("%(present)s of %(required)s uploaded") % {"present": uploaded, "required": len(required)},
            **_state(papers, len(required), {name for name in commented if name.startswith("document_")}),
        },
        {
            "title": _("Check, sign and submit"),
            "url": reverse("incentives:application_check", kwargs={"application_id": application.pk}),
            "note": _("signed by you at the end") if may_sign else _("signed by the certifier at the end"),
            "blocked": _("Cannot start yet") if missing else "",
            "state": "info",
            "state_label": _("Ready"),
            "state_icon": "signature",
        },
    ]


def _form_section(
    application: Application, section: FormSection, missing: Sequence[Missing], commented: set[str]
) -> dict[str, Any]:
    names = {field.name for field in section.fields}
    typed = [field for field in section.fields if field.is_typed]
    left = [entry for entry in missing if entry.field in names]
    return {
        "title": section.title,
        "url": _section_address(application, section.number),
        "note": _("asked by this programme"),
        **_state(left, len(typed), commented & names),
    }


def _state(missing: Sequence[Missing], of: int, commented: set[str]) -> dict[str, Any]:
    """A section's badge: to correct, not started, so many left, or complete."""
    if commented:
        count = len(commented)
        label = ngettext("%(n)s comment", "%(n)s comments", count) % {"n": count}
        return {"state": "warn", "state_label": label, "state_icon": "arrow-back-up", "is_done": False}
    if not missing:
        return {"state": "ok", "state_label": _("Completed"), "state_icon": None, "is_done": True}
    if len(missing) >= of:
        return {"state": "mute", "state_label": _("Not started"), "state_icon": "", "is_done": False}
    label = ngettext("%(n)s missing", "%(n)s missing", len(missing)) % {"n": len(missing)}
    return {"state": "info", "state_label": label, "state_icon": "circle-dashed", "is_done": False}


def people(actor: Actor, application: Application) -> dict[str, Any]:
    """Who does what. An owner signs where nobody is certifier."""
    signers = queries.people_with_role(actor, Role.CERTIFIER)
    started = next(iter(application.timeline), None)  # type: ignore[attr-defined]
    return {
        "prepares": started.by_name if started else "",
        "signers": signers or queries.people_with_role(actor, Role.OWNER),
    }
