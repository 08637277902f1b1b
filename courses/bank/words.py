"""What the steps of an entry's life are called."""

from django.utils.translation import gettext_lazy as _

STEPS = {
    "submitted": _("Handed to review"),
    "withdrawn": _("Taken back from review"),
    "content-approved": _("Content review passed"),
    "content-changes": _("Content review: changes asked for"),
    "editorial-approved": _("Editorial and fairness review passed"),
    "editorial-changes": _("Editorial and fairness review: changes asked for"),
    "evidence-approved": _("Evidence review passed"),
    "evidence-changes": _("Evidence review: changes asked for"),
    "evidence-passed-over": _("Evidence review passed over"),
    "published": _("Published"),
    "unpublished": _("Unpublished"),
    "moved": _("Moved by a reviewer"),
    "brought-along": _("Taken over"),
}
