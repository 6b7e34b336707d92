from django.apps import AppConfig

from lib.forms import speak_our_words


class ConfigConfig(AppConfig):
    """The composition root: navigation, styleguide, operations, translations of the whole."""

    name = "config"

    def ready(self) -> None:
        speak_our_words()
