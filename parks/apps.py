from django.apps import AppConfig


class ParksConfig(AppConfig):
    name = "parks"
