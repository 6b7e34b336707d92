from __future__ import annotations

from django.urls import path

from enterprises.import_urls import import_urls
from enterprises.views import company, industries, interests, register

app_name = "enterprises"
urlpatterns = [
    path("industries/", industries.industry_list, name="industry_list"),
    path("enterprises/", register.enterprise_list, name="enterprise_list"),
    path("enterprises/new/", register.enterprise_create, name="enterprise_create"),
    path("enterprises/<uuid:enterprise_id>/", register.enterprise_detail, name="enterprise_detail"),
    path("enterprises/<uuid:enterprise_id>/edit/", register.enterprise_edit, name="enterprise_edit"),
    path("enterprises/<uuid:enterprise_id>/owner/", register.owner_invite, name="owner_invite"),
    path("enterprises/<uuid:enterprise_id>/interest/", interests.interest_declare, name="interest_declare"),
    path("enterprises/<uuid:enterprise_id>/interest/end/", interests.interest_end, name="interest_end"),
    *import_urls,
    path("company/", company.profile, name="profile"),
    path("company/contact/", company.contact_edit, name="contact_edit"),
    path("company/people/", company.people_list, name="people_list"),
    path("company/people/invite/", company.people_invite, name="people_invite"),
    path("company/people/<int:membership_id>/", company.people_edit, name="people_edit"),
    path("company/people/<int:membership_id>/end/", company.people_end, name="people_end"),
    path("company/invitations/<int:invitation_id>/revoke/", company.invitation_revoke, name="invitation_revoke"),
]
