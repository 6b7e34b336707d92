from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, GuardRows
from tenancy.operations import ADD, PARK, CompositeForeignKey, ProtectTable

SUMS = ("appropriated_cny", "reserved_cny", "committed_cny", "paid_cny", "clawed_back_cny")
# Entries are written in one's own name, or in nobody's by the worker; by nobody on a support visit.
OWN_NAME = f"""
DROP POLICY incentives_ledgerentry_official_insert ON incentives_ledgerentry;
CREATE POLICY incentives_ledgerentry_official_insert ON incentives_ledgerentry FOR INSERT TO app_official
    WITH CHECK (park_id = {PARK} AND by_id IS NOT DISTINCT FROM {AUTHOR}
                AND (nullif(current_setting('app.author', true), '')::jsonb ->> 'support_session_id') IS NULL);
"""
# What entries add up to, by what each kind does to the sums.
APPROPRIATED = "coalesce(sum(entry.amount_cny) FILTER (WHERE entry.kind IN ('appropriated', 'moved')), 0)"
RESERVED = (
    "coalesce(sum(CASE entry.kind WHEN 'reserved' THEN entry.amount_cny ELSE -entry.amount_cny END)"
    " FILTER (WHERE entry.kind IN ('reserved', 'released', 'committed')), 0)"
)
COMMITTED = (
    "coalesce(sum(CASE entry.kind WHEN 'committed' THEN entry.amount_cny ELSE -entry.amount_cny END)"
    " FILTER (WHERE entry.kind IN ('committed', 'cancelled')), 0)"
)
PAID = "coalesce(sum(entry.amount_cny) FILTER (WHERE entry.kind = 'paid'), 0)"
CLAWED_BACK = "coalesce(sum(entry.amount_cny) FILTER (WHERE entry.kind = 'clawed_back'), 0)"
YEAR_IS_ITS_ENTRIES = f"""
(SELECT (balance.appropriated_cny, balance.reserved_cny, balance.committed_cny, balance.paid_cny,
         balance.clawed_back_cny) = (
    SELECT {APPROPRIATED}, {RESERVED}, {COMMITTED}, {PAID}, {CLAWED_BACK} FROM incentives_ledgerentry AS entry
    WHERE entry.park_id = balance.park_id AND entry.budget_year_id = balance.id
) FROM incentives_budgetyear AS balance WHERE balance.id = {{year_id}})
"""  # noqa: S608 - of constants
# No application gives up, is paid or gives back more than it holds, and all it holds is of one year.
APPLICATION_HOLDS = f"""
NEW.application_id IS NULL OR (
    SELECT {RESERVED} >= 0 AND {COMMITTED} >= {PAID} AND {PAID} >= {CLAWED_BACK}
           AND count(DISTINCT entry.budget_year_id) = 1
    FROM incentives_ledgerentry AS entry
    WHERE entry.park_id = NEW.park_id AND entry.application_id = NEW.application_id
)
"""  # noqa: S608 - of constants
PROGRAMME_IS_ITS_YEARS = """
(SELECT (programme.budget_cny, programme.committed_cny) = (
    SELECT coalesce(sum(balance.appropriated_cny), 0), coalesce(sum(balance.reserved_cny + balance.committed_cny), 0)
    FROM incentives_budgetyear AS balance
    WHERE balance.park_id = programme.park_id AND balance.programme_id = programme.id
) FROM incentives_programme AS programme WHERE programme.id = {programme_id})
"""
GRANT_IS_RESERVED = """
NEW.approved_cny IS NOT DISTINCT FROM OLD.approved_cny OR NEW.approved_cny = (
    SELECT sum(entry.amount_cny) FROM incentives_ledgerentry AS entry
    WHERE entry.park_id = NEW.park_id AND entry.application_id = NEW.id AND entry.kind = 'reserved'
)
"""
RESERVED_AS_GRANTED = """
NEW.kind <> 'reserved' OR NEW.amount_cny = (
    SELECT granted.approved_cny FROM incentives_application AS granted
    JOIN incentives_programmeversion AS version ON version.id = granted.programme_version_id
    JOIN incentives_budgetyear AS balance ON balance.programme_id = version.programme_id
    WHERE granted.id = NEW.application_id AND balance.id = NEW.budget_year_id
)
"""
# The budget of a programme that stands already is the appropriation of the year in which it opens, but for what was
# granted in later years; what was granted is committed in the year of its decision by the clock of the park.
GRANTED = """
    SELECT application.park_id, version.programme_id, application.id, application.approved_cny, application.decided_at,
           extract(year FROM application.decided_at AT TIME ZONE park.time_zone)::int AS year
    FROM incentives_application AS application
    JOIN incentives_programmeversion AS version ON version.id = application.programme_version_id
    JOIN parks_park AS park ON park.id = application.park_id
    WHERE application.state = 'approved'
"""
FIRST_YEARS = f"""
    SELECT programme.id, programme.park_id, programme.budget_cny, programme.created_at,
           least(extract(year FROM programme.opens_on)::int,
                 (SELECT min(granted.year) FROM ({GRANTED}) AS granted WHERE granted.programme_id = programme.id)) AS year
    FROM incentives_programme AS programme
"""  # noqa: S608 - of constants
OPENING = f"""
INSERT INTO incentives_budgetyear
    (id, park_id, programme_id, year, appropriated_cny, reserved_cny, committed_cny, paid_cny, clawed_back_cny)
SELECT gen_random_uuid(), years.park_id, years.programme_id, years.year, sum(years.appropriated), 0,
       sum(years.committed), 0, 0
FROM (
    SELECT first.park_id, first.id AS programme_id, first.year,
           first.budget_cny - coalesce((SELECT sum(later.approved_cny) FROM ({GRANTED}) AS later
                                        WHERE later.programme_id = first.id AND later.year > first.year), 0)
           AS appropriated, 0 AS committed
    FROM ({FIRST_YEARS}) AS first
    UNION ALL
    SELECT granted.park_id, granted.programme_id, granted.year,
           CASE WHEN granted.year > first.year THEN granted.approved_cny ELSE 0 END, granted.approved_cny
    FROM ({GRANTED}) AS granted JOIN ({FIRST_YEARS}) AS first ON first.id = granted.programme_id
) AS years GROUP BY years.park_id, years.programme_id, years.year;
INSERT INTO incentives_ledgerentry (id, park_id, budget_year_id, kind, amount_cny, at, by_name, reason)
SELECT gen_random_uuid(), balance.park_id, balance.id, 'appropriated', balance.appropriated_cny, programme.created_at,
       'ParkZero', ''
FROM incentives_budgetyear AS balance JOIN incentives_programme AS programme ON programme.id = balance.programme_id
WHERE balance.appropriated_cny <> 0;
INSERT INTO incentives_ledgerentry (id, park_id, budget_year_id, kind, amount_cny, application_id, at, by_name, reason)
SELECT gen_random_uuid(), granted.park_id, balance.id, step.kind, granted.approved_cny, granted.id, granted.decided_at,
       'ParkZero', ''
FROM ({GRANTED}) AS granted
JOIN incentives_budgetyear AS balance ON balance.programme_id = granted.programme_id AND balance.year = granted.year
CROSS JOIN (VALUES ('reserved'), ('committed')) AS step (kind);
SET CONSTRAINTS ALL IMMEDIATE;
"""  # noqa: S608 - of constants
DROP_OLD_GUARDS = """
DROP TRIGGER incentives_application_balances ON incentives_application;
DROP FUNCTION incentives_application_balances();
DROP TRIGGER incentives_programme_balances ON incentives_programme;
DROP FUNCTION incentives_programme_balances();
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0014_budget_ledger"), ("parks", "0001_initial")]

    operations = [
        migrations.RunSQL(OPENING, migrations.RunSQL.noop),
        ProtectTable("BudgetYear", columns={"official": SUMS}, officials=ADD),
        ProtectTable("LedgerEntry", officials=ADD),
        CompositeForeignKey("BudgetYear", ("park_id", "programme_id"), "Programme"),
        CompositeForeignKey("LedgerEntry", ("park_id", "budget_year_id"), "BudgetYear"),
        CompositeForeignKey("LedgerEntry", ("park_id", "application_id"), "Application"),
        migrations.RunSQL(OWN_NAME, migrations.RunSQL.noop),
        migrations.RunSQL(DROP_OLD_GUARDS, migrations.RunSQL.noop),
        GuardRows(
            "BudgetYear",
            "balances",
            after="INSERT OR UPDATE",
            condition=YEAR_IS_ITS_ENTRIES.format(year_id="NEW.id"),
            message="a budget year is the sum of its entries",
            is_deferred=True,
        ),
        GuardRows(
            "LedgerEntry",
            "balances",
            after="INSERT",
            condition=YEAR_IS_ITS_ENTRIES.format(year_id="NEW.budget_year_id"),
            message="a budget year is the sum of its entries",
            is_deferred=True,
        ),
        GuardRows(
            "LedgerEntry",
            "is_held",
            after="INSERT",
            condition=APPLICATION_HOLDS,
            message="no application gives up or is paid more than it holds",
        ),
        GuardRows(
            "LedgerEntry",
            "is_granted",
            after="INSERT",
            condition=RESERVED_AS_GRANTED,
            message="what is reserved was granted",
            is_deferred=True,
        ),
        GuardRows(
            "Application",
            "is_reserved",
            after="UPDATE OF state, approved_cny",
            condition=GRANT_IS_RESERVED,
            message="what is granted is reserved in the budget of its programme",
            is_deferred=True,
        ),
        GuardRows(
            "Programme",
            "keeps_its_ledger",
            after="INSERT OR UPDATE OF budget_cny, committed_cny",
            condition=PROGRAMME_IS_ITS_YEARS.format(programme_id="NEW.id"),
            message="a programme has and commits what its budget years say and nothing else",
            is_deferred=True,
        ),
        GuardRows(
            "BudgetYear",
            "makes_the_budget",
            after="INSERT OR UPDATE",
            condition=PROGRAMME_IS_ITS_YEARS.format(programme_id="NEW.programme_id"),
            message="a programme has and commits what its budget years say and nothing else",
            is_deferred=True,
        ),
    ]
