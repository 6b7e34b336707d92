from __future__ import annotations


import django.db.models.deletion
import lib.identifiers
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incentives', '0031_clawbacks_protected'),
        ('parks', '0015_names_in_the_trail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='review',
            name='deputy_for',
            field=models.CharField(blank=True, default='', max_length=120, verbose_name='in place of'),
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('person_name', models.CharField(max_length=120)),
                ('role', models.CharField(choices=[('operator', 'Operator'), ('observer', 'Observer'), ('park_administrator', 'Park administrator'), ('reviewer', 'Reviewer'), ('expert', 'Expert'), ('approver', 'Approver'), ('finance_officer', 'Finance officer'), ('park_energy_manager', 'Energy manager of the park'), ('auditor', 'Auditor'), ('owner', 'Owner'), ('certifier', 'Certifier'), ('applicant', 'Applicant'), ('energy_manager', 'Energy manager')], max_length=20, verbose_name='role')),
                ('deputy_name', models.CharField(max_length=120)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('declared_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('deputy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-starts_at', 'id'],
                'indexes': [models.Index(fields=['park', 'deputy', 'ends_at'], name='absence_of_deputy')],
                'constraints': [models.UniqueConstraint(fields=('park', 'id'), name='absence_of_park'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='absence_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('person', models.F('deputy')), _negated=True), name='absence_names_somebody_else')],
            },
        ),
    ]
