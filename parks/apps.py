from importlib import import_module

from django.apps import AppConfig


class ParksConfig(AppConfig):
    name = "parks"

    def ready(self) -> None:
        import_module("parks.receivers")
