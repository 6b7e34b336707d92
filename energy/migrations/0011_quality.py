"""What is found wrong with readings, the rules of each channel, and what people decide of it."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import lib.identifiers
from django.conf import settings
from django.db import migrations, models

from tenancy.operations import ADD, READ, WRITE, CompositeForeignKey, ProtectTable


class Migration(migrations.Migration):

    dependencies = [
        ('energy', '0010_feed_sources'),
        ('enterprises', '0032_likely_employees'),
        ('parks', '0016_message_templates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadingIssue',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField(verbose_name='day')),
                ('rule', models.CharField(choices=[('missing', 'Readings are missing'), ('negative', 'Below the lowest value'), ('over_capacity', 'More than the meter can count'), ('spike', 'Single high values'), ('frozen', 'The value stands still'), ('zero', 'Zero where there always is some'), ('suspect', 'Doubted by its source')], max_length=20)),
                ('severity', models.CharField(choices=[('notice', 'Notice'), ('warning', 'Warning'), ('critical', 'Critical')], max_length=10)),
                ('state', models.CharField(choices=[('open', 'To decide'), ('asked', 'Asked again'), ('accepted', 'Accepted as it is'), ('estimated', 'Estimated'), ('edited', 'Edited by hand'), ('resolved', 'Settled by new readings')], default='open', max_length=10)),
                ('places', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                ('fingerprint', models.CharField(max_length=32)),
                ('round', models.PositiveIntegerField(default=1)),
                ('due_on', models.DateField(null=True)),
                ('found_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='energy.channel')),
                ('enterprise', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise')),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
            ],
            options={
                'ordering': ['-day', 'channel_id', 'rule'],
            },
        ),
        migrations.CreateModel(
            name='ReadingAct',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('kind', models.CharField(choices=[('accept', 'Accepted'), ('estimate', 'Estimated'), ('edit', 'Edited by hand'), ('ask', 'Asked again')], max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('methods', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None)),
                ('places', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), default=list, size=None)),
                ('before', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), default=list, size=None)),
                ('before_flags', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), default=list, size=None)),
                ('after', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), default=list, size=None)),
                ('by_name', models.CharField(max_length=120)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_by_name', models.CharField(blank=True, max_length=120)),
                ('undone_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='energy.channel')),
                ('enterprise', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise')),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
                ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issue', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='acts', to='energy.readingissue')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ChannelRule',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('rule', models.CharField(choices=[('missing', 'Readings are missing'), ('negative', 'Below the lowest value'), ('over_capacity', 'More than the meter can count'), ('spike', 'Single high values'), ('frozen', 'The value stands still'), ('zero', 'Zero where there always is some'), ('suspect', 'Doubted by its source')], max_length=20, verbose_name='rule')),
                ('is_on', models.BooleanField(default=True, verbose_name='applies')),
                ('severity', models.CharField(choices=[('notice', 'Notice'), ('warning', 'Warning'), ('critical', 'Critical')], max_length=10, verbose_name='severity')),
                ('threshold', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000)], verbose_name='threshold')),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='energy.channel')),
                ('enterprise', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise')),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('park', 'id'), name='channel_rule_of_park'), models.UniqueConstraint(fields=('park', 'channel', 'rule'), name='channel_rule_once')],
            },
        ),
        migrations.AddIndex(
            model_name='readingissue',
            index=models.Index(fields=['park', 'state', '-day'], name='reading_issue_list'),
        ),
        migrations.AddIndex(
            model_name='readingissue',
            index=models.Index(fields=['park', 'enterprise', 'state', '-day'], name='reading_issue_of_owner'),
        ),
        migrations.AddConstraint(
            model_name='readingissue',
            constraint=models.UniqueConstraint(fields=('park', 'id'), name='reading_issue_of_park'),
        ),
        migrations.AddConstraint(
            model_name='readingissue',
            constraint=models.UniqueConstraint(fields=('park', 'channel', 'day', 'rule'), name='reading_issue_once'),
        ),
        migrations.AddIndex(
            model_name='readingact',
            index=models.Index(fields=['park', 'issue', 'at'], name='reading_act_of_issue'),
        ),
        migrations.AddIndex(
            model_name='readingact',
            index=models.Index(condition=models.Q(('undone_at', None)), fields=['park', 'channel', 'day'], name='reading_act_standing'),
        ),
        migrations.AddConstraint(
            model_name='readingact',
            constraint=models.UniqueConstraint(fields=('park', 'id'), name='reading_act_of_park'),
        ),
        migrations.AddConstraint(
            model_name='readingact',
            constraint=models.CheckConstraint(condition=models.Q(('after__len', models.F('places__len')), ('before__len', models.F('places__len')), ('before_flags__len', models.F('places__len'))), name='reading_act_keeps_what_was'),
        ),
        ProtectTable("ChannelRule", officials=WRITE, enterprises=READ),
        # What is found comes and goes by thousands with the readings; what people decide of it is in the acts.
        ProtectTable("ReadingIssue", officials=WRITE, enterprises=READ, history=False),
        # Nothing of an act changes but that it is undone: what it replaced is never lost.
        ProtectTable(
            "ReadingAct",
            officials=ADD,
            enterprises=READ,
            columns={"official": ("undone_by_id", "undone_by_name", "undone_at")},
        ),
        *(
            CompositeForeignKey(model, ("park_id", "enterprise_id"), "enterprises.Enterprise")
            for model in ("ChannelRule", "ReadingIssue", "ReadingAct")
        ),
        *(
            CompositeForeignKey(model, ("park_id", "channel_id"), "Channel")
            for model in ("ChannelRule", "ReadingIssue", "ReadingAct")
        ),
        CompositeForeignKey("ReadingAct", ("park_id", "issue_id"), "ReadingIssue"),
    ]
