from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from tenancy.guards import AUTHOR, ROLE, GuardRows

VETTED = (
    "'credit_code', 'name_zh', 'name_en', 'kind', 'industry_code', 'established_on', 'registered_capital',"
    " 'capital_currency', 'legal_representative', 'address'"
)
AUTHOR_NAME = "nullif(current_setting('app.author', true), '')::jsonb ->> 'name'"


def _is_author(column: str) -> str:
    """The worker acts for nobody in particular; a person only for themselves."""
    return f"NEW.{column} = coalesce({AUTHOR}, NEW.{column})"


# What is begun is empty of everything that only filing or a decision gives.
BEGUN = f"""
{ROLE} <> 'app_registrant'
OR NEW.state = 'draft' AND NEW.number = '' AND NEW.round = 0 AND NEW.submitted_at IS NULL AND NEW.due_at IS NULL
   AND NEW.decided_at IS NULL AND NEW.enterprise_id IS NULL AND NEW.registrant_name = {AUTHOR_NAME}
"""
TAKEN_BACK = "ARRAY['state', 'due_at', 'saved_at']"
# Of what is filed its registrant changes nothing, but may take it back; the receipt and the hour of the first filing
# stay, and a round is counted with each filing.
FILED_STAYS = f"""
{ROLE} <> 'app_registrant'
OR (OLD.state IN ('draft', 'returned') OR to_jsonb(NEW) - {TAKEN_BACK} = to_jsonb(OLD) - {TAKEN_BACK})
   AND NEW.revision >= OLD.revision
   AND NEW.round = OLD.round + (NEW.state = 'submitted' AND OLD.state <> 'submitted')::integer
   AND (NEW.number = OLD.number OR OLD.number = '' AND NEW.state = 'submitted')
   AND (NEW.submitted_at IS NOT DISTINCT FROM OLD.submitted_at
        OR OLD.submitted_at IS NULL AND NEW.state = 'submitted')
   AND (NEW.due_at IS NOT DISTINCT FROM OLD.due_at
        OR NEW.state = 'submitted' AND OLD.state <> 'submitted' AND NEW.due_at > NEW.submitted_at
        OR NEW.state = 'withdrawn' AND NEW.due_at IS NULL)
"""
JOINED_TO_ONE_THAT_LIVES = """
NEW.state <> 'joined' OR EXISTS (
    SELECT 1 FROM enterprises_enterprise AS joined
    WHERE joined.park_id = NEW.park_id AND joined.id = NEW.enterprise_id AND joined.status IN ('active', 'suspended'))
"""
# A step is told by who takes it, under their own name; each side takes its own.
OWN_NAME = f"{_is_author('by_id')} AND ({AUTHOR} IS NULL OR NEW.by_name = {AUTHOR_NAME})"
REGISTRATION_STEP = f"""
CASE {ROLE}
WHEN 'app_registrant' THEN {OWN_NAME} AND NOT NEW.is_by_official
    AND NEW.kind IN ('submitted', 'resubmitted', 'withdrawn')
WHEN 'app_official' THEN {OWN_NAME} AND NEW.is_by_official
    AND NEW.kind IN ('returned', 'approved', 'joined', 'rejected')
ELSE true END
"""
ENTERPRISE_STEP = f"""
CASE {ROLE}
WHEN 'app_enterprise' THEN {OWN_NAME} AND NOT NEW.is_by_official AND NEW.kind = 'handed_over'
WHEN 'app_official' THEN {OWN_NAME} AND NEW.is_by_official
ELSE true END
"""
REGISTRATION_FILE = f"""
{ROLE} NOT LIKE 'app\\_%'
OR NEW.file = concat_ws('/', 'parks', NEW.park_id, 'registrations', NEW.registration_id, NEW.id)
   AND NEW.removed_at IS NULL AND NEW.uploaded_by_id = {AUTHOR} AND EXISTS (
    SELECT 1 FROM enterprises_registration AS open
    WHERE open.park_id = NEW.park_id AND open.id = NEW.registration_id AND open.state IN ('draft', 'returned'))
"""  # noqa: S608 - of constants
# A document of an enterprise is a file of its own, or one that came with a registration of the same park.
ENTERPRISE_FILE = f"""
{ROLE} NOT LIKE 'app\\_%' OR NEW.removed_at IS NULL AND (
    NEW.file = concat_ws('/', 'parks', NEW.park_id, 'enterprises', NEW.enterprise_id, NEW.id)
    AND {_is_author("uploaded_by_id")}
    OR {ROLE} <> 'app_enterprise' AND EXISTS (
        SELECT 1 FROM enterprises_registrationpaper AS brought
        WHERE brought.park_id = NEW.park_id AND brought.file = NEW.file AND brought.sha256 = NEW.sha256))
"""  # noqa: S608 - of constants
REMOVED_STAYS = "OLD.removed_at IS NULL OR NEW.removed_at IS NOT DISTINCT FROM OLD.removed_at"
ONLY_VETTED = f"""
NEW.changes <> '{{}}' AND NOT EXISTS (
    SELECT 1 FROM jsonb_object_keys(NEW.changes) AS name WHERE name NOT IN ({VETTED}))
"""  # noqa: S608 - of constants
ASKED = f"""
{ROLE} <> 'app_enterprise'
OR {_is_author("requested_by_id")} AND ({AUTHOR} IS NULL OR NEW.requested_by_name = {AUTHOR_NAME})
   AND NEW.due_at > NEW.requested_at
   AND NEW.decided_by_id IS NULL AND NEW.decided_at IS NULL AND NEW.decision = ''
"""


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0013_likeness_of_common_names")]

    operations = [
        migrations.AddConstraint(
            "enterprise",
            models.CheckConstraint(
                condition=Q(website="") | Q(website__iregex="^https?://"), name="enterprise_website_is_of_the_web"
            ),
        ),
        GuardRows(
            "Registration", "is_begun", after="INSERT", condition=BEGUN, message="a registration begins as a draft"
        ),
        GuardRows(
            "Registration",
            "filed_stays",
            after="UPDATE",
            condition=FILED_STAYS,
            message="what is filed stays as it was filed",
        ),
        GuardRows(
            "Registration",
            "is_joined",
            after="UPDATE OF state",
            condition=JOINED_TO_ONE_THAT_LIVES,
            message="a registration is joined to an enterprise that is registered",
        ),
        GuardRows(
            "RegistrationStep",
            "own_name",
            after="INSERT",
            condition=REGISTRATION_STEP,
            message="a step is told by who takes it",
        ),
        GuardRows(
            "EnterpriseStep",
            "own_name",
            after="INSERT",
            condition=ENTERPRISE_STEP,
            message="a step is told by who takes it",
        ),
        GuardRows(
            "RegistrationPaper",
            "own_file",
            after="INSERT",
            condition=REGISTRATION_FILE,
            message="a document is a file of its registration",
        ),
        GuardRows(
            "EnterprisePaper",
            "own_file",
            after="INSERT",
            condition=ENTERPRISE_FILE,
            message="a document is a file of its enterprise",
        ),
        *[
            GuardRows(
                model,
                "removed_stays",
                after="UPDATE OF removed_at",
                condition=REMOVED_STAYS,
                message="a document that was removed stays removed",
            )
            for model in ("RegistrationPaper", "EnterprisePaper")
        ],
        GuardRows(
            "ChangeRequest",
            "only_vetted",
            after="INSERT OR UPDATE OF changes",
            condition=ONLY_VETTED,
            message="a request changes facts that the park has vetted",
        ),
        GuardRows(
            "ChangeRequest",
            "is_asked",
            after="INSERT",
            condition=ASKED,
            message="a request is made in the own name of who asks, and undecided",
        ),
    ]
