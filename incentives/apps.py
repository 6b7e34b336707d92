from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    name = "incentives"

    def ready(self) -> None:
        from incentives import obstacles, receivers, sections  # noqa: PLC0415  models are not loaded before

        receivers.connect()
        sections.register()
        obstacles.register()
