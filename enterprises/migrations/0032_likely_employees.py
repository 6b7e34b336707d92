import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0031_search_of_kept_texts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="enterprise",
            name="employees",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(1000000, "Enter at most 1,000,000 employees.")],
                verbose_name="employees",
            ),
        ),
        migrations.AlterField(
            model_name="registration",
            name="employees",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(1000000, "Enter at most 1,000,000 employees.")],
                verbose_name="employees",
            ),
        ),
    ]
