"""What the pages of registered enterprises are tested with."""

from __future__ import annotations

from django.urls import reverse

from tenancy.scopes import park_scope


def page(name, *args):
    return reverse(f"enterprises:{name}", args=args)


def rows(side, model, **found):
    with park_scope(side.park.pk):
        return list(model.objects.filter(**found))


def typed(response):
    """What the form of a page would send if nothing were touched."""
    form = response.context["form"]
    sent = {}
    for bound in form:
        value = bound.value()
        if value is not None and not bound.field.widget.needs_multipart_form:
            sent[bound.html_name] = bound.field.prepare_value(value)
            if bound.field.show_hidden_initial:
                sent[bound.html_initial_name] = bound.field.prepare_value(bound.initial)
    return {name: "" if value is None else value for name, value in sent.items()}
