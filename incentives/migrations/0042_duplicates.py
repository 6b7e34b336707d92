import django.db.models.deletion
import lib.identifiers
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incentives', '0041_appeals'),
        ('parks', '0015_names_in_the_trail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('document', 'Same file'), ('invoice', 'Invoice number'), ('serial', 'Serial number of equipment'), ('contract', 'Number of a project or contract'), ('project', 'Project')], max_length=20)),
                ('value', models.CharField(max_length=100)),
                ('shown', models.CharField(max_length=300)),
                ('place', models.CharField(blank=True, max_length=40)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='incentives.application')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incentives.applicationdocument')),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
            ],
            options={
                'indexes': [models.Index(fields=['park', 'kind', 'value', 'application'], name='claim_of_value')],
                'constraints': [models.UniqueConstraint(fields=('park', 'id'), name='claim_of_park'), models.UniqueConstraint(fields=('park', 'application', 'round', 'kind', 'value'), name='claim_once_in_a_round')],
            },
        ),
        migrations.CreateModel(
            name='Duplicate',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('evidence', models.JSONField(verbose_name='evidence')),
                ('found_at', models.DateTimeField()),
                ('gone_at', models.DateTimeField(null=True)),
                ('verdict', models.CharField(blank=True, choices=[('', 'Not answered'), ('same', 'The same is claimed twice'), ('different', 'Not the same')], default='', max_length=20, verbose_name='answer')),
                ('reason', models.TextField(blank=True, default='', max_length=4000, verbose_name='reason')),
                ('answered_by_name', models.CharField(blank=True, default='', max_length=120)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duplicates_in_later', to='incentives.application')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duplicates_of_earlier', to='incentives.application')),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
            ],
            options={
                'ordering': ['-found_at', '-id'],
                'indexes': [models.Index(fields=['park', 'later'], include=('verdict', 'gone_at'), name='duplicate_of_later'), models.Index(fields=['park', 'earlier'], include=('verdict', 'gone_at'), name='duplicate_of_earlier')],
                'constraints': [models.UniqueConstraint(fields=('park', 'id'), name='duplicate_of_park'), models.UniqueConstraint(condition=models.Q(('gone_at', None), ('verdict', '')), fields=('park', 'later', 'earlier'), name='duplicate_open_once'), models.CheckConstraint(condition=models.Q(('later__gt', models.F('earlier'))), name='duplicate_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', None), ('answered_by_name', ''), ('reason', ''), ('verdict', '')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('gone_at', None), models.Q(('verdict', ''), _negated=True), models.Q(('reason', ''), _negated=True), models.Q(('answered_by_name', ''), _negated=True)), _connector='OR'), name='duplicate_answered_in_full')],
            },
        ),
    ]
