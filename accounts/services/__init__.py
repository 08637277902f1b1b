"""The door of accounts: what changes people and their ties, and the refusals every app speaks in.

Verbs take keywords, `by` (who does it; None is the system) and `at` (server time), run in one transaction, and may be called twice.
"""

from accounts.services.accommodations import (
    accommodate,
    accommodation_of,
    accommodations_of,
)
from accounts.services.notices import (
    already_queued,
    notify,
    read_all_notices,
    read_notice,
    send_what_is_unsent,
)
from accounts.services.people import (
    INVITATION_DAYS,
    accept_invitation,
    give_roles,
    invite,
    lock_learner,
    open_account,
    rename,
    roles_to_invite_to,
    set_roles,
    withdraw_invitation,
)
from accounts.services.refusals import Conflict, Forbidden, Invalid, Missing, Refusal
from accounts.services.separation import (
    MATRIX,
    Part,
    record_examining,
    refuse,
    require_none_of,
    require_not_own,
    require_second_person,
    require_separate,
    separations,
)
from accounts.services.spreadsheets import csv_text, harmless
from accounts.services.ties import (
    TRAINER_BAR_MONTHS,
    Bar,
    bars_among,
    bars_to_examining,
    declare_conflict,
    months_before,
    record_teaching,
)

__all__ = [
    "INVITATION_DAYS",
    "MATRIX",
    "TRAINER_BAR_MONTHS",
    "Bar",
    "Conflict",
    "Forbidden",
    "Invalid",
    "Missing",
    "Part",
    "Refusal",
    "accept_invitation",
    "accommodate",
    "accommodation_of",
    "accommodations_of",
    "already_queued",
    "bars_among",
    "bars_to_examining",
    "csv_text",
    "declare_conflict",
    "give_roles",
    "harmless",
    "invite",
    "lock_learner",
    "months_before",
    "notify",
    "open_account",
    "read_all_notices",
    "read_notice",
    "record_examining",
    "record_teaching",
    "refuse",
    "rename",
    "require_none_of",
    "require_not_own",
    "require_second_person",
    "require_separate",
    "roles_to_invite_to",
    "send_what_is_unsent",
    "separations",
    "set_roles",
    "withdraw_invitation",
]
