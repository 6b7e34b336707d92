from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Register the task that services ask for by name, and what follows allauth's signals."""
        from accounts import receivers, tasks  # noqa: F401, PLC0415
