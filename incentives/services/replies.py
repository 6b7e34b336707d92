"""What an enterprise replies to the points of a return, and whether it changed what they are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.choices import ApplicationState
from incentives.form_fields import PREFIX
from incentives.models import Application, ApplicationDocument, FieldComment
from incentives.permissions import Act, explain_no_filing
from incentives.services.completeness import ANSWERS, document_field
from incentives.services.form_fields import is_answer
from incentives.services.ground import Invalid, StateChanged, lock_application, refuse_if, save_changes
from lib.text import said
from parks.actors import Actor

LONGEST_REPLY = 1000
NOTHING = "-"


def content_of(application: Application, field: str, documents: Iterable[ApplicationDocument]) -> str:
    """What stands in a field, or the marks of the files of a document, for a comparison; never empty."""
    if field in ANSWERS:
        return str(getattr(application, field) or NOTHING)
    if is_answer(field):
        return json.dumps(application.form_answers.get(field.removeprefix(PREFIX), NOTHING), ensure_ascii=False)
    return "\n".join(sorted(held.sha256 for held in documents if document_field(held.kind) == field)) or NOTHING


def is_unchanged(comment: FieldComment, application: Application, documents: Iterable[ApplicationDocument]) -> bool:
    """Whether there still stands what the reviewer objected to. What was not recorded counts as changed."""
    return comment.found == content_of(application, comment.field, documents)


@transaction.atomic
def reply_to_comments(
    actor: Actor, application: Application, *, replies: Mapping[str, str], now: datetime
) -> Application:
    """Keep a reply beside each point of the last return, by its field. Counts as a revision where one changed."""
    current = lock_application(application)
    refuse_if(explain_no_filing(actor, current, Act.PREPARE))
    if current.state != ApplicationState.RETURNED:
        raise StateChanged(_("Only the points of a returned application can be answered."))
    if any(len(reply) > LONGEST_REPLY for reply in replies.values()):
        raise Invalid(_("A reply has at most %(count)s characters.") % {"count": LONGEST_REPLY}, field="replies")
    changed = [
        comment
        for comment in FieldComment.objects.filter(application=current, round=current.round)
        if said(replies.get(comment.field, comment.answer)) != comment.answer
    ]
    for comment in changed:
        comment.answer = said(replies[comment.field])
        comment.save(update_fields=["answer"])
    if changed:
        save_changes(current, revision=current.revision + 1, saved_at=now)
    return current
