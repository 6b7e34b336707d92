"""The audit trail in words: tables, columns and values as people of a park know them.

The trail holds what the database wrote, in its own names. Words come from the models where a form needed them anyway;
the rest is listed here. What nobody named is shown as it is rather than not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import User
from lib import formatting
from lib.templatetags.ui import local_time

TABLES: dict[str, Any] = {
    "parks_park": gettext_lazy("Park"),
    "parks_membership": gettext_lazy("Membership"),
    "accounts_user": gettext_lazy("Person"),
    "parks_calendaryear": gettext_lazy("Year of the working days"),
    "parks_calendarday": gettext_lazy("Day of the working days"),
    "parks_invitation": gettext_lazy("Invitation"),
    "parks_supportsession": gettext_lazy("Support session"),
    "parks_apikey": gettext_lazy("API key"),
    "enterprises_enterprise": gettext_lazy("Enterprise"),
    "parks_savedview": gettext_lazy("Saved view"),
    "parks_messagetemplate": gettext_lazy("Words of a message"),
    "enterprises_declaredinterest": gettext_lazy("Declared interest"),
    "enterprises_site": gettext_lazy("Site"),
    "enterprises_enterprisepaper": gettext_lazy("Document of an enterprise"),
    "enterprises_enterpriselabel": gettext_lazy("Label"),
    "enterprises_enterprisestep": gettext_lazy("Timeline entry of an enterprise"),
    "enterprises_registration": gettext_lazy("Registration"),
    "enterprises_unfiledanswers": gettext_lazy("Answers not filed yet"),
    "enterprises_registrationpaper": gettext_lazy("Document of a registration"),
    "enterprises_registrationstep": gettext_lazy("Timeline entry of a registration"),
    "enterprises_registrationremark": gettext_lazy("Comment on a registration"),
    "enterprises_changerequest": gettext_lazy("Change request"),
    "enterprises_registerimport": gettext_lazy("Import into the register"),
    "incentives_programme": gettext_lazy("Programme"),
    "incentives_programmeversion": gettext_lazy("Published programme"),
    "incentives_application": gettext_lazy("Application"),
    "incentives_applicationdocument": gettext_lazy("Document"),
    "incentives_applicationstep": gettext_lazy("Timeline entry"),
    "incentives_signedfiling": gettext_lazy("What was signed"),
    "incentives_fieldcomment": gettext_lazy("Comment on a field"),
    "incentives_review": gettext_lazy("Review"),
    "incentives_absence": gettext_lazy("Absence"),
    "incentives_panelseat": gettext_lazy("Seat on an expert panel"),
    "incentives_numberseries": gettext_lazy("Series of numbers"),
    "incentives_award": gettext_lazy("Award"),
    "incentives_instalment": gettext_lazy("Planned payment"),
    "incentives_payment": gettext_lazy("Payment"),
    "incentives_clawback": gettext_lazy("Clawback"),
    "incentives_agreement": gettext_lazy("Agreement"),
    "incentives_appeal": gettext_lazy("Appeal"),
    "incentives_appealpaper": gettext_lazy("Document of an appeal"),
    "incentives_dossier": gettext_lazy("Dossier"),
    "incentives_duplicate": gettext_lazy("Claimed twice"),
    "incentives_claim": gettext_lazy("Claim compared with others"),
    "incentives_notice": gettext_lazy("Public notice"),
    "incentives_noticeline": gettext_lazy("Line of a public notice"),
    "incentives_objection": gettext_lazy("Objection"),
    "incentives_objectionpaper": gettext_lazy("Document of an objection"),
    "incentives_budgetyear": gettext_lazy("Budget year"),
    "incentives_ledgerentry": gettext_lazy("Ledger entry"),
    "energy_meter": gettext_lazy("Meter"),
    "energy_channel": gettext_lazy("Channel of a meter"),
    "energy_submeter": gettext_lazy("Place of a meter below another"),
    "energy_asset": gettext_lazy("Energy asset"),
    "energy_assetchannel": gettext_lazy("Measurement of an asset"),
    "energy_assetmember": gettext_lazy("Member of a microgrid"),
    "energy_channelformula": gettext_lazy("Formula of a channel"),
    "energy_feed": gettext_lazy("Feed of readings"),
    "energy_readingimport": gettext_lazy("Import of readings"),
    "energy_importundo": gettext_lazy("Undoing of an import of readings"),
    "energy_tariff": gettext_lazy("Tariff"),
    "energy_tariffversion": gettext_lazy("Version of a tariff"),
    "energy_tariffassignment": gettext_lazy("Tariff of a channel"),
    "energy_channelrule": gettext_lazy("Check of a channel"),
    "energy_readingact": gettext_lazy("Decision on readings"),
}
COLUMNS: dict[str, Any] = {
    "asset_id": gettext_lazy("asset"),
    "member_id": gettext_lazy("member"),
    "microgrid_id": gettext_lazy("microgrid"),
    "accepted_at": gettext_lazy("accepted"),
    "account": gettext_lazy("account"),
    "address": gettext_lazy("address"),
    "after": gettext_lazy("afterwards"),
    "amount_cny": gettext_lazy("amount (yuan)"),
    "answer": gettext_lazy("answer"),
    "answered_at": gettext_lazy("answered"),
    "answered_by_id": gettext_lazy("answered by"),
    "answered_by_name": gettext_lazy("answered by (name)"),
    "answers": gettext_lazy("answers"),
    "appeal_id": gettext_lazy("appeal"),
    "application_id": gettext_lazy("application"),
    "appropriated_cny": gettext_lazy("appropriated (yuan)"),
    "approved_cny": gettext_lazy("approved (yuan)"),
    "are_updates_wanted": gettext_lazy("changes what is registered"),
    "assigned_at": gettext_lazy("given"),
    "at": gettext_lazy("time"),
    "award_id": gettext_lazy("award"),
    "beat_at": gettext_lazy("worker last seen"),
    "before": gettext_lazy("beforehand"),
    "before_flags": gettext_lazy("worth of the readings before"),
    "budget_cny": gettext_lazy("budget (yuan)"),
    "budget_year_id": gettext_lazy("budget year"),
    "by_id": gettext_lazy("by (person)"),
    "by_name": gettext_lazy("by"),
    "changes": gettext_lazy("changes"),
    "chunks_done": gettext_lazy("parts done"),
    "clawed_back_cny": gettext_lazy("clawed back (yuan)"),
    "closed_at": gettext_lazy("closed"),
    "code": gettext_lazy("code"),
    "comment": gettext_lazy("comment"),
    "committed_cny": gettext_lazy("committed (yuan)"),
    "compared_at": gettext_lazy("compared with others"),
    "condition_en": gettext_lazy("condition in English"),
    "condition_zh": gettext_lazy("condition in Chinese"),
    "confirmed_at": gettext_lazy("confirmed"),
    "confirmed_by_id": gettext_lazy("confirmed by"),
    "confirmed_by_name": gettext_lazy("confirmed by (name)"),
    "content": gettext_lazy("content"),
    "content_type": gettext_lazy("file type"),
    "created": gettext_lazy("created"),
    "created_at": gettext_lazy("created"),
    "daily_at": gettext_lazy("time of the day"),
    "day": gettext_lazy("day"),
    "decided_at": gettext_lazy("decided"),
    "decided_by_id": gettext_lazy("decided by"),
    "decided_by_name": gettext_lazy("decided by (name)"),
    "decision": gettext_lazy("decision"),
    "declared_at": gettext_lazy("declared"),
    "deputy_id": gettext_lazy("deputy"),
    "deputy_name": gettext_lazy("deputy (name)"),
    "document_id": gettext_lazy("document"),
    "due_at": gettext_lazy("due"),
    "earlier_id": gettext_lazy("earlier application"),
    "ended_at": gettext_lazy("ended"),
    "ends_at": gettext_lazy("ends"),
    "enterprise_id": gettext_lazy("enterprise"),
    "enterprise_name_en": gettext_lazy("enterprise in English"),
    "enterprise_name_zh": gettext_lazy("enterprise in Chinese"),
    "every_minutes": gettext_lazy("fetched every (minutes)"),
    "evidence_id": gettext_lazy("evidence"),
    "expert_id": gettext_lazy("expert"),
    "expert_name": gettext_lazy("expert (name)"),
    "expires_at": gettext_lazy("expires"),
    "expiry": gettext_lazy("expires"),
    "failure": gettext_lazy("failure"),
    "failure_line": gettext_lazy("line of the failure"),
    "feed_id": gettext_lazy("feed"),
    "field": gettext_lazy("field"),
    "file": gettext_lazy("file"),
    "file_pattern": gettext_lazy("names of the files"),
    "filed_by_id": gettext_lazy("filed by (person)"),
    "filed_at": gettext_lazy("filed"),
    "filed_with": gettext_lazy("filed with round"),
    "finished_at": gettext_lazy("finished"),
    "first_day": gettext_lazy("first day"),
    "found": gettext_lazy("found"),
    "found_at": gettext_lazy("discovered"),
    "given_at": gettext_lazy("given"),
    "given_by_id": gettext_lazy("given by"),
    "given_by_name": gettext_lazy("given by (name)"),
    "gone_at": gettext_lazy("evidence gone"),
    "handled_at": gettext_lazy("handled"),
    "handled_by_id": gettext_lazy("handled by"),
    "handled_by_name": gettext_lazy("handled by (name)"),
    "headings": gettext_lazy("columns of the file"),
    "host_key": gettext_lazy("fingerprint of the host key"),
    "id": gettext_lazy("identifier"),
    "inputs": gettext_lazy("worked out from"),
    "instalment_id": gettext_lazy("planned payment"),
    "interest_cny": gettext_lazy("interest (yuan)"),
    "invited_by_id": gettext_lazy("invited by"),
    "invited_by_name": gettext_lazy("invited by (name)"),
    "is_active": gettext_lazy("active"),
    "is_by_official": gettext_lazy("by an official"),
    "is_cancel_asked": gettext_lazy("to be cancelled"),
    "is_code_confirmed": gettext_lazy("code confirmed"),
    "is_enterprise_suspended": gettext_lazy("enterprise suspended"),
    "is_for_sending": gettext_lazy("only to send readings"),
    "is_legal_representative": gettext_lazy("registers it in person"),
    "is_paused": gettext_lazy("paused"),
    "is_traced": gettext_lazy("can be undone"),
    "is_working": gettext_lazy("working day"),
    "issue_id": gettext_lazy("issue"),
    "kind": gettext_lazy("kind"),
    "last_day": gettext_lazy("last day"),
    "last_fetch_at": gettext_lazy("last fetched"),
    "last_file_at": gettext_lazy("last file"),
    "last_number": gettext_lazy("last number"),
    "last_problem": gettext_lazy("last problem"),
    "last_trace": gettext_lazy("last chunk put back"),
    "last_used_on": gettext_lazy("last used"),
    "later_id": gettext_lazy("later application"),
    "left_at": gettext_lazy("left"),
    "left_out_from": gettext_lazy("left out from round"),
    "line_id": gettext_lazy("line of the notice"),
    "mapping": gettext_lazy("matching of the columns"),
    "membership_id": gettext_lazy("membership"),
    "merged_into_id": gettext_lazy("merged into"),
    "meter_id": gettext_lazy("meter"),
    "channel_id": gettext_lazy("channel of a meter"),
    "taken_up": gettext_lazy("times given to another worker"),
    "tariff_id": gettext_lazy("tariff"),
    "head_id": gettext_lazy("head meter"),
    "method": gettext_lazy("method"),
    "methods": gettext_lazy("ways of estimation"),
    "name": gettext_lazy("name"),
    "next_fetch_at": gettext_lazy("next fetch"),
    "notice_id": gettext_lazy("notice"),
    "number": gettext_lazy("number"),
    "objection_id": gettext_lazy("objection"),
    "opened_at": gettext_lazy("opened"),
    "operator_id": gettext_lazy("operator"),
    "operator_name": gettext_lazy("operator (name)"),
    "outcome": gettext_lazy("outcome"),
    "page": gettext_lazy("page"),
    "paid_cny": gettext_lazy("paid (yuan)"),
    "park_id": gettext_lazy("park"),
    "person_id": gettext_lazy("person"),
    "person_name": gettext_lazy("person (name)"),
    "place": gettext_lazy("place"),
    "places": gettext_lazy("intervals"),
    "principal_cny": gettext_lazy("principal (yuan)"),
    "programme_id": gettext_lazy("programme"),
    "programme_version_id": gettext_lazy("published programme"),
    "published_at": gettext_lazy("published"),
    "query": gettext_lazy("filter"),
    "reading": gettext_lazy("how the file is read"),
    "reading_import_id": gettext_lazy("import of readings"),
    "readings_kept": gettext_lazy("readings settled since"),
    "readings_read": gettext_lazy("readings read"),
    "readings_rejected": gettext_lazy("rejected readings"),
    "readings_restored": gettext_lazy("readings as before"),
    "readings_stored": gettext_lazy("stored readings"),
    "readings_unchanged": gettext_lazy("unchanged readings"),
    "recorded_at": gettext_lazy("recorded"),
    "recorded_by_id": gettext_lazy("recorded by"),
    "recorded_by_name": gettext_lazy("recorded by (name)"),
    "region": gettext_lazy("region"),
    "register_import_id": gettext_lazy("import"),
    "registrant_id": gettext_lazy("registrant"),
    "registrant_name": gettext_lazy("registrant (name)"),
    "registration_id": gettext_lazy("registration"),
    "rejected_by_rule": gettext_lazy("rejected readings by rule"),
    "reminded_for": gettext_lazy("reminded (days before)"),
    "removed_at": gettext_lazy("removed"),
    "requested_at": gettext_lazy("requested"),
    "requested_by_id": gettext_lazy("requested by"),
    "requested_by_name": gettext_lazy("requested by (name)"),
    "replaced_at": gettext_lazy("replaced"),
    "replaced_by_name": gettext_lazy("replaced by (name)"),
    "request_key": gettext_lazy("request"),
    "requested_cny": gettext_lazy("requested (yuan)"),
    "reserved_cny": gettext_lazy("reserved (yuan)"),
    "returned_cny": gettext_lazy("returned (yuan)"),
    "revision": gettext_lazy("revision"),
    "revoked_at": gettext_lazy("revoked"),
    "revoked_by_id": gettext_lazy("revoked by"),
    "revoked_by_name": gettext_lazy("revoked by (name)"),
    "roles": gettext_lazy("roles"),
    "round": gettext_lazy("round"),
    "rows_checked": gettext_lazy("rows checked"),
    "rows_done": gettext_lazy("rows imported"),
    "rows_new": gettext_lazy("new rows"),
    "rows_rejected": gettext_lazy("rejected rows"),
    "rows_to_confirm": gettext_lazy("codes to be confirmed"),
    "rows_total": gettext_lazy("rows"),
    "rows_unchanged": gettext_lazy("unchanged rows"),
    "rows_updated": gettext_lazy("updated rows"),
    "sample": gettext_lazy("first rows"),
    "saved_at": gettext_lazy("saved"),
    "scored_at": gettext_lazy("scored"),
    "secret_set_at": gettext_lazy("secret set"),
    "sender": gettext_lazy("sender (mark)"),
    "sent_at": gettext_lazy("sent"),
    "series": gettext_lazy("series"),
    "sha256": gettext_lazy("digest of the file (SHA-256)"),
    "share_done": gettext_lazy("share done"),
    "shown": gettext_lazy("as written"),
    "signed_at": gettext_lazy("signed at"),
    "signed_by_id": gettext_lazy("signed by"),
    "signed_by_name": gettext_lazy("signed by"),
    "silence_told_at": gettext_lazy("silence told"),
    "silent_after_hours": gettext_lazy("tell of silence after (hours)"),
    "sites": gettext_lazy("sites"),
    "size_bytes": gettext_lazy("size (bytes)"),
    "source": gettext_lazy("source"),
    "stage": gettext_lazy("stage"),
    "stage_role": gettext_lazy("who acts"),
    "stands_at": gettext_lazy("stands since"),
    "started_at": gettext_lazy("started"),
    "started_by_id": gettext_lazy("started by"),
    "starts_at": gettext_lazy("starts"),
    "state": gettext_lazy("state"),
    "status": gettext_lazy("status"),
    "status_changed_at": gettext_lazy("status changed"),
    "subject": gettext_lazy("subject"),
    "submitted_at": gettext_lazy("submitted"),
    "text": gettext_lazy("text"),
    "title_en": gettext_lazy("title in English"),
    "title_zh": gettext_lazy("title in Chinese"),
    "token_digest": gettext_lazy("secret of the link"),
    "token_key": gettext_lazy("beginning of the key"),
    "undone_at": gettext_lazy("undone"),
    "undone_by_id": gettext_lazy("undone by"),
    "undone_by_name": gettext_lazy("undone by (name)"),
    "updated_at": gettext_lazy("last changed"),
    "uploaded_at": gettext_lazy("uploaded"),
    "uploaded_by_id": gettext_lazy("uploaded by"),
    "uploaded_by_name": gettext_lazy("uploaded by (name)"),
    "user_id": gettext_lazy("person"),
    "value": gettext_lazy("as compared"),
    "void_stages": gettext_lazy("stages to look again"),
    "waits_since": gettext_lazy("waits for files since"),
    "working_days": gettext_lazy("working days"),
    "written_at": gettext_lazy("written"),
    "written_by_name": gettext_lazy("written by (name)"),
}
SECRET = frozenset({"token_digest"})
# What a person would call the row by, in this order.
NAMES_OF_ROWS = ("number", "email", "project_title", "name", "title", "code", "field", "series", "page")


@cache
def _fields(table: str) -> dict[str, models.Field[Any, Any]]:
    """The fields of a table by column; empty where no model has it any more."""
    found = (model for model in apps.get_models() if model._meta.db_table == table)
    return {str(field.column): field for model in found for field in model._meta.concrete_fields}


@cache
def places_of(table: str) -> dict[str, int]:
    """The columns of a table, each with its place in the order of its model."""
    return {column: place for place, column in enumerate(_fields(table))}


def table_word(table: str) -> str:
    return str(TABLES.get(table, table))


def table_choices() -> list[tuple[str, str]]:
    """Every table in words, in the order of the words."""
    return sorted(((table, str(word)) for table, word in TABLES.items()), key=lambda choice: choice[1])


def column_word(table: str, column: str) -> str:
    """The model's own word where it was given one, else the list's, else the column itself."""
    return _column_word(table, column, get_language())


# A file of the trail asks for the same few hundred words ten thousand times.
@lru_cache(maxsize=4_000)
def _column_word(table: str, column: str, _language: str | None) -> str:
    field = _fields(table).get(column)
    if field is not None and isinstance(field.verbose_name, Promise):
        return str(field.verbose_name)
    return str(COLUMNS.get(column, column))


def names_person(table: str, column: str) -> bool:
    """Whether the column refers to a person."""
    field = _fields(table).get(column)
    return field is not None and field.related_model is User


def value_words(table: str, column: str, value: Any) -> str:
    """A value as the trail holds it, in words: choices by their label, instants with their zone, lists by commas."""
    if value is None or value == "":
        return formatting.NOTHING
    if column in SECRET:
        return _("not shown")
    field = _fields(table).get(column)
    if isinstance(value, list):
        base = getattr(field, "base_field", None)
        return _(", ").join(_plain(base, item) for item in value) or formatting.NOTHING
    return _plain(field, value)


def _plain(field: models.Field[Any, Any] | None, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = _choices(field, get_language()) if field else None
    if choices:
        return choices.get(value, str(value))
    if isinstance(field, models.DateTimeField) and isinstance(value, str):
        moment = parse_datetime(value)
        return local_time(moment, "compact") if moment else value
    if isinstance(field, models.DecimalField):
        return formatting.number(value, field.decimal_places)
    return str(value)


@lru_cache(maxsize=2_000)
def _choices(field: models.Field[Any, Any], _language: str | None) -> dict[Any, str]:
    """The words of a field's choices; empty where it has none."""
    choices = field.flatchoices or getattr(field.model, "choices_in_trail", {}).get(field.name) or ()
    return {value: str(label) for value, label in choices}


def row_name(row: Mapping[str, Any]) -> str:
    """What a person would call the row, as far as these columns tell; "" when they do not."""
    return next((str(row[name]) for name in _naming() if row.get(name)), "")


def name_columns(table: str) -> list[str]:
    """The columns of a table that a row can be called by."""
    return [name for name in _naming() if name in _fields(table)]


def _naming() -> list[str]:
    suffixes = ("zh", "en") if formatting.speaks_chinese() else ("en", "zh")
    return [name for stem in NAMES_OF_ROWS for name in (*(f"{stem}_{suffix}" for suffix in suffixes), stem)]
