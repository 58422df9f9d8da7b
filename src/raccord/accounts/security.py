"""Row-level security of the room: who reads which pupils were entrusted to whom."""

from pathlib import Path

ENTRUSTED = Path(__file__).parent / "sql" / "entrusted.sql"

_HEADED = """(SELECT h.structure_id FROM raccord_memberships(raccord_user()) h
        WHERE h.role = 'head')"""
_INVITED = f"""invitation_id IN (
        SELECT i.id FROM accounts_invitation i WHERE i.structure_id IN {_HEADED})"""
#: Those entrusted to oneself, and those that one entrusted as the head of a school. Not the
#: territory's administrator: whoever sets up the rights opens no file.
_SEES = f"""{_INVITED} OR membership_id IN (
        SELECT m.id FROM raccord_memberships(raccord_user()) m
        UNION SELECT m.id FROM accounts_membership m WHERE m.structure_id IN {_HEADED})"""

#: Who sees, who adds. What has been entrusted is changed by `raccord_entrust` alone.
RULES = {
    "accounts_entrusted": (_SEES, f"membership_id IS NULL AND {_INVITED}"),
    # written by the trigger of the history, read by no page
    "accounts_entrustedevent": ("false", "true"),
}


def statements(role: str) -> list[str]:
    """SQL in force for the web role; may be run again and again."""
    found = [ENTRUSTED.read_text("utf-8")]
    for table, (sees, adds) in RULES.items():
        found += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            *(f"DROP POLICY IF EXISTS raccord_{act} ON {table}" for act in ("sees", "adds")),
            f"CREATE POLICY raccord_sees ON {table} FOR SELECT TO {role} USING ({sees})",
            f"CREATE POLICY raccord_adds ON {table} FOR INSERT TO {role} WITH CHECK ({adds})",
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}",
        ]
    return [
        *found,
        "REVOKE ALL ON FUNCTION raccord_entrust(bigint, bigint) FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION raccord_entrust(bigint, bigint) TO {role}",
    ]
