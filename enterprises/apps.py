from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    name = "enterprises"

    def ready(self) -> None:
        from enterprises import obstacles, receivers, sections  # noqa: PLC0415  models are not loaded before
        from enterprises.services import changes  # noqa: PLC0415

        obstacles.register(changes.explain_open_request)
        receivers.connect()
        sections.register()
