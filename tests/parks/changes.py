"""Changes to rows of every kind, of which none says what its row is called."""

from __future__ import annotations

from datetime import date, timedelta

from tests.scene import SUBMITTED_AT, Side


def change_one_of_each(side: Side, number: int = 0) -> None:
    """Inside the scope of the park; another number makes other changes."""
    firm, later = side.firm, SUBMITTED_AT + timedelta(days=number + 1)
    changes = {
        firm.enterprise: {"employees": number},
        firm.site: {"area_m2": number},
        firm.paper: {"valid_until": date(2030, 1, 1) + timedelta(days=number)},
        firm.label: {"note": f"note {number}"},
        firm.change_request: {"decision": f"no {number}"},
        side.interest: {"ended_at": later},
        firm.registration: {"due_at": later},
        side.register_import: {"failure": f"unreadable {number}"},
        side.programme: {"cap_cny": 9_000_000 + number},
        firm.application: {"due_at": later},
    }
    for row, values in changes.items():
        type(row).objects.filter(pk=row.pk).update(**values)
