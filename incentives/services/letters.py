"""The kinds of messages about applications, with the words of the portal.

Their facts are those of `incentives.services.mail`: of the step, as it was.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.messages import DEADLINE, DECISION, REASONS, Audience, Fact, Letters, MessageKind, register
from incentives.choices import StepKind
from incentives.services.award_words import AWARD_WORDS

FACTS = {
    "number": Fact(_("number of the application"), "EMC-2026-0012"),
    "project": Fact(_("title of the project"), _("Waste heat recovery, furnace 2")),
    "enterprise": Fact(_("name of the enterprise"), _("Chengguang Opto")),
    "by": Fact(_("who did it"), _("Wu Hao")),
    "stage": Fact(_("stage that is over"), _("Completeness check")),
    "waiting": Fact(_("stage it waits for"), _("Financial check")),
    "requested": Fact(_("amount asked for"), "¥420,000.00"),
    "approved": Fact(_("amount granted, paid or to be returned"), "¥400,000.00"),
    "due": Fact(_("last day"), "2026-12-18"),
    "case": Fact(_("number of the case on the panel"), "C-7K2M"),
    "programme": Fact(_("title of the programme"), _("Energy management contracts")),
    "count": Fact(_("how many there are"), "3"),
    "today": Fact(_("day of the letter"), "2026-11-23"),
    "reference": Fact(_("number of the objection"), "OBJ-4F0A91C2"),
}
LETTERS = Letters("incentives", FACTS, always=("number", "project", "enterprise"))
_kind = partial(LETTERS.kind, audience=Audience.ENTERPRISE, after=REASONS)

RECEIVED = _kind(
    "received",
    _("Application received"),
    _("Application %(number)s was received"),
    _(
        "Your application %(number)s, “%(project)s”, was received. You asked for %(requested)s. You "
        "will hear by %(due)s whether it is complete."
    ),
    "number due",
    also="requested by",
)
RETURNED = _kind(
    "returned",
    _("Application returned for corrections"),
    _("Application %(number)s needs corrections"),
    _(
        "Your application %(number)s, “%(project)s”, was returned. Correct the fields with comments and "
        "submit it again by %(due)s."
    ),
    "number due",
    also="by",
    binding=DEADLINE,
)
COMPLETE = _kind(
    "complete",
    _("Application complete, goes on"),
    _("Application %(number)s is complete"),
    _("Your application %(number)s, “%(project)s”, was found complete and goes on to its next stage."),
    "number",
)
COMPLETE_FOR_DECISION = _kind(
    "complete_for_decision",
    _("Application complete, waits for the decision"),
    _("Application %(number)s is complete"),
    _("Your application %(number)s, “%(project)s”, was found complete and now waits for the decision."),
    "number",
)
PASSED = _kind(
    "passed",
    _("Application has passed a stage"),
    _("Application %(number)s has passed a stage"),
    _("Your application %(number)s, “%(project)s”, has passed this stage: %(stage)s."),
    "number stage",
)
APPROVED = _kind(
    "approved",
    _("Application approved"),
    _("Application %(number)s was approved"),
    _("Your application %(number)s, “%(project)s”, was approved. Granted: %(approved)s."),
    "number approved",
    binding=DECISION,
)
DECLINED = _kind(
    "declined",
    _("Application declined"),
    _("Application %(number)s was declined"),
    _("Your application %(number)s, “%(project)s”, was declined."),
    "number",
    binding=DECISION,
)
WITHDRAWN = _kind(
    "withdrawn",
    _("Application withdrawn"),
    _("Application %(number)s was withdrawn"),
    _("The application %(number)s, “%(project)s”, was withdrawn by %(by)s."),
    "number by",
)
# Of a step without an amount or a day none is offered: it would be written as ¥0.00.
ALSO = {
    StepKind.NOTICED: "approved due",
    StepKind.STANDS: "approved",
    StepKind.VOIDED: "approved",
    StepKind.RETURNED_MONEY: "approved",
}
AFTERWARDS = {
    step: _kind(
        step.value,
        step.label,
        subject,
        text,
        "number approved" if step in {StepKind.PAID, StepKind.REVOKED} else "number",
        also=ALSO.get(step, ""),
        binding=DECISION if step in {StepKind.VOIDED, StepKind.REVOKED, StepKind.APPEAL_DISMISSED} else "",
    )
    for step, (subject, text) in AWARD_WORDS.items()
}
AGREEMENT_SENT = _kind(
    "agreement_sent",
    _("Agreement sent, waits for the park"),
    _("The agreement on the award for %(number)s was received"),
    _(
        "The park has received the signed agreement on the award for “%(project)s” (%(number)s). It counts when an"
        " official has confirmed it; you will be told."
    ),
    "number",
    also="by",
)

_TO_CHECK = _("%(enterprise)s: “%(project)s”, %(requested)s. The completeness check is due by %(due)s.")


def _for_official(name: str, label: Any, subject: Any, text: Any, required: str = "number due") -> MessageKind:
    also = "requested waiting by" if "due" in required else "by"
    return _kind(f"official_{name}", label, subject, text, required, also=also, audience=Audience.OFFICIAL)


OFFICIAL_CHECK = _for_official(
    "check", _("To check: filed"), _("%(number)s waits for the completeness check"), _TO_CHECK
)
OFFICIAL_RECHECK = _for_official("recheck", _("To check: filed again"), _("%(number)s was resubmitted"), _TO_CHECK)
OFFICIAL_STAGE = _for_official(
    "stage",
    _("To be looked at in a later stage"),
    _("%(number)s waits for you: %(waiting)s"),
    _("%(enterprise)s: “%(project)s”, %(requested)s. Due by %(due)s: %(waiting)s."),
)
OFFICIAL_DECISION = _for_official(
    "decision",
    _("To be decided"),
    _("%(number)s waits for a decision"),
    _("%(enterprise)s: “%(project)s”, %(requested)s. The application is complete. A decision is due by %(due)s."),
)
OFFICIAL_WITHDRAWN = _for_official(
    "withdrawn",
    _("Withdrawn by the enterprise"),
    _("%(number)s was withdrawn"),
    _("%(enterprise)s withdrew “%(project)s”. Nothing is left to do."),
    "number",
)
# A deadline runs with each, and its facts are those that it names.
_reminder = partial(Letters("incentives", FACTS).kind, binding=DEADLINE)
_of_notice = partial(
    Letters("incentives", FACTS | {"due": Fact(_("last day of the public notice"), "2026-12-18")}).kind,
    audience=Audience.OFFICIAL,
    binding=DEADLINE,
)
SEAT = _reminder(
    "seat",
    _("Seat on an expert panel"),
    _("Case %(case)s waits for your scores"),
    _(
        "You have a seat on an expert panel. Score case %(case)s by %(due)s. If you recognise the enterprise and have a"
        " tie to it, declare the conflict instead."
    ),
    "case due",
    audience=Audience.OFFICIAL,
)
_LIST = _("[Here follow the applications with their last days.]")
REMIND_RETURNED = _reminder(
    "remind_returned",
    _("Reminder: to be filed again"),
    _("Application %(number)s: file it again by %(due)s"),
    _(
        "Your application %(number)s, “%(project)s”, was returned and is not filed again yet. After %(due)s it can no "
        "longer be filed."
    ),
    "number due",
    audience=Audience.ENTERPRISE,
    also="project enterprise programme",
)
REMIND_DRAFT = _reminder(
    "remind_draft",
    _("Reminder: a window closes on a draft"),
    _("%(programme)s closes on %(due)s"),
    _(
        "You have begun an application under “%(programme)s” that is not filed yet: %(project)s. The programme takes "
        "applications until %(due)s; what is filed later is not accepted."
    ),
    "programme due",
    audience=Audience.ENTERPRISE,
    also="project enterprise",
)
REMIND_DUE = _reminder(
    "remind_due",
    _("Reminder: due within a working day"),
    _("Due within a working day: %(count)s"),
    _("These applications wait for you and are due by the end of the next working day, or over it already."),
    "count",
    audience=Audience.OFFICIAL,
    also="today",
    after=_LIST,
)
REMIND_SCORES = _reminder(
    "remind_scores",
    _("Reminder: scores due within a working day"),
    _("Scores due within a working day: %(count)s"),
    _("These cases wait for your scores and are due by the end of the next working day, or over it already."),
    "count",
    audience=Audience.OFFICIAL,
    also="today",
    after=_LIST,
)
OBJECTION_FILED = _of_notice(
    "objection_filed",
    _("Objection to an award"),
    _("Objection to the award for %(number)s"),
    _("Somebody has objected (%(reference)s). The award cannot stand before the objection is handled."),
    "number reference",
    also="due",
)
REMIND_OBJECTION = _of_notice(
    "remind_objection",
    _("Reminder: an objection holds up an award"),
    _("The award for %(number)s waits for its objection alone"),
    _("The public notice was over on %(due)s. Objection %(reference)s is still open and holds up the award."),
    "number reference",
    also="due",
)
APPEAL_FILED = _reminder(
    "appeal_filed",
    _("Appeal against a decision"),
    _("Appeal against the decision on %(number)s"),
    _(
        "%(enterprise)s has appealed against the decision that declined %(number)s, “%(project)s”. Somebody who did "
        "not decide on it rules by %(due)s."
    ),
    "number due",
    audience=Audience.OFFICIAL,
    also="project enterprise",
)
REMIND_APPEAL = _reminder(
    "remind_appeal",
    _("Reminder: an appeal waits for its ruling"),
    _("The appeal about %(number)s is to be ruled on by %(due)s"),
    _("The appeal of %(enterprise)s about %(number)s, “%(project)s”, is still open. Rule on it by %(due)s."),
    "number due",
    audience=Audience.OFFICIAL,
    also="project enterprise",
)
register(
    *(RECEIVED, RETURNED, COMPLETE, COMPLETE_FOR_DECISION, PASSED, APPROVED, DECLINED, WITHDRAWN),
    *AFTERWARDS.values(),
    AGREEMENT_SENT,
    *(OFFICIAL_CHECK, OFFICIAL_RECHECK, OFFICIAL_STAGE, OFFICIAL_DECISION, OFFICIAL_WITHDRAWN, SEAT),
    *(REMIND_RETURNED, REMIND_DRAFT, REMIND_DUE, REMIND_SCORES, OBJECTION_FILED, REMIND_OBJECTION),
    *(APPEAL_FILED, REMIND_APPEAL),
)
