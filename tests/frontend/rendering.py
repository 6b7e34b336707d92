"""Templates drawn without a database: a request made by hand and the portal's own context."""

from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory
from django.utils import translation


def a_request(path="/list/", **cookies):
    request = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    request.user = AnonymousUser()
    return request


def draw(source, language="en", request=None, **context):
    with translation.override(language):
        return engines["django"].from_string(source).render(context, request).strip()
