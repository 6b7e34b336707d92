"""Migration operations that put a table under the rules of tenancy.

`ProtectTable` is for rows that a park owns, `RestrictTable` for tables of the installation whose rows a park may see in
part (memberships, people). Both record every change in the audit trail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

PARK = "(SELECT current_setting('app.park_id', true)::bigint)"
ENTERPRISE = "(SELECT current_setting('app.enterprise_id', true)::uuid)"
PERSON = "(SELECT current_setting('app.user_id', true)::bigint)"
ACTING = "app_official, app_enterprise, app_registrant, app_public, app_platform"
DROP_POLICIES = """$$ DECLARE name text; BEGIN
    FOR name IN SELECT polname FROM pg_policy WHERE polrelid = '{table}'::regclass
    LOOP EXECUTE format('DROP POLICY %I ON {table}', name); END LOOP;
END $$"""
READ = "SELECT"
ADD = "SELECT, INSERT"
WRITE = "SELECT, INSERT, UPDATE"


class TableOperation(Operation):
    """Runs statements on one table of the app that the migration belongs to."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that Django's state knows of changes."""

    def forwards(self, table: str) -> Iterable[str]:
        raise NotImplementedError  # pragma: no cover

    def backwards(self, table: str) -> Iterable[str]:
        raise NotImplementedError  # pragma: no cover

    model_name: str

    def _table(self, app_label: str, state: ProjectState) -> str:
        label, _, name = self.model_name.rpartition(".")
        table: str = state.apps.get_model(label or app_label, name)._meta.db_table
        return table

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for statement in self.forwards(self._table(app_label, to_state)):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for statement in self.backwards(self._table(app_label, from_state)):
            schema_editor.execute(statement, params=None)


@dataclass(frozen=True)
class Policy:
    """What one role may do with which rows. `check` limits what it may write, by default to what it may see.

    Where an acting role may write fewer columns than the whole row, `columns` names them for UPDATE.
    """

    role: str
    grants: str
    using: str
    check: str = ""
    columns: tuple[str, ...] = ()

    def statements(self, table: str) -> Iterable[str]:
        if self.columns:
            yield f"GRANT UPDATE ({', '.join(self.columns)}) ON {table} TO {self.role}"
        yield f"GRANT {self.grants} ON {table} TO {self.role}"
        verbs = {verb.strip() for verb in self.grants.split(",")} | ({"UPDATE"} if self.columns else set())
        name = f"{table}_{self.role.removeprefix('app_')}"
        check = self.check or self.using
        for verb in sorted(verbs):
            clauses = {
                "SELECT": f"USING ({self.using})",
                "DELETE": f"USING ({self.using})",
                "INSERT": f"WITH CHECK ({check})",
                "UPDATE": f"USING ({self.using}) WITH CHECK ({check})",
            }[verb]
            yield f"CREATE POLICY {name}_{verb.lower()} ON {table} FOR {verb} TO {self.role} {clauses}"


def _enable(table: str, history: tuple[str, str] | None) -> Iterable[str]:
    yield f"REVOKE ALL ON {table} FROM PUBLIC, app, {ACTING}"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    if history is not None:
        yield history_trigger(table, *history)


def history_trigger(table: str, *arguments: str) -> str:
    told = ", ".join(f"'{argument}'" for argument in arguments)
    return (
        f"CREATE TRIGGER {table}_history AFTER INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION tenancy_record_change({told})"
    )


def _disable(table: str) -> Iterable[str]:
    yield f"DROP TRIGGER IF EXISTS {table}_history ON {table}"
    yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
    yield f"DO {DROP_POLICIES.format(table=table)}"


class ProtectTable(TableOperation):
    """Put a table of park-owned rows under forced row-level security and the audit trail.

    officials, enterprises, public: grants of that role, empty for none. enterprise_columns: the columns that name the
    enterprise whose rows it may see, one policy each; empty with a grant means every enterprise of the park may see the
    rows, then `enterprise_condition` can narrow them. registrants: grants on the rows whose `registrant_id` is the
    acting person. `official_condition` narrows what officials see. `columns`: for a role, the only columns that it may
    update.
    """

    def __init__(  # noqa: PLR0913 - each grant is told by its name
        self,
        model_name: str,
        *,
        officials: str = WRITE,
        enterprises: str = "",
        public: str = "",
        registrants: str = "",
        enterprise_columns: tuple[str, ...] = ("enterprise_id",),
        enterprise_condition: str = "",
        official_condition: str = "",
        columns: Mapping[str, tuple[str, ...]] | None = None,
        history: bool = True,
    ) -> None:
        self.model_name = model_name
        self.officials = officials
        self.enterprises = enterprises
        self.public = public
        self.registrants = registrants
        self.enterprise_columns = enterprise_columns
        self.enterprise_condition = enterprise_condition
        self.official_condition = official_condition
        self.columns = dict(columns or {})
        self.history = history

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        options = {name: value for name, value in vars(self).items() if name != "model_name"}
        return (type(self).__name__, [self.model_name], options)

    def describe(self) -> str:
        return f"Put {self.model_name} under row-level security"

    def forwards(self, table: str) -> Iterable[str]:
        column = self.enterprise_columns[0] if self.enterprise_columns else ""
        yield from _enable(table, ("park_id", column) if self.history else None)
        granted = [f"app_{role}" for role, grants in self._grants().items() if grants]
        yield (
            f"CREATE POLICY {table}_park ON {table} AS RESTRICTIVE TO {', '.join(granted)}"
            f" USING (park_id = {PARK}) WITH CHECK (park_id = {PARK})"
        )
        for role, grants in self._grants().items():
            if grants and role != "enterprise":
                yield from self._policy(role, grants, self._rows_of(role)).statements(table)
        if self.enterprises:
            yield from self._enterprise_policies(table)

    def _grants(self) -> dict[str, str]:
        return {
            "official": self.officials,
            "enterprise": self.enterprises,
            "registrant": self.registrants,
            "public": self.public,
        }

    def _rows_of(self, role: str) -> str:
        if role == "registrant":
            return f"registrant_id = {PERSON}"
        narrowed = f" AND ({self.official_condition})" if role == "official" and self.official_condition else ""
        return f"park_id = {PARK}{narrowed}"

    def _policy(self, role: str, grants: str, using: str) -> Policy:
        return Policy(f"app_{role}", grants, using, columns=self.columns.get(role, ()))

    def _enterprise_policies(self, table: str) -> Iterable[str]:
        narrowed = f" AND ({self.enterprise_condition})" if self.enterprise_condition else ""
        if not self.enterprise_columns:
            yield from self._policy("enterprise", self.enterprises, f"park_id = {PARK}{narrowed}").statements(table)
        for position, column in enumerate(self.enterprise_columns):
            policy = self._policy("enterprise", self.enterprises, f"{column} = {ENTERPRISE}{narrowed}")
            for statement in policy.statements(table):
                yield statement.replace(f"{table}_enterprise_", f"{table}_enterprise{position or ''}_", 1)

    def backwards(self, table: str) -> Iterable[str]:
        yield from _disable(table)
        yield f"REVOKE ALL ON {table} FROM {ACTING}"


class PrivateHistory(TableOperation):
    """Keep events of a protected table from the park's eyes while `function` says that they are the enterprise's own.

    function: the name of an SQL function of the whole row as jsonb that answers a boolean, never null.
    """

    def __init__(self, model_name: str, function: str, enterprise_column: str = "enterprise_id") -> None:
        self.model_name = model_name
        self.function = function
        self.enterprise_column = enterprise_column

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model_name, self.function, self.enterprise_column], {})

    def describe(self) -> str:
        return f"Keep events of {self.model_name} private while {self.function}"

    def forwards(self, table: str) -> Iterable[str]:
        yield f"DROP TRIGGER {table}_history ON {table}"
        yield history_trigger(table, "park_id", self.enterprise_column, self.function)

    def backwards(self, table: str) -> Iterable[str]:
        yield f"DROP TRIGGER {table}_history ON {table}"
        yield history_trigger(table, "park_id", self.enterprise_column)


class RestrictTable(TableOperation):
    """Show each acting role its part of a table of the installation; the login role keeps the whole.

    The login role needs these tables before a park is chosen: signing in, accepting an invitation.
    """

    def __init__(
        self,
        model_name: str,
        policies: Iterable[Policy],
        *,
        login: str = "SELECT, INSERT, UPDATE, DELETE",
        history: tuple[str, str] | None = None,
    ) -> None:
        self.model_name = model_name
        self.policies = tuple(policies)
        self.login = login
        self.history = history

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model_name, self.policies], {"login": self.login, "history": self.history})

    def describe(self) -> str:
        return f"Show each role its part of {self.model_name}"

    def forwards(self, table: str) -> Iterable[str]:
        yield from _enable(table, self.history)
        if self.login:
            yield from Policy("app", self.login, "true").statements(table)
        for policy in self.policies:
            yield from policy.statements(table)

    def backwards(self, table: str) -> Iterable[str]:
        yield from _disable(table)


class CompositeForeignKey(TableOperation):
    """Tie a reference to the park of both rows: foreign keys alone ignore row-level security.

    columns, e.g. ("park_id", "application_id"), of `model_name` refer to `to_columns` of `to_model`, which must be
    unique together.
    """

    def __init__(
        self, model_name: str, columns: tuple[str, ...], to_model: str, to_columns: tuple[str, ...] = ("park_id", "id")
    ) -> None:
        self.model_name = model_name
        self.columns = columns
        self.to_model = to_model
        self.to_columns = to_columns

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model_name, self.columns, self.to_model, self.to_columns], {})

    def describe(self) -> str:
        return f"Tie {', '.join(self.columns)} of {self.model_name} to one {self.to_model}"

    def _constraint(self, table: str) -> str:
        return f"{table}_{'_'.join(self.columns)}_tenant"[:63]

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = self._table(app_label, to_state)
        label, _, name = self.to_model.rpartition(".")
        target = to_state.apps.get_model(label or app_label, name)._meta.db_table
        schema_editor.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {self._constraint(table)} FOREIGN KEY ({', '.join(self.columns)})"
            f" REFERENCES {target} ({', '.join(self.to_columns)}) DEFERRABLE INITIALLY DEFERRED",
            params=None,
        )

    def backwards(self, table: str) -> Iterable[str]:
        yield f"ALTER TABLE {table} DROP CONSTRAINT {self._constraint(table)}"


class Undone(Operation):
    """Takes back what another operation did to a table that is about to go.

    On the way back the table is made anew and comes under the same rules again.
    """

    reversible = True

    def __init__(self, operation: TableOperation) -> None:
        self.operation = operation

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.operation], {})

    def describe(self) -> str:
        return f"Take back: {self.operation.describe()}"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that Django's state knows of changes."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self.operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self.operation.database_forwards(app_label, schema_editor, from_state, to_state)


def _text_array(values: Iterable[str]) -> str:
    return "ARRAY[{}]::text[]".format(", ".join(f"'{value}'" for value in values))


class GuardTransitions(TableOperation):
    """Refuse a change of state that is not listed, whoever makes it and by whatever code path.

    transitions: state to the states that may follow it. A state may always stay. New rows start in `initial`.
    by_enterprise, by_registrant: the only states that people of an enterprise, or who register one, may bring about.
    """

    def __init__(
        self,
        model_name: str,
        column: str,
        initial: str,
        transitions: Mapping[str, Iterable[str]],
        by_enterprise: Iterable[str] = (),
        by_registrant: Iterable[str] = (),
    ) -> None:
        self.model_name = model_name
        self.column = column
        self.initial = initial
        self.transitions = {state: sorted(following) for state, following in transitions.items()}
        self.by_enterprise = tuple(by_enterprise)
        self.by_registrant = tuple(by_registrant)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        told = [self.model_name, self.column, self.initial, self.transitions, self.by_enterprise, self.by_registrant]
        return (type(self).__name__, told, {})

    def describe(self) -> str:
        return f"Allow only the listed changes of {self.column} of {self.model_name}"

    def forwards(self, table: str) -> Iterable[str]:
        pairs = [f"{old}>{new}" for old, following in self.transitions.items() for new in following]
        allowed = _text_array(pairs)
        own = {
            "app_enterprise": _text_array(self.by_enterprise),
            "app_registrant": _text_array(self.by_registrant),
        }
        forbidden = " OR ".join(
            f"current_user = '{role}' AND NOT NEW.{self.column} = ANY ({states})" for role, states in own.items()
        )
        yield (
            f"CREATE FUNCTION {table}_{self.column}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF TG_OP = 'INSERT' AND NEW.{self.column} <> '{self.initial}' THEN"
            f" RAISE EXCEPTION '{table}.{self.column} starts as {self.initial}, not %', NEW.{self.column}"
            " USING ERRCODE = 'check_violation';"
            f" ELSIF TG_OP = 'UPDATE' AND NEW.{self.column} <> OLD.{self.column}"
            f" AND (NOT (OLD.{self.column} || '>' || NEW.{self.column}) = ANY ({allowed})"
            f" OR {forbidden}) THEN"
            f" RAISE EXCEPTION '{table}.{self.column} cannot go from % to %', OLD.{self.column}, NEW.{self.column}"
            " USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
        )
        yield (
            f"CREATE TRIGGER {table}_{self.column}_guard BEFORE INSERT OR UPDATE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_{self.column}_guard()"
        )

    def backwards(self, table: str) -> Iterable[str]:
        yield f"DROP TRIGGER {table}_{self.column}_guard ON {table}"
        yield f"DROP FUNCTION {table}_{self.column}_guard()"
