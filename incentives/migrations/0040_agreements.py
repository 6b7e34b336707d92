import django.db.models.deletion
import django.utils.timezone
import incentives.models.agreements
import lib.identifiers
from django.conf import settings
from django.db import migrations, models

from tenancy.guards import AUTHOR, ROLE, GuardRows
from tenancy.kept_files import TellKeptFiles
from tenancy.operations import ADD, ENTERPRISE, CompositeForeignKey, ProtectTable


IN_ONES_OWN_NAME = f"""
NEW.uploaded_by_id = {AUTHOR} AND NEW.is_by_official = ({ROLE} = 'app_official') AND NEW.removed_at IS NULL AND EXISTS (
    SELECT 1 FROM incentives_award AS award WHERE award.id = NEW.award_id AND award.state = 'stands'
)
"""  # noqa: S608 - of constants
# Of a programme that asks for an agreement nothing becomes due before it is there.
IS_AGREED = """
NEW.state <> 'due' OR EXISTS (
    SELECT 1 FROM incentives_award AS award
    JOIN incentives_application AS application ON application.id = award.application_id
    JOIN incentives_programmeversion AS version ON version.id = application.programme_version_id
    WHERE award.id = NEW.award_id AND (
        NOT version.is_agreement_asked
        OR EXISTS (SELECT 1 FROM incentives_agreement AS agreement WHERE agreement.award_id = award.id)
    )
)
"""

# What an enterprise writes of the timeline itself.
OWN_STEPS = f"""
ALTER POLICY incentives_applicationstep_enterprise_insert ON incentives_applicationstep
    WITH CHECK (enterprise_id = {ENTERPRISE} AND NOT is_by_official
                AND kind IN ('started', 'submitted', 'resubmitted', 'withdrawn', 'agreed'));
"""

class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0028_stopped_imports'),
        ('incentives', '0039_letters_of_an_application'),
        ('parks', '0015_names_in_the_trail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='programme',
            name='is_agreement_asked',
            field=models.BooleanField(default=False, verbose_name='signed agreement before the first payment'),
        ),
        migrations.AddField(
            model_name='programmeversion',
            name='is_agreement_asked',
            field=models.BooleanField(default=False, verbose_name='signed agreement before the first payment'),
        ),
        migrations.AlterField(
            model_name='applicationstep',
            name='kind',
            field=models.CharField(choices=[('started', 'Draft started'), ('submitted', 'Submitted'), ('resubmitted', 'Resubmitted'), ('returned', 'Returned for changes'), ('accepted', 'Accepted as complete'), ('passed', 'Stage passed'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('noticed', 'On public notice'), ('stands', 'Award stands'), ('voided', 'Award void'), ('paid', 'Paid'), ('revoked', 'Award revoked'), ('returned_money', 'Money returned'), ('agreed', 'Agreement signed'), ('appealed', 'Appeal filed'), ('appeal_upheld', 'Appeal upheld'), ('appeal_dismissed', 'Appeal dismissed')], max_length=20),
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('size_bytes', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('removed_at', models.DateTimeField(null=True)),
                ('file', models.FileField(max_length=200, upload_to=incentives.models.agreements.agreement_path)),
                ('signed_on', models.DateField(verbose_name='signed on')),
                ('uploaded_by_name', models.CharField(max_length=120)),
                ('is_by_official', models.BooleanField()),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='incentives.award')),
                ('enterprise', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise')),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['uploaded_at'],
                'indexes': [models.Index(fields=['park', 'award'], name='agreement_list'), models.Index(fields=['file'], name='agreement_file')],
                'constraints': [models.UniqueConstraint(fields=('park', 'id'), name='agreement_of_park')],
            },
        ),
        ProtectTable("Agreement", officials=ADD, enterprises=ADD),
        CompositeForeignKey(
            "Agreement", ("park_id", "enterprise_id", "award_id"), "Award", ("park_id", "enterprise_id", "id")
        ),
        TellKeptFiles("Agreement"),
        GuardRows(
            "Agreement",
            "lies_with_its_park",
            after="INSERT OR UPDATE OF file",
            condition="NEW.file LIKE 'parks/' || NEW.park_id || '/agreements/%'",
            message="an agreement lies with its park",
        ),
        GuardRows(
            "Agreement",
            "in_ones_own_name",
            after="INSERT",
            condition=IN_ONES_OWN_NAME,
            message="an agreement belongs to an award that stands, and is added in the name of who sends it",
        ),
        GuardRows(
            "Instalment",
            "is_agreed",
            after="UPDATE OF state",
            condition=IS_AGREED,
            message="nothing is due before the agreement that the programme asks for",
        ),
        migrations.RunSQL(OWN_STEPS, migrations.RunSQL.noop),
    ]
