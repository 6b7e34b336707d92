from __future__ import annotations

from django.urls import path

from accounts.views import messages, person, visitor

app_name = "accounts"

urlpatterns = [
    path("me/", person.profile, name="profile"),
    path("me/inbox/", person.inbox, name="inbox"),
    path("me/inbox/read/", person.inbox_read, name="inbox_read"),
    path("me/inbox/<uuid:mail_id>/", person.mail_detail, name="mail_detail"),
    path("me/messages/", messages.message_ways, name="message_ways"),
    path("me/security/", person.security, name="security"),
    path("me/security/second-factor/", person.second_factor, name="second_factor"),
    path("me/security/session-end/", person.session_end, name="session_end"),
    path("development/mail/", visitor.mail_list, name="mail_list"),
]
