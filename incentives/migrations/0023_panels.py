from __future__ import annotations


import django.contrib.postgres.fields
import django.db.models.deletion
import lib.identifiers
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incentives', '0022_form_fields'),
        ('parks', '0015_names_in_the_trail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='programme',
            name='criteria',
            field=models.JSONField(blank=True, default=list, verbose_name='criteria of the experts'),
        ),
        migrations.AddField(
            model_name='programme',
            name='panel_document_kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='documents shown to experts'),
        ),
        migrations.AddField(
            model_name='programmeversion',
            name='criteria',
            field=models.JSONField(blank=True, default=list, verbose_name='criteria of the experts'),
        ),
        migrations.AddField(
            model_name='programmeversion',
            name='panel_document_kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='documents shown to experts'),
        ),
        migrations.CreateModel(
            name='PanelSeat',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('expert_name', models.CharField(max_length=120)),
                ('round', models.PositiveSmallIntegerField()),
                ('assigned_at', models.DateTimeField()),
                ('scores', models.JSONField(blank=True, default=list, verbose_name='scores')),
                ('comment', models.TextField(blank=True, default='', max_length=4000, verbose_name='comment')),
                ('scored_at', models.DateTimeField(null=True)),
                ('conflict', models.TextField(blank=True, default='', max_length=1000, verbose_name='conflict of interest')),
                ('left_at', models.DateTimeField(null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='incentives.application')),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
            ],
            options={
                'ordering': ['assigned_at', 'id'],
                'indexes': [models.Index(fields=['park', 'expert', 'application'], name='panel_seat_of_expert')],
                'constraints': [models.UniqueConstraint(fields=('park', 'id'), name='panel_seat_of_park'), models.UniqueConstraint(fields=('park', 'application', 'round', 'expert'), name='panel_seat_once'), models.CheckConstraint(condition=models.Q(('scored_at', None), ('left_at', None), _connector='OR'), name='panel_seat_scored_or_left')],
            },
        ),
    ]
