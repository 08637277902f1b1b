"""What Wagtail shows of schemes, and how what people do with records is named in its history."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from credentials.viewsets import SchemeViewSetGroup

LOGGED = {
    "credentials.document_opened": _("Document opened"),
    "credentials.dossier_exported": _("Dossier exported"),
    "credentials.edition_drafted": _("Edition drafted"),
    "credentials.edition_opened": _("Edition put in force"),
    "credentials.edition_closed": _("Edition closed to applications"),
}


@hooks.register("register_admin_viewset")
def schemes() -> SchemeViewSetGroup:
    return SchemeViewSetGroup()


@hooks.register("register_log_actions")
def log_actions(actions) -> None:
    for action, said in LOGGED.items():
        formatter = type("Formatter", (LogFormatter,), {"label": said, "message": said})
        actions.register_action(action)(formatter)
