"""In which words the park writes to people: read by its officials, chosen by its administrators."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Language
from accounts.messages import Audience, MessageKind, filled, kind_named, registered
from lib.identifiers import row_number
from lib.refusals import Refusal
from parks.access import acting
from parks.forms.messages import WordingForm
from parks.models import MessageTemplate
from parks.permissions import can_read_messages, can_word_messages
from parks.requests import ActingRequest
from parks.services import wording
from parks.services.wording import TEXTS, Wording
from parks.views.forms import attempt, form_page

LANGUAGES = ((Language.CHINESE, "zh"), (Language.ENGLISH, "en"))


@acting(can_read_messages)
@require_safe
def message_list(request: ActingRequest) -> HttpResponse:
    own = {one.kind: one for one in MessageTemplate.objects.of_park(request.park.pk).current()}
    kinds = [kind for kind in registered() if not kind.is_fixed]
    groups = [
        {
            "title": audience.readers,
            "rows": [_row(kind, own.get(kind.name)) for kind in kinds if kind.audience is audience],
        }
        for audience in Audience
    ]
    return render(request, "parks/message_list.html", {"groups": [group for group in groups if group["rows"]]})


def _row(kind: MessageKind, own: MessageTemplate | None) -> dict[str, Any]:
    return {"kind": kind, "own": own, "subject": Wording(kind, own).texts()[0]}


@acting(can_read_messages)
def message_edit(request: ActingRequest, message_kind: str) -> HttpResponse:
    """The words of one kind, the facts they can use, what a reader will see, and the versions."""
    kind = _kind(message_kind)
    current = wording.wording_of(request.park.pk, kind).own
    may_edit = can_word_messages(request.actor) and not request.actor.is_read_only
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    form = WordingForm(request.POST or None, kind=kind, initial=_texts(kind, current))
    is_sound = form.is_valid()
    if is_sound and "preview" not in request.POST and _word(request, kind, form):
        messages.success(request, _("From now on this message is written in these words."))
        return redirect("parks:message_edit", message_kind=kind.name)
    context = {
        "kind": kind,
        "current": current,
        "may_edit": may_edit,
        "facts": _facts(kind),
        "previews": _previews(kind, form.texts if is_sound else _texts(kind, current)),
        "is_preview": is_sound,
        "versions": MessageTemplate.objects.of_park(request.park.pk).filter(kind=kind.name)[:20],
    }
    return form_page(request, "parks/message_edit.html", form, **context)


def _word(request: ActingRequest, kind: MessageKind, form: WordingForm) -> bool:
    act = partial(
        wording.word_message,
        request.actor,
        request.park.pk,
        kind,
        form.texts,
        expected=form.cleaned_data["expected"],
        now=timezone.now(),
    )
    return attempt(form, act)


@acting(can_word_messages)
@require_POST
def message_reset(request: ActingRequest, message_kind: str) -> HttpResponse:
    try:
        wording.take_wording_back(
            request.actor,
            request.park.pk,
            _kind(message_kind),
            expected=row_number(request.POST.get("expected", "")),
            now=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("From now on this message is written in the words of the portal."))
    return redirect("parks:message_edit", message_kind=message_kind)


def _kind(name: str) -> MessageKind:
    kind = kind_named(name)
    if kind is None or kind.is_fixed:
        raise Http404
    return kind


def _texts(kind: MessageKind, current: MessageTemplate | None) -> dict[str, Any]:
    """What the form begins with: the park's words, else the portal's in both languages."""
    if current is not None:
        return {"expected": current.number, **{name: getattr(current, name) for name in TEXTS}}
    texts: dict[str, Any] = {"expected": 0}
    for language, suffix in LANGUAGES:
        with translation.override(language):
            texts |= {f"subject_{suffix}": kind.own_subject, f"text_{suffix}": kind.own_text}
    return texts


def _facts(kind: MessageKind) -> list[dict[str, Any]]:
    return [
        {"name": f"{{{name}}}", "fact": fact, "is_required": name in kind.required} for name, fact in kind.facts.items()
    ]


def _previews(kind: MessageKind, texts: dict[str, Any]) -> list[dict[str, str]]:
    """As readers of each language will see it, with sample facts."""
    previews = []
    for language, suffix in LANGUAGES:
        with translation.override(language):
            samples, after = kind.samples, str(kind.after)
        subject, text = (filled(texts[f"{part}_{suffix}"], samples) for part in ("subject", "text"))
        previews.append(
            {"language": language.label, "lang": f"{suffix}-Hans" if suffix == "zh" else suffix, "subject": subject}
            | {"text": text, "after": after}
        )
    return previews
