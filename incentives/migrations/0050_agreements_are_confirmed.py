from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenancy.guards import AUTHOR, ROLE, GuardRows
from tenancy.operations import PARK

# Of a programme that asks for an agreement nothing becomes due before the park stands behind one.
IS_AGREED = """
NEW.state <> 'due' OR EXISTS (
    SELECT 1 FROM incentives_award AS award
    JOIN incentives_application AS application ON application.id = award.application_id
    JOIN incentives_programmeversion AS version ON version.id = application.programme_version_id
    WHERE award.id = NEW.award_id AND (
        NOT version.is_agreement_asked
        OR EXISTS (
            SELECT 1 FROM incentives_agreement AS agreement
            WHERE agreement.award_id = award.id AND (agreement.is_by_official OR agreement.confirmed_at IS NOT NULL)
        )
    )
)
"""
IS_AGREED_BEFORE = IS_AGREED.replace(" AND (agreement.is_by_official OR agreement.confirmed_at IS NOT NULL)", "")
# Once, by an official in their own name.
CONFIRMED = f"""
CASE TG_OP
    WHEN 'INSERT' THEN NEW.confirmed_at IS NULL
    ELSE OLD.confirmed_at IS NULL AND NEW.confirmed_by_id = {AUTHOR} AND {ROLE} = 'app_official'
END
"""
OFFICIALS_CONFIRM = f"""
GRANT UPDATE (confirmed_at, confirmed_by_id, confirmed_by_name) ON incentives_agreement TO app_official;
CREATE POLICY incentives_agreement_official_update ON incentives_agreement FOR UPDATE TO app_official
    USING (park_id = {PARK}) WITH CHECK (park_id = {PARK});
"""
NOBODY_CONFIRMS = """
DROP POLICY incentives_agreement_official_update ON incentives_agreement;
REVOKE UPDATE (confirmed_at, confirmed_by_id, confirmed_by_name) ON incentives_agreement FROM app_official;
"""


def agreed(condition: str) -> GuardRows:
    return GuardRows(
        "Instalment",
        "is_agreed",
        after="UPDATE OF state",
        condition=condition,
        message="nothing is due before the agreement that the programme asks for",
    )


TABLE = "incentives_instalment"
BEFORE = agreed(IS_AGREED_BEFORE)


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0028_stopped_imports'),
        ('incentives', '0049_rulings_bar'),
        ('parks', '0016_message_templates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='agreement',
            name='confirmed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='agreement',
            name='confirmed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='agreement',
            name='confirmed_by_name',
            field=models.CharField(blank=True, default='', max_length=120),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None), ('confirmed_by_name', '')), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('is_by_official', False)), _connector='OR'), name='agreement_confirmed_by_somebody'),
        ),
        migrations.RunSQL(list(BEFORE.backwards(TABLE)), list(BEFORE.forwards(TABLE))),
        agreed(IS_AGREED),
        GuardRows(
            "Agreement",
            "confirmed_by_the_park",
            after="INSERT OR UPDATE OF confirmed_at, confirmed_by_id, confirmed_by_name",
            condition=CONFIRMED,
            message="an agreement is confirmed once, by an official in their own name",
        ),
        migrations.RunSQL(OFFICIALS_CONFIRM, NOBODY_CONFIRMS),
    ]
