from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Register the task that services ask for by name."""
        from accounts import tasks  # noqa: F401, PLC0415
