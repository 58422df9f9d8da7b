-- The pupils of an invitation go to the membership it gave. Whoever accepts is not signed in yet, or has no right yet: they
-- read nothing. It moves them once, between an invitation still open and a membership of whoever has its address.

CREATE OR REPLACE FUNCTION raccord_entrust(asked bigint, given bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_invitation i
        JOIN accounts_membership m ON m.id = given AND m.structure_id = i.structure_id AND m.role = i.role
        JOIN accounts_user u ON u.id = m.user_id AND u.email = lower(i.email)
        WHERE i.id = asked AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now())
    THEN
        RETURN;
    END IF;
    DELETE FROM accounts_entrusted WHERE membership_id = given;
    UPDATE accounts_entrusted SET membership_id = given, invitation_id = NULL WHERE invitation_id = asked;
END
$$;
