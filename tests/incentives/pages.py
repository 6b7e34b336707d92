"""Pages of this app opened as one of the people of the scene."""

from __future__ import annotations

from django.urls import reverse


def address(name, **kwargs):
    return reverse(f"incentives:{name}", kwargs=kwargs or None)


def shown(response, *applications):
    """Which of these applications the page leads to."""
    text = response.content.decode()
    return [application for application in applications if str(application.pk) in text]


def problems_of(form):
    """What a form that came back complains about, by field."""
    return {field: [str(message) for message in messages] for field, messages in form.errors.items()}
