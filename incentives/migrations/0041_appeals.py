import django.db.models.deletion
import django.utils.timezone
import incentives.models.appeals
import lib.identifiers
from django.conf import settings
from django.db import migrations, models

from tenancy.guards import AUTHOR, ROLE, GuardRows
from tenancy.kept_files import TellKeptFiles
from tenancy.operations import ADD, ENTERPRISE, READ, CompositeForeignKey, GuardTransitions, ProtectTable


TRANSITIONS = {
    "draft": ["submitted", "withdrawn"],
    "submitted": ["returned", "accepted", "declined", "withdrawn"],
    "returned": ["submitted", "accepted", "withdrawn"],
    "accepted": ["returned", "approved", "declined", "withdrawn"],
    "approved": [],
    "declined": ["submitted", "accepted"],
    "withdrawn": [],
}
BEFORE = {**TRANSITIONS, "declined": []}
# Within sixty days of the decision that stands, by somebody of the enterprise in their own name.
COMES_IN_TIME = f"""
{ROLE} = 'app_enterprise' AND NEW.filed_by_id = {AUTHOR} AND EXISTS (
    SELECT 1 FROM incentives_application AS application JOIN parks_park AS park ON park.id = application.park_id
    WHERE application.id = NEW.application_id AND application.state = 'declined'
      AND application.decided_at = NEW.decided_at
      AND (NEW.filed_at AT TIME ZONE park.time_zone)::date
          <= (application.decided_at AT TIME ZONE park.time_zone)::date + 60
)
"""  # noqa: S608 - of constants
RULED_ON_BY_ANOTHER = f"""
OLD.state = 'open' AND NEW.handled_by_id = {AUTHOR} AND NOT EXISTS (
    SELECT 1 FROM incentives_review AS review
    WHERE review.application_id = NEW.application_id AND review.decided_by_id = NEW.handled_by_id
)
"""  # noqa: S608 - of constants
IS_REOPENED = """
NEW.state <> 'upheld' OR NOT EXISTS (
    SELECT 1 FROM incentives_application AS application
    WHERE application.id = NEW.application_id AND application.state = 'declined'
      AND application.decided_at = NEW.decided_at
)
"""
WITH_ITS_APPEAL = f"""
EXISTS (
    SELECT 1 FROM incentives_appeal AS appeal
    WHERE appeal.id = NEW.appeal_id AND appeal.state = 'open' AND appeal.filed_by_id = {AUTHOR}
) AND NEW.uploaded_by_id = {AUTHOR} AND NEW.removed_at IS NULL
"""  # noqa: S608 - of constants
# As it was decided: whoever decides has written the review of this stage and round first.
REVIEWED_BEFORE = f"""
NEW.state = OLD.state AND NEW.stage = OLD.stage AND NEW.approved_cny IS NOT DISTINCT FROM OLD.approved_cny
OR NEW.state NOT IN ('returned', 'accepted', 'approved', 'declined') AND {ROLE} <> 'app_official'
OR NEW.state = 'accepted' AND OLD.state = 'returned' AND {ROLE} = 'app_enterprise'
OR EXISTS (
    SELECT 1 FROM incentives_review AS review
    WHERE review.park_id = NEW.park_id AND review.application_id = NEW.id AND review.round = NEW.round
      AND review.outcome = NEW.state AND review.stage = OLD.stage AND review.decided_by_id = {AUTHOR}
      AND review.amount_cny IS NOT DISTINCT FROM NEW.approved_cny
)
"""  # noqa: S608 - of constants
# What was declined is opened again by who has just upheld the appeal against that decision, and by nobody else.
REVIEWED = f"""
CASE WHEN OLD.state = 'declined' AND NEW.state <> 'declined' THEN
    {ROLE} = 'app_official' AND NEW.decided_at IS NULL AND EXISTS (
        SELECT 1 FROM incentives_appeal AS appeal
        WHERE appeal.park_id = NEW.park_id AND appeal.application_id = NEW.id AND appeal.decided_at = OLD.decided_at
          AND appeal.state = 'upheld' AND appeal.handled_by_id = {AUTHOR}
    )
ELSE {REVIEWED_BEFORE} END
"""  # noqa: S608 - of constants
TOLD = {
    "after": "UPDATE OF state, stage, approved_cny",
    "message": "who decides writes a review of this round first, with the amount",
}
WAS_REVIEWED = GuardRows("Application", "is_reviewed", condition=REVIEWED_BEFORE, **TOLD)
STATES_BEFORE = GuardTransitions(
    "Application", "state", "draft", BEFORE, by_enterprise=("submitted", "accepted", "withdrawn")
)
TABLE = "incentives_application"

# What an enterprise writes of the timeline itself.
OWN_STEPS = f"""
ALTER POLICY incentives_applicationstep_enterprise_insert ON incentives_applicationstep
    WITH CHECK (enterprise_id = {ENTERPRISE} AND NOT is_by_official
                AND kind IN ('started', 'submitted', 'resubmitted', 'withdrawn', 'agreed', 'appealed'));
"""

class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0028_stopped_imports'),
        ('incentives', '0040_agreements'),
        ('parks', '0015_names_in_the_trail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('decided_at', models.DateTimeField()),
                ('reasons', models.TextField(max_length=4000, verbose_name='reasons of the appeal')),
                ('filed_at', models.DateTimeField()),
                ('filed_by_name', models.CharField(max_length=120, verbose_name='filed by')),
                ('state', models.CharField(choices=[('open', 'Open'), ('upheld', 'Upheld'), ('dismissed', 'Dismissed')], default='open', max_length=20, verbose_name='appeal')),
                ('answer', models.TextField(blank=True, default='', max_length=4000, verbose_name='reasons')),
                ('handled_by_name', models.CharField(blank=True, default='', max_length=120)),
                ('handled_at', models.DateTimeField(null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='incentives.application')),
                ('enterprise', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise')),
                ('filed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
            ],
            options={
                'ordering': ['filed_at'],
            },
        ),
        migrations.CreateModel(
            name='AppealPaper',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('size_bytes', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('removed_at', models.DateTimeField(null=True)),
                ('file', models.FileField(max_length=200, upload_to=incentives.models.appeals.appeal_paper_path)),
                ('appeal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='incentives.appeal')),
                ('enterprise', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise')),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['uploaded_at', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='appeal',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['park', 'filed_at'], name='appeal_waiting'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.UniqueConstraint(fields=('park', 'id'), name='appeal_of_park'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.UniqueConstraint(fields=('park', 'enterprise', 'id'), name='appeal_of_enterprise'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.UniqueConstraint(fields=('park', 'application', 'decided_at'), name='appeal_once_a_decision'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('handled_at', None), ('handled_by', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('handled_at__isnull', False), ('handled_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='appeal_handled_with_reasons'),
        ),
        migrations.AddIndex(
            model_name='appealpaper',
            index=models.Index(fields=['park', 'appeal'], name='appeal_paper_list'),
        ),
        migrations.AddIndex(
            model_name='appealpaper',
            index=models.Index(fields=['file'], name='appeal_paper_file'),
        ),
        migrations.AddConstraint(
            model_name='appealpaper',
            constraint=models.UniqueConstraint(fields=('park', 'id'), name='appeal_paper_of_park'),
        ),
        *[
            migrations.RunSQL(list(was.backwards(TABLE)), list(was.forwards(TABLE)))
            for was in (WAS_REVIEWED, STATES_BEFORE)
        ],
        ProtectTable(
            "Appeal",
            officials=READ,
            enterprises=ADD,
            columns={"official": ("state", "answer", "handled_by_id", "handled_by_name", "handled_at")},
        ),
        ProtectTable("AppealPaper", officials=READ, enterprises=ADD),
        CompositeForeignKey(
            "Appeal", ("park_id", "enterprise_id", "application_id"), "Application", ("park_id", "enterprise_id", "id")
        ),
        CompositeForeignKey(
            "AppealPaper", ("park_id", "enterprise_id", "appeal_id"), "Appeal", ("park_id", "enterprise_id", "id")
        ),
        TellKeptFiles("AppealPaper"),
        GuardTransitions(
            "Application", "state", "draft", TRANSITIONS, by_enterprise=("submitted", "accepted", "withdrawn")
        ),
        GuardRows("Application", "is_reviewed", condition=REVIEWED, **TOLD),
        GuardTransitions("Appeal", "state", "open", {"open": ["upheld", "dismissed"], "upheld": [], "dismissed": []}),
        GuardRows(
            "Appeal",
            "comes_in_time",
            after="INSERT",
            condition=COMES_IN_TIME,
            message="an appeal is filed by the enterprise within sixty days of the decision",
        ),
        GuardRows(
            "Appeal",
            "four_eyes",
            after="UPDATE",
            condition=RULED_ON_BY_ANOTHER,
            message="who decided on an application rules on no appeal about it",
        ),
        GuardRows(
            "Appeal",
            "is_reopened",
            after="UPDATE OF state",
            condition=IS_REOPENED,
            message="an appeal that is upheld opens the application again",
            is_deferred=True,
        ),
        GuardRows(
            "AppealPaper",
            "with_its_appeal",
            after="INSERT",
            condition=WITH_ITS_APPEAL,
            message="papers come with an open appeal from who filed it",
        ),
        GuardRows(
            "AppealPaper",
            "lies_with_its_park",
            after="INSERT OR UPDATE OF file",
            condition="NEW.file LIKE 'parks/' || NEW.park_id || '/appeals/%'",
            message="a paper of an appeal lies with its park",
        ),
        migrations.RunSQL(OWN_STEPS, migrations.RunSQL.noop),
    ]
