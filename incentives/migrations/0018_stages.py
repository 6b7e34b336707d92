from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

import incentives.models.programmes

# What waits when stages become data waits where the two stages of old had it. Nobody acted: no entry in the trail.
WAITING = """
ALTER TABLE incentives_application DISABLE TRIGGER USER;
UPDATE incentives_application SET stage = 'completeness', stage_role = 'reviewer' WHERE state IN ('submitted', 'returned');
UPDATE incentives_application SET stage = 'decision', stage_role = 'approver' WHERE state = 'accepted';
ALTER TABLE incentives_application ENABLE TRIGGER USER;
ALTER TABLE incentives_applicationstep DISABLE TRIGGER USER;
UPDATE incentives_applicationstep SET stage = 'completeness' WHERE kind IN ('returned', 'accepted');
UPDATE incentives_applicationstep AS step SET stage = 'decision' WHERE kind = 'approved';
UPDATE incentives_applicationstep AS step SET stage = review.stage FROM incentives_review AS review
    WHERE step.kind = 'declined' AND review.application_id = step.application_id AND review.outcome = 'declined';
ALTER TABLE incentives_applicationstep ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0017_eligibility_rules")]

    operations = [
        migrations.RemoveConstraint(
            model_name='review',
            name='review_once_a_round',
        ),
        migrations.RemoveConstraint(
            model_name='review',
            name='review_outcome_fits_stage',
        ),
        migrations.RemoveIndex(
            model_name='application',
            name='application_waiting',
        ),
        migrations.AddField(
            model_name='application',
            name='stage',
            field=models.CharField(blank=True, choices=[('completeness', 'Completeness check'), ('substantive', 'Substantive review'), ('panel', 'Expert panel'), ('financial', 'Financial check'), ('decision', 'Decision')], default='', max_length=20),
        ),
        migrations.AddField(
            model_name='application',
            name='stage_role',
            field=models.CharField(blank=True, choices=[('operator', 'Operator'), ('observer', 'Observer'), ('park_administrator', 'Park administrator'), ('reviewer', 'Reviewer'), ('expert', 'Expert'), ('approver', 'Approver'), ('finance_officer', 'Finance officer'), ('park_energy_manager', 'Energy manager of the park'), ('auditor', 'Auditor'), ('owner', 'Owner'), ('certifier', 'Certifier'), ('applicant', 'Applicant'), ('energy_manager', 'Energy manager')], default='', max_length=20),
        ),
        migrations.AddField(
            model_name='applicationstep',
            name='stage',
            field=models.CharField(blank=True, choices=[('completeness', 'Completeness check'), ('substantive', 'Substantive review'), ('panel', 'Expert panel'), ('financial', 'Financial check'), ('decision', 'Decision')], default='', max_length=20),
        ),
        migrations.AddField(
            model_name='programme',
            name='stages',
            field=models.JSONField(default=incentives.models.programmes.usual_stages, verbose_name='stages'),
        ),
        migrations.AddField(
            model_name='programmeversion',
            name='stages',
            field=models.JSONField(default=incentives.models.programmes.usual_stages, verbose_name='stages'),
        ),
        migrations.AddField(
            model_name='review',
            name='checks',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('invoices', 'Invoices agree with the investment claimed'), ('payments', 'Bank records show the payments'), ('not_paid_twice', 'No other public money was paid for the same investment'), ('account', 'The bank account belongs to the enterprise')], max_length=20), blank=True, default=list, size=None, verbose_name='compared'),
        ),
        migrations.AddField(
            model_name='review',
            name='message',
            field=models.TextField(blank=True, default='', max_length=4000, verbose_name='message to the enterprise'),
        ),
        migrations.AddField(
            model_name='review',
            name='proven_cny',
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name='investment proven (yuan)'),
        ),
        migrations.AddField(
            model_name='review',
            name='visit_findings',
            field=models.TextField(blank=True, default='', max_length=4000, verbose_name='what was seen'),
        ),
        migrations.AddField(
            model_name='review',
            name='visited_by',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='who went'),
        ),
        migrations.AddField(
            model_name='review',
            name='visited_on',
            field=models.DateField(null=True, verbose_name='visited on'),
        ),
        migrations.AddField(
            model_name='review',
            name='void_stages',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('completeness', 'Completeness check'), ('substantive', 'Substantive review'), ('panel', 'Expert panel'), ('financial', 'Financial check'), ('decision', 'Decision')], max_length=20), blank=True, default=list, size=None),
        ),
        migrations.AlterField(
            model_name='application',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Completeness check'), ('returned', 'Returned'), ('accepted', 'In review'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], default='draft', max_length=20),
        ),
        migrations.AlterField(
            model_name='applicationstep',
            name='kind',
            field=models.CharField(choices=[('started', 'Draft started'), ('submitted', 'Submitted'), ('resubmitted', 'Resubmitted'), ('returned', 'Returned for changes'), ('accepted', 'Accepted as complete'), ('passed', 'Stage passed'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], max_length=20),
        ),
        migrations.AlterField(
            model_name='review',
            name='stage',
            field=models.CharField(choices=[('completeness', 'Completeness check'), ('substantive', 'Substantive review'), ('panel', 'Expert panel'), ('financial', 'Financial check'), ('decision', 'Decision')], max_length=20),
        ),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
    ]
