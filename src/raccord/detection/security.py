"""Row-level security of the room: changes are the service's alone, verdicts follow their case."""

_CASES = "ANY (ARRAY(SELECT raccord_visible_cases(raccord_user())))"

#: Whether somebody of this identity has a protected schooling: a search then answers « retrouvé »
#: to everybody, and nothing more. It tells no name that the one who asks has not typed.
_PROTECTED = """CREATE OR REPLACE FUNCTION raccord_is_protected(named text, born date)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM followup_person WHERE protected_at IS NOT NULL
        AND search_name = named AND birth_date IS NOT DISTINCT FROM born)
$$"""


def statements(role: str) -> list[str]:
    """SQL in force for the web role; may be run again and again."""
    rules = {
        # what a night replaced names young people of a whole académie: no page reads it
        "detection_change": ("false", "false"),
        "detection_humanverdict": (f"case_id = {_CASES}", f"case_id = {_CASES}"),
    }
    found = [_PROTECTED]
    for table, (sees, adds) in rules.items():
        found += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            *(
                f"DROP POLICY IF EXISTS raccord_{act} ON {table}"
                for act in ("sees", "adds", "changes")
            ),
            f"CREATE POLICY raccord_sees ON {table} FOR SELECT TO {role} USING ({sees})",
            f"CREATE POLICY raccord_adds ON {table} FOR INSERT TO {role} WITH CHECK ({adds})",
            f"CREATE POLICY raccord_changes ON {table} FOR UPDATE TO {role} "
            f"USING ({sees}) WITH CHECK ({adds})",
        ]
    return found
