import django.db.models.deletion
import django.utils.timezone
import incentives.models.awards
import lib.identifiers
from django.conf import settings
from django.db import migrations, models

from tenancy.guards import GuardRows
from tenancy.kept_files import TellKeptFiles
from tenancy.operations import PARK, READ, CompositeForeignKey, ProtectTable

# The public adds files of nobody's account, and nothing else.
OF_NOBODY = f"""
DROP POLICY incentives_objectionpaper_public_insert ON incentives_objectionpaper;
CREATE POLICY incentives_objectionpaper_public_insert ON incentives_objectionpaper FOR INSERT TO app_public
    WITH CHECK (park_id = {PARK} AND uploaded_by_id IS NULL AND removed_at IS NULL);
"""
WITH_ITS_OBJECTION = """
NEW.size_bytes <= 5242880 AND EXISTS (
    SELECT 1 FROM incentives_objection AS objection
    WHERE objection.id = NEW.objection_id AND objection.state = 'open' AND objection.filed_at = NEW.uploaded_at
) AND (SELECT count(*) FROM incentives_objectionpaper AS paper WHERE paper.objection_id = NEW.objection_id) <= 3
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incentives', '0044_steps_in_their_index'),
        ('parks', '0016_message_templates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ObjectionPaper',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('size_bytes', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('removed_at', models.DateTimeField(null=True)),
                ('file', models.FileField(max_length=200, upload_to=incentives.models.awards.objection_paper_path)),
                ('objection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='incentives.objection')),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['uploaded_at', 'id'],
                'indexes': [models.Index(fields=['park', 'objection'], name='objection_paper_list'), models.Index(fields=['file'], name='objection_paper_file')],
                'constraints': [models.UniqueConstraint(fields=('park', 'id'), name='objection_paper_of_park')],
            },
        ),
        ProtectTable("ObjectionPaper", officials=READ, public="INSERT"),
        migrations.RunSQL(OF_NOBODY, migrations.RunSQL.noop),
        CompositeForeignKey("ObjectionPaper", ("park_id", "objection_id"), "Objection"),
        TellKeptFiles("ObjectionPaper"),
        GuardRows(
            "ObjectionPaper",
            "with_its_objection",
            after="INSERT",
            condition=WITH_ITS_OBJECTION,
            message="papers come with their objection, few and small",
        ),
        GuardRows(
            "ObjectionPaper",
            "lies_with_its_park",
            after="INSERT OR UPDATE OF file",
            condition="NEW.file LIKE 'parks/' || NEW.park_id || '/objections/%'",
            message="a paper of an objection lies with its park",
        ),
    ]
