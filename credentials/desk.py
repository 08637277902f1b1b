"""What every page of the registrar's desk shares."""

from typing import Any

from django.utils.translation import gettext as _


def desk_context() -> dict[str, Any]:
    """The role beside the wordmark and the name of the desk's navigation; its links come from whoever knows all desks."""
    return {"role_name": _("registrar"), "nav_label": _("Desk")}
