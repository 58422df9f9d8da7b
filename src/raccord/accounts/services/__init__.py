"""What is written about accounts and rights: actor first, one transaction each."""

from raccord.accounts.services.equipping import Report, equip_territory
from raccord.accounts.services.invitations import (
    accept_at_address,
    accept_invitation,
    cancel,
    claim,
    found,
    invite,
    resend,
)
from raccord.accounts.services.memberships import (
    authorise_correspondent,
    confirm,
    confirm_memberships,
    designate_basin_referent,
    end_membership,
    take_back,
)
from raccord.accounts.services.refusals import NotYours, Refused
from raccord.accounts.services.users import (
    change_identity,
    disable_user,
    give_feedback,
    remove_second_factor,
)

__all__ = [
    "NotYours",
    "Refused",
    "Report",
    "accept_at_address",
    "accept_invitation",
    "authorise_correspondent",
    "cancel",
    "change_identity",
    "claim",
    "confirm",
    "confirm_memberships",
    "designate_basin_referent",
    "disable_user",
    "end_membership",
    "equip_territory",
    "found",
    "give_feedback",
    "invite",
    "remove_second_factor",
    "resend",
    "take_back",
]
