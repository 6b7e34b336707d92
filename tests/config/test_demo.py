"""The demo installation: seeded by the services, once, and under a name."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from config.demo.seeding import seed
from enterprises.models import ChangeRequest, Registration
from incentives.models import Application, Award, Instalment, Objection
from parks.models import Park
from tenancy.models import AuditEvent
from tenancy.scopes import park_scope

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 18, 6, 0, tzinfo=UTC)


def test_seeding_names_who_made_everything_and_is_done_once():
    assert (seed(NOW), seed(NOW)) == (True, False)

    park = Park.objects.get(slug="xiamen-torch")
    with park_scope(park.pk):
        events = AuditEvent.objects.filter(park_id=park.pk)
        states = list(Application.objects.filed().order_by("number").values_list("state", flat=True))
        later = Application.objects.filter(programme_version__code="NZF").order_by("number")
        waits = list(later.values_list("number", "stage"))
        nameless = list(events.filter(user_name="").values_list("table_name", "row_id"))
        newcomers = list(Registration.objects.order_by("submitted_at").values_list("name_en", "state"))
        waiting = list(ChangeRequest.objects.values_list("changes", flat=True))
    assert states == [
        "returned",
        "submitted",
        "accepted",
        "approved",
        "declined",
        "approved",
        "accepted",
        "accepted",
        "submitted",
    ]
    assert waits == [("NZF-2026-0001", "panel"), ("NZF-2026-0002", "decision"), ("NZF-2026-0003", "completeness")]
    assert newcomers == [
        ("Jimei Power Electronics", "submitted"),
        ("Haicang Precision Casting Works", "submitted"),
    ], "and the draft of Huli Cold Chain Logistics is nobody else's to see"
    assert waiting == [{"registered_capital": ["5000000.00", "20000000.00"]}]
    assert nameless == []


def test_demo_shows_an_award_paid_in_part_and_one_on_notice():
    seed(NOW)
    park = Park.objects.get(slug="xiamen-torch")
    with park_scope(park.pk):
        awards = list(Award.objects.order_by("opened_at").values_list("state", flat=True))
        payments = list(Instalment.objects.order_by("number").values_list("state", "amount_cny"))
        objections = list(Objection.objects.values_list("state", flat=True))
    assert awards == ["stands", "on_notice"]
    assert payments == [("paid", Decimal("900000.00")), ("planned", Decimal("600000.00"))]
    assert objections == ["open"]
