"""Migration operations that hide columns, and that refuse rows for which a rule of the business does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tenancy.operations import TableOperation, history_trigger

# Who acts, for conditions: the person of the scope, or NULL for the worker.
AUTHOR = "(nullif(current_setting('app.author', true), '')::jsonb ->> 'user_id')::bigint"
# Which role acts, also inside a function of the owner; 'none' for the login role.
ROLE = "coalesce(nullif(current_setting('role', true), ''), 'none')"
GRANT_THE_REST = """$$ BEGIN EXECUTE (
    SELECT format('GRANT SELECT (%s) ON {table} TO {roles}', string_agg(quote_ident(attname), ', '))
    FROM pg_attribute
    WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN ({hidden})
); END $$"""


class HideColumns(TableOperation):
    """Let roles that may read a table read all of it but some columns. A column added later is hidden as well."""

    def __init__(self, model_name: str, columns: tuple[str, ...], roles: tuple[str, ...]) -> None:
        self.model_name = model_name
        self.columns = columns
        self.roles = roles

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model_name, self.columns, self.roles], {})

    def describe(self) -> str:
        return f"Hide {', '.join(self.columns)} of {self.model_name} from those who act"

    def forwards(self, table: str) -> Iterable[str]:
        roles, hidden = ", ".join(self.roles), ", ".join(f"'{column}'" for column in self.columns)
        yield f"REVOKE SELECT ON {table} FROM {roles}"  # noqa: S608 - of constants
        yield f"DO {GRANT_THE_REST.format(table=table, roles=roles, hidden=hidden)}"

    def backwards(self, table: str) -> Iterable[str]:
        yield f"GRANT SELECT ON {table} TO {', '.join(self.roles)}"


class QuietColumns(TableOperation):
    """Leave updates out of the audit trail that change nothing but these columns, such as how far a task has come.

    private: the function of a `PrivateHistory` that the table has, which would otherwise be lost.
    """

    def __init__(
        self, model_name: str, columns: tuple[str, ...], enterprise_column: str = "", private: str = ""
    ) -> None:
        self.model_name = model_name
        self.columns = columns
        self.enterprise_column = enterprise_column
        self.private = private

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model_name, self.columns, self.enterprise_column, self.private], {})

    @property
    def _told(self) -> tuple[str, ...]:
        """What the function that records is told."""
        return ("park_id", self.enterprise_column, *filter(None, [self.private]))

    def describe(self) -> str:
        return f"Leave {', '.join(self.columns)} of {self.model_name} out of the audit trail"

    def forwards(self, table: str) -> Iterable[str]:
        quiet = ", ".join(f"'{column}'" for column in self.columns)
        rest = f"- ARRAY[{quiet}]"
        told = ", ".join(f"'{argument}'" for argument in self._told)
        recorded = f"FOR EACH ROW EXECUTE FUNCTION tenancy_record_change({told})"
        yield f"DROP TRIGGER {table}_history ON {table}"
        yield f"CREATE TRIGGER {table}_history AFTER INSERT OR DELETE ON {table} {recorded}"
        yield (
            f"CREATE TRIGGER {table}_history_of_changes AFTER UPDATE ON {table}"
            f" FOR EACH ROW WHEN (to_jsonb(OLD) {rest} IS DISTINCT FROM to_jsonb(NEW) {rest})"
            f" {recorded.removeprefix('FOR EACH ROW ')}"
        )

    def backwards(self, table: str) -> Iterable[str]:
        yield f"DROP TRIGGER {table}_history_of_changes ON {table}"
        yield f"DROP TRIGGER {table}_history ON {table}"
        yield history_trigger(table, *self._told)


class GuardRows(TableOperation):
    """Refuse a written row for which `condition` does not hold, whoever writes it and by whatever code path.

    name: of trigger and function, behind that of the table. after: the events, e.g. "INSERT OR UPDATE OF state".
    condition: SQL over NEW, and OLD where only updates are named. It is asked as the owner, so it sees the rows of
    every park and names the park itself. message: what the refusal says. is_deferred: asked at the end of the
    transaction, for rules between rows which no single statement writes.
    """

    def __init__(
        self, model_name: str, name: str, *, after: str, condition: str, message: str, is_deferred: bool = False
    ) -> None:
        self.model_name = model_name
        self.name = name
        self.after = after
        self.condition = condition
        self.message = message
        self.is_deferred = is_deferred

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        options = {name: value for name, value in vars(self).items() if name not in {"model_name", "name"}}
        return (type(self).__name__, [self.model_name, self.name], options)

    def describe(self) -> str:
        return f"Refuse rows of {self.model_name}: {self.message}"

    def forwards(self, table: str) -> Iterable[str]:
        function = f"{table}_{self.name}()"
        yield (
            f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql"
            " SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN"
            f" IF ({self.condition}) IS NOT TRUE THEN"
            f" RAISE EXCEPTION '{self.message}' USING ERRCODE = 'check_violation', TABLE = '{table}';"
            " END IF; RETURN NULL; END $$"
        )
        yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC"
        kind, when = ("CONSTRAINT TRIGGER", " DEFERRABLE INITIALLY DEFERRED") if self.is_deferred else ("TRIGGER", "")
        yield (
            f"CREATE {kind} {table}_{self.name} AFTER {self.after} ON {table}{when}"
            f" FOR EACH ROW EXECUTE FUNCTION {function}"
        )

    def backwards(self, table: str) -> Iterable[str]:
        yield f"DROP TRIGGER {table}_{self.name} ON {table}"
        yield f"DROP FUNCTION {table}_{self.name}()"
