from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "tenancy"

    def ready(self) -> None:
        """Register the tasks that are asked for by name."""
        from tenancy import tasks  # noqa: F401, PLC0415
