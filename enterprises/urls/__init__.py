from __future__ import annotations

from django.urls import include, path

from enterprises.urls.company import company_urls
from enterprises.urls.imports import import_urls
from enterprises.urls.registration import registration_urls
from enterprises.urls.vetting import vetting_urls
from enterprises.views import (
    company,
    industries,
    interests,
    listing,
    register,
)

app_name = "enterprises"
urlpatterns = [
    path("parks/<slug:park_slug>/register/", include(registration_urls)),
    path("industries/", industries.industry_list, name="industry_list"),
    path("enterprises/", listing.enterprise_list, name="enterprise_list"),
    path("enterprises/new/", register.enterprise_create, name="enterprise_create"),
    path("enterprises/<uuid:enterprise_id>/edit/", register.enterprise_edit, name="enterprise_edit"),
    path("enterprises/<uuid:enterprise_id>/owner/", register.owner_invite, name="owner_invite"),
    path("enterprises/<uuid:enterprise_id>/interest/", interests.interest_declare, name="interest_declare"),
    path("enterprises/<uuid:enterprise_id>/interest/end/", interests.interest_end, name="interest_end"),
    *company_urls,
    *import_urls,
    *vetting_urls,
    path("company/contact/", company.contact_edit, name="contact_edit"),
    path("company/people/", company.people_list, name="people_list"),
    path("company/people/invite/", company.people_invite, name="people_invite"),
    path("company/people/<int:membership_id>/", company.people_edit, name="people_edit"),
    path("company/people/<int:membership_id>/end/", company.people_end, name="people_end"),
    path("company/invitations/<int:invitation_id>/revoke/", company.invitation_revoke, name="invitation_revoke"),
]
