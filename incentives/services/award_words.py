"""What people of an enterprise are written about their award, by entry of the timeline."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from incentives.choices import StepKind

# Subject and text. The words they can use: `incentives.services.mail._words`.
AWARD_WORDS = {
    StepKind.NOTICED: (
        _("The award for %(number)s is on public notice"),
        _(
            "The award of %(approved)s for “%(project)s” (%(number)s) is on public notice until %(due)s. It stands"
            " after that day unless somebody objects."
        ),
    ),
    StepKind.STANDS: (
        _("The award for %(number)s stands"),
        _("The public notice is over: the award of %(approved)s for “%(project)s” (%(number)s) stands."),
    ),
    StepKind.AGREED: (
        _("The agreement on the award for %(number)s is signed"),
        _("The signed agreement on the award for “%(project)s” (%(number)s) is kept with the award."),
    ),
    StepKind.AGREEMENT_CONFIRMED: (
        _("The agreement on the award for %(number)s is confirmed"),
        _(
            "The park has confirmed the signed agreement on the award for “%(project)s” (%(number)s). It is kept with"
            " the award."
        ),
    ),
    StepKind.APPEALED: (
        _("Your appeal about %(number)s was received"),
        _("The park has received the appeal about “%(project)s” (%(number)s). Somebody else looks at it."),
    ),
    StepKind.APPEAL_UPHELD: (
        _("The appeal about %(number)s was upheld"),
        _("The appeal about “%(project)s” (%(number)s) was upheld: the application is decided on anew."),
    ),
    StepKind.APPEAL_DISMISSED: (
        _("The appeal about %(number)s was dismissed"),
        _("The appeal about “%(project)s” (%(number)s) was dismissed: the decision stays."),
    ),
    StepKind.PAID: (
        _("Paid: %(approved)s for %(number)s"),
        _("The treasury has paid %(approved)s of the award for “%(project)s” (%(number)s)."),
    ),
    StepKind.REVOKED: (
        _("The award for %(number)s was revoked"),
        _("The award for “%(project)s” (%(number)s) was revoked. To be returned, with interest: %(approved)s."),
    ),
    StepKind.RETURNED_MONEY: (
        _("Money of %(number)s came back"),
        _("The park has received %(approved)s back for “%(project)s” (%(number)s). Nothing is left to return."),
    ),
    StepKind.VOIDED: (
        _("The award for %(number)s is void"),
        _("An objection was upheld: the award of %(approved)s for “%(project)s” (%(number)s) is void."),
    ),
}
