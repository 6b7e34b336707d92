import datetime as dt
import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import lib.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('energy', '0007_confirmed_meters'),
        ('enterprises', '0032_likely_employees'),
        ('parks', '0016_message_templates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tariff',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=60, verbose_name='clock of the tariff')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='TariffAssignment',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('starts_on', models.DateField(validators=[django.core.validators.MinValueValidator(dt.date(1990, 1, 1), 'Enter a day of the years 1990 to 2099.'), django.core.validators.MaxValueValidator(dt.date(2099, 12, 31), 'Enter a day of the years 1990 to 2099.')], verbose_name='charged from')),
                ('ends_on', models.DateField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(dt.date(1990, 1, 1), 'Enter a day of the years 1990 to 2099.'), django.core.validators.MaxValueValidator(dt.date(2099, 12, 31), 'Enter a day of the years 1990 to 2099.')], verbose_name='charged until')),
                ('charge_basis', models.CharField(choices=[('none', 'None: a one-part tariff'), ('demand', 'Highest demand of the month'), ('capacity', 'Transformer capacity')], default='none', max_length=10, verbose_name='second part')),
                ('capacity_kva', models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='transformer capacity (kVA)')),
                ('power_factor_standard', models.CharField(blank=True, choices=[('0.90', '0.90'), ('0.85', '0.85'), ('0.80', '0.80')], max_length=4, verbose_name='power factor standard')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='energy.channel')),
                ('enterprise', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise')),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
                ('tariff', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='energy.tariff')),
            ],
            options={
                'ordering': ['starts_on'],
            },
        ),
        migrations.CreateModel(
            name='TariffVersion',
            fields=[
                ('id', models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_force', 'In force'), ('replaced', 'Replaced')], default='draft', max_length=10)),
                ('starts_on', models.DateField(validators=[django.core.validators.MinValueValidator(dt.date(1990, 1, 1), 'Enter a day of the years 1990 to 2099.'), django.core.validators.MaxValueValidator(dt.date(2099, 12, 31), 'Enter a day of the years 1990 to 2099.')], verbose_name='valid from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='valid until')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='source')),
                ('price_sharp', models.DecimalField(blank=True, decimal_places=6, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='price at sharp peak')),
                ('price_peak', models.DecimalField(blank=True, decimal_places=6, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='price at peak')),
                ('price_flat', models.DecimalField(blank=True, decimal_places=6, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='price at flat')),
                ('price_valley', models.DecimalField(blank=True, decimal_places=6, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='price in the valley')),
                ('price_deep', models.DecimalField(blank=True, decimal_places=6, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='price in the deep valley')),
                ('levy_per_kwh', models.DecimalField(blank=True, decimal_places=6, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='funds and levies')),
                ('demand_price_per_kw', models.DecimalField(blank=True, decimal_places=6, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='demand charge')),
                ('capacity_price_per_kva', models.DecimalField(blank=True, decimal_places=6, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='capacity charge')),
                ('seasons', models.JSONField(verbose_name='seasons')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('park', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.park')),
                ('tariff', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='energy.tariff')),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.AddConstraint(
            model_name='tariff',
            constraint=models.UniqueConstraint(fields=('park', 'id'), name='tariff_of_park'),
        ),
        migrations.AddConstraint(
            model_name='tariff',
            constraint=models.UniqueConstraint(fields=('park', 'name'), name='tariff_name_once', violation_error_message='A tariff has this name already.'),
        ),
        migrations.AddIndex(
            model_name='tariffassignment',
            index=models.Index(fields=['park', 'tariff'], name='tariff_assignment_of_tariff'),
        ),
        migrations.AddConstraint(
            model_name='tariffassignment',
            constraint=models.UniqueConstraint(fields=('park', 'id'), name='tariff_assignment_of_park'),
        ),
        migrations.AddConstraint(
            model_name='tariffassignment',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('park', '='), ('channel', '='), (models.Func('starts_on', 'ends_on', function='daterange'), '&&')], name='tariff_assignment_one_a_day'),
        ),
        migrations.AddConstraint(
            model_name='tariffassignment',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='tariff_assignment_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='tariffassignment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('charge_basis', 'capacity'), _negated=True), ('capacity_kva__isnull', False), _connector='OR'), name='tariff_assignment_names_capacity'),
        ),
        migrations.AddConstraint(
            model_name='tariffversion',
            constraint=models.UniqueConstraint(fields=('park', 'id'), name='tariff_version_of_park'),
        ),
        migrations.AddConstraint(
            model_name='tariffversion',
            constraint=models.UniqueConstraint(fields=('park', 'tariff', 'number'), name='tariff_version_number_once'),
        ),
        migrations.AddConstraint(
            model_name='tariffversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('park', 'tariff'), name='tariff_version_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='tariffversion',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state', 'in_force')), expressions=[('park', '='), ('tariff', '='), (models.Func('starts_on', 'ends_on', function='daterange'), '&&')], name='tariff_version_one_a_day'),
        ),
        migrations.AddConstraint(
            model_name='tariffversion',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='tariff_version_ends_after_start'),
        ),
    ]
