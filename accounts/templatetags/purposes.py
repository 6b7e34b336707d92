from __future__ import annotations

from django import template

from accounts.purposes import purpose_of

register = template.Library()
register.filter("purpose", purpose_of)
