"""Views that break the rules on purpose, so that the tests can see the rules hold."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import include, path

from enterprises.models import Enterprise
from parks.access import acting


def anybody(actor):
    return True


@acting(anybody)
def writes_and_fails(request):
    Enterprise.objects.create(park_id=request.actor.park_id, credit_code="91350200MA8UTHALFX", name_zh="半份")
    return HttpResponse("half", status=int(request.GET["status"]))


@acting(anybody)
def writes_and_raises(request):
    Enterprise.objects.create(park_id=request.actor.park_id, credit_code="91350200MA8UTHALFX", name_zh="半份")
    raise ZeroDivisionError


@acting(anybody)
def streams(request):
    return StreamingHttpResponse(str(enterprise) for enterprise in Enterprise.objects.all())


def forgot_its_door(request):
    return HttpResponse("open to the world")


urlpatterns = [
    path("writes-and-fails/", writes_and_fails),
    path("writes-and-raises/", writes_and_raises),
    path("streams/", streams),
    path("forgot/", forgot_its_door),
    path("", include("config.urls")),
]
