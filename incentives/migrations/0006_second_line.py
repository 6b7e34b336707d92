from __future__ import annotations

from django.db import migrations

from tenancy.operations import ENTERPRISE

# Which applications somebody worked on for the enterprise, told by the trail that nobody can skip or forge.
WORKED_ON = """
CREATE INDEX audit_worked_on ON tenancy_auditevent (park_id, user_id, row_id)
    WHERE table_name = 'incentives_application' AND database_role = 'app_enterprise';
CREATE FUNCTION incentives_worked_on(person bigint) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT row_id::uuid FROM tenancy_auditevent
    WHERE park_id = (SELECT current_setting('app.park_id')::bigint) AND user_id = person
      AND table_name = 'incentives_application' AND database_role = 'app_enterprise'
$$;
REVOKE ALL ON FUNCTION incentives_worked_on(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incentives_worked_on(bigint) TO app_official;
"""
NOT_WORKED_ON = "DROP FUNCTION incentives_worked_on(bigint); DROP INDEX audit_worked_on"
# What an enterprise filed stays as it was filed, whatever code writes it: it may only be withdrawn.
FILED_STAYS = """
CREATE FUNCTION incentives_filed_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_user <> 'app_enterprise' THEN RETURN NEW; END IF;
    IF TG_OP = 'INSERT' AND (NEW.approved_cny IS NOT NULL OR NEW.number <> '' OR NEW.decided_at IS NOT NULL) THEN
        RAISE EXCEPTION 'an enterprise starts with a draft' USING ERRCODE = 'check_violation';
    ELSIF TG_OP = 'UPDATE' AND OLD.state NOT IN ('draft', 'returned') AND NEW.state = OLD.state THEN
        RAISE EXCEPTION 'a filed application cannot be changed by the enterprise' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incentives_application_filed_stays BEFORE INSERT OR UPDATE ON incentives_application
    FOR EACH ROW EXECUTE FUNCTION incentives_filed_stays();
CREATE FUNCTION incentives_document_of_draft() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_user <> 'app_enterprise' THEN RETURN NEW; END IF;
    IF NOT EXISTS (SELECT 1 FROM incentives_application
                   WHERE id = NEW.application_id AND state IN ('draft', 'returned')) THEN
        RAISE EXCEPTION 'documents of a filed application stay' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.file NOT LIKE 'parks/' || NEW.park_id || '/applications/' || NEW.application_id || '/%' THEN
        RAISE EXCEPTION 'a document lies with its application' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incentives_document_of_draft BEFORE INSERT OR UPDATE ON incentives_applicationdocument
    FOR EACH ROW EXECUTE FUNCTION incentives_document_of_draft();
"""
FILED_MOVES = """
DROP TRIGGER incentives_application_filed_stays ON incentives_application;
DROP FUNCTION incentives_filed_stays();
DROP TRIGGER incentives_document_of_draft ON incentives_applicationdocument;
DROP FUNCTION incentives_document_of_draft();
"""
# An enterprise writes its own side of the timeline, not the officials'.
OWN_STEPS = f"""
DROP POLICY incentives_applicationstep_enterprise_insert ON incentives_applicationstep;
CREATE POLICY incentives_applicationstep_enterprise_insert ON incentives_applicationstep FOR INSERT TO app_enterprise
    WITH CHECK (enterprise_id = {ENTERPRISE} AND NOT is_by_official
                AND kind IN ('started', 'submitted', 'resubmitted', 'withdrawn'));
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0005_steps_and_lists"), ("tenancy", "0004_private_events")]

    operations = [
        migrations.RunSQL(WORKED_ON, NOT_WORKED_ON),
        migrations.RunSQL(FILED_STAYS, FILED_MOVES),
        migrations.RunSQL(OWN_STEPS, migrations.RunSQL.noop),
    ]
