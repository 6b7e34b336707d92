"""The kinds of messages about registrations and registered enterprises, with the words of the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.messages import DEADLINE, DECISION, REASONS, Audience, Fact, Letters, MessageKind, register

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CHANGES = _("[Here follow the facts, as they were and as they are.]")
FACTS = {
    "number": Fact(_("number of the registration or the request"), "R-2026-0031"),
    "enterprise": Fact(_("name of the enterprise"), _("Chengguang Opto")),
    "registered": Fact(_("name under which it is registered"), _("Chengguang Opto")),
    "park": Fact(_("name of the park"), _("Torch Zone")),
    "by": Fact(_("who did it"), _("Wu Hao")),
    "roles": Fact(_("roles of the reader"), _("Applicant")),
    "name": Fact(_("name of the document"), "licence.pdf"),
    "day": Fact(_("last day of the document"), "2026-12-18"),
    "due": Fact(_("last day"), "2026-12-18"),
}
_kind = Letters("enterprises", FACTS).kind

REGISTRATION_RECEIVED = _kind(
    "registration_received",
    _("Registration received"),
    _("Registration %(number)s was received"),
    _(
        "The registration of %(enterprise)s in %(park)s was received under the number %(number)s. You will hear by "
        "%(due)s what the park has found."
    ),
    "number due",
    also="enterprise park by",
    audience=Audience.PERSON,
)
REGISTRATION_RETURNED = _kind(
    "registration_returned",
    _("Registration returned for corrections"),
    _("Registration %(number)s needs corrections"),
    _(
        "The registration of %(enterprise)s in %(park)s was returned. Correct what is named below and file it "
        "again by %(due)s."
    ),
    "number due",
    also="enterprise park",
    audience=Audience.PERSON,
    binding=DEADLINE,
    after=REASONS,
)
REGISTRATION_APPROVED = _kind(
    "registration_approved",
    _("Registration approved"),
    _("%(enterprise)s is registered in %(park)s"),
    _(
        "The registration %(number)s was approved. You are the owner of %(enterprise)s in the portal: you "
        "can invite colleagues, keep its facts up to date and apply under the programmes of the park."
    ),
    "enterprise number",
    also="park",
    audience=Audience.PERSON,
    binding=DECISION,
    after=REASONS,
)
REGISTRATION_JOINED = _kind(
    "registration_joined",
    _("Registration joined to an enterprise"),
    _("You can act for %(registered)s in %(park)s"),
    _(
        "%(registered)s is registered in %(park)s already. Your registration %(number)s was joined to it. Your "
        "roles: %(roles)s."
    ),
    "registered number roles",
    also="enterprise park",
    audience=Audience.PERSON,
    binding=DECISION,
    after=REASONS,
)
REGISTRATION_REJECTED = _kind(
    "registration_rejected",
    _("Registration rejected"),
    _("Registration %(number)s was rejected"),
    _("The registration of %(enterprise)s in %(park)s was rejected."),
    "number",
    also="enterprise park",
    audience=Audience.PERSON,
    binding=DECISION,
    after=REASONS,
)
_TO_CHECK = _("%(enterprise)s, filed by %(by)s. To be checked by %(due)s.")
OFFICIAL_REGISTRATION = _kind(
    "official_registration",
    _("Registration to check: filed"),
    _("Registration %(number)s waits for its check"),
    _TO_CHECK,
    "number due",
    also="enterprise park by",
    audience=Audience.OFFICIAL,
)
OFFICIAL_REGISTRATION_AGAIN = _kind(
    "official_registration_again",
    _("Registration to check: filed again"),
    _("Registration %(number)s was filed again"),
    _TO_CHECK,
    "number due",
    also="enterprise park by",
    audience=Audience.OFFICIAL,
)
OFFICIAL_REGISTRATION_WITHDRAWN = _kind(
    "official_registration_withdrawn",
    _("Registration withdrawn"),
    _("Registration %(number)s was withdrawn"),
    _("%(enterprise)s: the registration was withdrawn. Nothing is left to do."),
    "number",
    also="enterprise park by",
    audience=Audience.OFFICIAL,
    after=REASONS,
)
OFFICIAL_CHANGE = _kind(
    "official_change",
    _("Change request to decide"),
    _("%(number)s: %(enterprise)s asks for a change in the register"),
    _("%(by)s asks to change vetted facts of %(enterprise)s. A decision is due by %(due)s."),
    "number due",
    also="enterprise by",
    audience=Audience.OFFICIAL,
    after=REASONS,
)
CHANGE_APPROVED = _kind(
    "change_approved",
    _("Change request approved"),
    _("Change request %(number)s was approved"),
    _("The register now says of %(enterprise)s what you asked for."),
    "number",
    also="enterprise",
    audience=Audience.ENTERPRISE,
    after=REASONS,
)
CHANGE_REJECTED = _kind(
    "change_rejected",
    _("Change request rejected"),
    _("Change request %(number)s was rejected"),
    _("The register of %(enterprise)s stays as it was."),
    "number",
    also="enterprise",
    audience=Audience.ENTERPRISE,
    binding=DECISION,
    after=REASONS,
)


def _standing(name: str, label: StrOrPromise, subject: StrOrPromise, text: StrOrPromise) -> MessageKind:
    told = {"binding": DECISION, "after": REASONS}
    return _kind(
        name,
        label,
        subject,
        text,
        "enterprise",
        also="park",
        audience=Audience.ENTERPRISE,
        **told,
    )


SUSPENDED = _standing(
    "suspended",
    _("Enterprise suspended"),
    _("%(enterprise)s is suspended"),
    _(
        "The administration of %(park)s has suspended %(enterprise)s. Everything can be read; nothing can be "
        "changed or filed until the suspension is lifted."
    ),
)
RESUMED = _standing(
    "resumed",
    _("Suspension lifted"),
    _("%(enterprise)s can work again"),
    _("The administration of %(park)s has lifted the suspension of %(enterprise)s."),
)
DEREGISTERED = _standing(
    "deregistered",
    _("Enterprise deregistered"),
    _("%(enterprise)s is deregistered"),
    _(
        "The administration of %(park)s has ended the registration of %(enterprise)s. Nobody can act for it "
        "any more; what was done stays on record."
    ),
)
REGISTERED_AGAIN = _standing(
    "registered_again",
    _("Enterprise registered again"),
    _("%(enterprise)s is registered again"),
    _("The administration of %(park)s has registered %(enterprise)s again."),
)
CORRECTED = _kind(
    "corrected",
    _("The park has changed the register"),
    _("The park has changed what the register says of %(enterprise)s"),
    _(
        "%(by)s of %(park)s has changed what the register says of %(enterprise)s. If something is wrong now, ask the "
        "park to put it right."
    ),
    "enterprise",
    also="park by",
    audience=Audience.ENTERPRISE,
    after=CHANGES,
)
PAPER_EXPIRES = _kind(
    "paper_expires",
    _("Reminder: a document expires"),
    _("%(name)s expires on %(day)s"),
    _("A document of %(enterprise)s, “%(name)s”, is valid until %(day)s. Upload the new one before that."),
    "name day",
    also="enterprise",
    audience=Audience.ENTERPRISE,
)
PAPER_EXPIRED = _kind(
    "paper_expired",
    _("Reminder: a document has come to its last day"),
    _("%(name)s has come to its last day"),
    _("A document of %(enterprise)s, “%(name)s”, was valid until %(day)s. Upload the new one."),
    "name day",
    also="enterprise",
    audience=Audience.ENTERPRISE,
)
register(
    *(REGISTRATION_RECEIVED, REGISTRATION_RETURNED, REGISTRATION_APPROVED, REGISTRATION_JOINED, REGISTRATION_REJECTED),
    *(OFFICIAL_REGISTRATION, OFFICIAL_REGISTRATION_AGAIN, OFFICIAL_REGISTRATION_WITHDRAWN, OFFICIAL_CHANGE),
    *(CHANGE_APPROVED, CHANGE_REJECTED, SUSPENDED, RESUMED, DEREGISTERED, REGISTERED_AGAIN, CORRECTED),
    *(PAPER_EXPIRES, PAPER_EXPIRED),
)
