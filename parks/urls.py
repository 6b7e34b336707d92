"""Addresses of the parks: what anybody sees, what operators do, what a park's own people do."""

from __future__ import annotations

from django.urls import URLPattern, path

from parks.views import (
    administration,
    api_keys,
    audit,
    memberships,
    messages,
    operator,
    overview,
    people,
    public,
    saved_views,
    support,
    work_calendar,
)

app_name = "parks"
public_and_operator_urls: list[URLPattern] = [
    path("parks/", public.public_list, name="public_list"),
    path("parks/<slug:park_slug>/", public.public_park, name="public_park"),
    path("parks/<slug:park_slug>/accent.css", public.accent, name="accent"),
    path("parks/<slug:park_slug>/logo/", public.logo, name="logo"),
    path("operator/", overview.overview, name="overview"),
    path("operator/parks/", operator.park_list, name="park_list"),
    path("operator/parks/new/", operator.park_create, name="park_create"),
    path("operator/parks/<int:park_id>/", operator.park_detail, name="park_detail"),
    path("operator/parks/<int:park_id>/edit/", operator.park_edit, name="park_edit"),
    path("operator/parks/<int:park_id>/suspend/", operator.park_suspend, name="park_suspend"),
    path("operator/parks/<int:park_id>/resume/", operator.park_resume, name="park_resume"),
    path("operator/parks/<int:park_id>/archive/", operator.park_archive, name="park_archive"),
    path("operator/parks/<int:park_id>/support/", support.support_session_start, name="support_session_start"),
    path("operator/support/", support.support_session_list, name="support_session_list"),
    path("operator/support/end/", support.support_session_end, name="support_session_end"),
    path("operator/people/", operator.installation_people, name="installation_people"),
]
administration_urls: list[URLPattern] = [
    path("places/", memberships.membership_choose, name="membership_choose"),
    path("invitations/<str:token>/", memberships.invitation_accept, name="invitation_accept"),
    path("park/profile/", administration.park_profile, name="park_profile"),
    path("park/profile/edit/", administration.park_profile_edit, name="park_profile_edit"),
    path("park/profile/branding/", administration.park_branding, name="park_branding"),
    path("park/staff/", people.staff_list, name="staff_list"),
    path("park/staff/invite/", people.invitation_create, name="invitation_create"),
    path("park/staff/invitations/<int:invitation_id>/revoke/", people.invitation_revoke, name="invitation_revoke"),
    path("park/staff/<int:membership_id>/", people.membership_edit, name="membership_edit"),
    path("park/staff/<int:membership_id>/end/", people.membership_end, name="membership_end"),
    path("park/audit/", audit.audit_trail, name="audit_trail"),
    path("park/audit/<int:audit_event_id>/", audit.audit_event, name="audit_event"),
    path("park/support-visits/", audit.support_visits, name="support_visits"),
    path("calendar/", work_calendar.calendar_today, name="calendar_today"),
    path("calendar/<int:year>/", work_calendar.calendar_year, name="calendar_year"),
    path("calendar/<int:year>/confirm/", work_calendar.calendar_confirm, name="calendar_confirm"),
    path("calendar/days/<int:calendar_day_id>/remove/", work_calendar.calendar_remove, name="calendar_remove"),
    path("park/messages/", messages.message_list, name="message_list"),
    path("park/messages/<str:message_kind>/", messages.message_edit, name="message_edit"),
    path("park/messages/<str:message_kind>/reset/", messages.message_reset, name="message_reset"),
    path("views/new/", saved_views.saved_view_create, name="saved_view_create"),
    path("views/<uuid:saved_view_id>/", saved_views.saved_view_edit, name="saved_view_edit"),
    path("views/<uuid:saved_view_id>/remove/", saved_views.saved_view_remove, name="saved_view_remove"),
    path("keys/", api_keys.api_key_list, name="api_key_list"),
    path("keys/new/", api_keys.api_key_create, name="api_key_create"),
    path("keys/revoke/", api_keys.api_key_revoke, name="api_key_revoke"),
]
urlpatterns = public_and_operator_urls + administration_urls
