from django.apps import AppConfig

from lib.forms import speak_our_words


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Put the portal's words into forms, then register tasks that are asked for by name and allauth's signals.

        The words first, and before the apps above: a form that is loaded earlier keeps Django's.
        """
        speak_our_words()
        from accounts import receivers, tasks  # noqa: F401, PLC0415
