"""What each role may do in Wagtail. Every migrate, and loading the content, brings the groups to what is said here.

Examiners and invigilators have no access: they never meet the page tree. Which *rows* a person sees (an instructor no secure item, for
example) is not a permission but `visible_to` of the model; what they do there goes through the services and their rules.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from accounts.models import Role
from cms.models import CataloguePage, HomePage

LOOK = ("view",)
WRITE = ("view", "add", "change")
KEEP = (*WRITE, "delete")
PUBLISH = (*WRITE, "publish", "lock", "unlock")

# role: {model: what may be done with it}. Everybody named here may enter Wagtail.
MODELS: dict[str, dict[str, tuple[str, ...]]] = {
    Role.INSTRUCTOR: {
        "courses.claim": LOOK,
        "courses.contraindication": LOOK,
        "courses.figure": WRITE,
    },
    Role.ITEM_AUTHOR: {
        "quizzes.item": WRITE,
        "practicals.checklist": WRITE,
        "courses.claim": LOOK,
        "courses.contraindication": LOOK,
        "courses.figure": WRITE,
    },
    Role.ITEM_REVIEWER: {
        "quizzes.item": PUBLISH,
        "practicals.checklist": PUBLISH,
        "courses.claim": PUBLISH,
        "courses.contraindication": PUBLISH,
        "courses.figure": (*WRITE, "publish"),
    },
    Role.CHIEF_EXAMINER: {
        "practicals.checklist": PUBLISH,
        "practicals.examplan": LOOK,
        "practicals.examday": LOOK,
        "courses.claim": LOOK,
        "courses.figure": LOOK,
    },
    Role.REGISTRAR: {
        "practicals.examplan": WRITE,
        "practicals.examday": WRITE,
        "practicals.appointment": LOOK,
        "courses.cohort": LOOK,
        "courses.enrolment": WRITE,
        "credentials.credentialtype": LOOK,
        "credentials.requirement": LOOK,
        "credentials.reason": LOOK,
        "accounts.user": LOOK,
    },
    Role.ADMINISTRATOR: {
        "practicals.examplan": WRITE,
        "practicals.examday": WRITE,
        "courses.cohort": KEEP,
        "courses.enrolment": KEEP,
        "courses.claim": (*WRITE, "publish"),
        "courses.contraindication": (*WRITE, "publish"),
        "courses.figure": (*WRITE, "publish"),
        "quizzes.quiz": ("view", "change"),
        "credentials.credentialtype": WRITE,
        "credentials.requirement": WRITE,
        "credentials.reason": WRITE,
        "accounts.user": ("view", "change"),
        "accounts.organisation": WRITE,
        "accounts.membership": WRITE,
        "wagtailcore.site": ("view", "change"),
        "wagtailcore.workflow": ("view", "add", "change"),
        "wagtailcore.task": ("view", "add", "change"),
        "wagtailredirects.redirect": KEEP,
    },
}

# role: where in the tree, and what may be done with pages there and below. Who may not publish submits to the review workflow.
PAGES: dict[str, tuple[type[Page], tuple[str, ...]]] = {
    Role.INSTRUCTOR: (CataloguePage, ("add", "change")),
    Role.ITEM_AUTHOR: (CataloguePage, ("add", "change")),
    Role.ITEM_REVIEWER: (CataloguePage, ("add", "change", "publish", "lock", "unlock")),
    Role.ADMINISTRATOR: (
        HomePage,
        ("add", "change", "publish", "lock", "unlock", "bulk_delete"),
    ),
}

NOWHERE: tuple[type[Page], tuple[str, ...]] = (HomePage, ())

# Pictures, videos, captions: whoever may write pages.
FILES = ("wagtailimages.image", "wagtaildocs.document")
FILE_ACTIONS = ("add", "change", "choose")


def sync_roles() -> None:
    """Give every role's group exactly what is said above; take Wagtail's own two groups away while nobody is in them. Idempotent."""
    Group.objects.filter(name__in=["Editors", "Moderators"], user=None).delete()
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    files = Collection.get_first_root_node()
    for role in Role.values:
        group, _new = Group.objects.get_or_create(name=role)
        # A permission that is not made yet (an app migrated halfway) gives nothing; the last migrate gives it.
        group.permissions.set(known[name] for name in names_of(role) if name in known)
        model, actions = PAGES.get(role, NOWHERE)
        place = model.objects.first()
        pages = [known[f"wagtailcore.{action}_page"] for action in actions]
        _exactly(GroupPagePermission, group, {"page": place and place.page_ptr}, pages)
        chosen = [
            known[f"{app}.{action}_{name}"]
            for app, name in (label.split(".") for label in FILES if role in PAGES)
            for action in FILE_ACTIONS
        ]
        _exactly(GroupCollectionPermission, group, {"collection": files}, chosen)


def names_of(role: str) -> list[str]:
    """The Django permissions of a role, as `app.codename`."""
    models = MODELS.get(role)
    if models is None:
        return []
    names = [
        f"{app}.{action}_{model}"
        for (app, model), actions in (
            (name.split("."), actions) for name, actions in models.items()
        )
        for action in actions
    ]
    return ["wagtailadmin.access_admin", *names]


def _exactly(
    through: type[Model], group: Group, where: dict[str, Any], wanted: Iterable[int]
) -> None:
    """Let a group hold `wanted` at one place (`{"page": …}` or `{"collection": …}`) and nothing else anywhere. Without a place yet, nothing."""
    if None in where.values():
        return
    held, missing = through._default_manager.filter(group=group), set(wanted)
    held.exclude(**where, permission__in=missing).delete()
    missing -= set(held.values_list("permission_id", flat=True))
    through._default_manager.bulk_create(
        through(group=group, permission_id=pk, **where) for pk in missing
    )
