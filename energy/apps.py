from django.apps import AppConfig


class EnergyConfig(AppConfig):
    name = "energy"

    def ready(self) -> None:
        from energy import receivers  # noqa: PLC0415  models are not loaded before

        receivers.connect()
