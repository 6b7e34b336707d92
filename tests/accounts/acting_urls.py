"""The portal's addresses and two more, for whoever acts."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from config.urls import urlpatterns as portal
from parks.access import acting


@acting(lambda actor: True)
def acts(request):
    return HttpResponse(request.actor.name if request.actor else "nobody")


urlpatterns = [path("acts/", acts), path("api/acts/", acts), *portal]
