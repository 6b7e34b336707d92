import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0032_likely_employees'),
    ]

    operations = [
        migrations.AlterField(
            model_name='enterprise',
            name='website',
            field=models.CharField(blank=True, max_length=200, validators=[django.core.validators.URLValidator(message='Enter a web address, for example www.example.cn.', schemes=['http', 'https'])], verbose_name='website'),
        ),
        migrations.AlterField(
            model_name='registration',
            name='website',
            field=models.CharField(blank=True, max_length=200, validators=[django.core.validators.URLValidator(message='Enter a web address, for example www.example.cn.', schemes=['http', 'https'])], verbose_name='website'),
        ),
    ]
