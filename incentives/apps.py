from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    name = "incentives"

    def ready(self) -> None:
        from incentives import receivers, sections  # noqa: PLC0415  models are not loaded before
        from parks import page_sections  # noqa: PLC0415

        receivers.connect()
        page_sections.register(sections.PLACE_OF_PROGRAMMES, sections.open_programmes)
