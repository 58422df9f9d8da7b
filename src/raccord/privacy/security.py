"""What the web role may do with the tables of this room; written again after every migration."""

from pathlib import Path

ACCESS_LOG = Path(__file__).parent / "sql" / "access_log.sql"

#: What a page gives of a line. The rest (identifier, time, hashes) is the trigger's.
GIVEN = "user_id, reader, functions, structures, academies, act, screen, subjects"

_DPO = "ARRAY(SELECT raccord_academies_as('dpo'))"
_ADMIN = "ARRAY(SELECT raccord_academies_as('territory_admin'))"


def statements(role: str) -> list[str]:
    """SQL that puts the guards of the room in force for the web role."""
    found = [ACCESS_LOG.read_text("utf-8")]
    # The log: a page adds a line and reads none; a DPO reads those of their académie.
    found += [
        f"REVOKE ALL ON privacy_reading, privacy_logcheckpoint FROM {role}",
        f"GRANT INSERT ({GIVEN}), SELECT ON privacy_reading TO {role}",
        "REVOKE ALL ON FUNCTION raccord_forget_readings(timestamptz) FROM PUBLIC",
        "ALTER TABLE privacy_reading ENABLE ROW LEVEL SECURITY",
        *_policy("privacy_reading", "adds", role, "FOR INSERT", "WITH CHECK (true)"),
        *_policy(
            "privacy_reading",
            "sees",
            role,
            "FOR SELECT",
            f"USING (academies && {_DPO}::varchar[] "
            f"OR academies = '{{}}' AND cardinality({_DPO}) > 0)",
        ),
    ]
    # Agreements: everybody's pages ask whether something may leave; an administrator dates them.
    for table in ("privacy_agreement", "privacy_designation"):
        own = f"(academie_id = ANY ({_ADMIN}))"
        found += [
            f"REVOKE DELETE, TRUNCATE ON {table} FROM {role}",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            *_policy(table, "sees", role, "FOR SELECT", "USING (true)"),
            *_policy(table, "adds", role, "FOR INSERT", f"WITH CHECK {own}"),
            *_policy(table, "changes", role, "FOR UPDATE", f"USING {own} WITH CHECK {own}"),
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {table}event FROM {role}",
        ]
    return found


def _policy(table: str, name: str, role: str, act: str, rule: str) -> list[str]:
    return [
        f"DROP POLICY IF EXISTS raccord_{name} ON {table}",
        f"CREATE POLICY raccord_{name} ON {table} {act} TO {role} {rule}",
    ]
