from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The composition root: navigation, styleguide, operations, translations of the whole."""

    name = "config"
