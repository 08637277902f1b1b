"""Each role at Wagtail's door: which sections open, and which do not."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db.migrations.executor import MigrationExecutor
from django.urls import NoReverseMatch, reverse
from wagtail.models import GroupPagePermission, Page

from accounts.models import Role, User
from cms.models import CataloguePage, HomePage
from courses.models import Claim
from lms.apps import give_roles_their_permissions
from lms.roles import MODELS, names_of, sync_roles
from practicals.models import Checklist
from quizzes.models import Domain, Item
from tests.factories import person

pytestmark = pytest.mark.django_db
NOBODY: set[str] = set()
ITEMS = {Role.ITEM_AUTHOR, Role.ITEM_REVIEWER}

# section: who may open it
SECTIONS = {
    "pages": {Role.INSTRUCTOR, *ITEMS, Role.ADMINISTRATOR},
    "items": {Role.INSTRUCTOR, *ITEMS},
    "checklists": {*ITEMS, Role.CHIEF_EXAMINER},
    "claims": {Role.INSTRUCTOR, *ITEMS, Role.CHIEF_EXAMINER, Role.ADMINISTRATOR},
    "exam plans": {Role.CHIEF_EXAMINER, Role.REGISTRAR, Role.ADMINISTRATOR},
    "exam days": {Role.CHIEF_EXAMINER, Role.REGISTRAR, Role.ADMINISTRATOR},
    "classes": {Role.REGISTRAR, Role.ADMINISTRATOR},
    "enrolments": {Role.REGISTRAR, Role.ADMINISTRATOR},
    "organisations": {Role.ADMINISTRATOR},
    "members": {Role.ADMINISTRATOR},
    "people": {Role.REGISTRAR, Role.ADMINISTRATOR},
    "groups": NOBODY,
}


def address(section: str) -> str:
    lists = {"items": Item, "checklists": Checklist, "claims": Claim}
    if section in lists:
        return reverse(lists[section].snippet_viewset.get_url_name("list"))
    names = {
        "pages": "wagtailadmin_explore_root",
        "exam plans": "examplan:index",
        "exam days": "examday:index",
        "classes": "cohort:index",
        "enrolments": "enrolment:index",
        "organisations": "organisation:index",
        "members": "membership:index",
        "people": "wagtailusers_users:index",
        "groups": "wagtailusers_groups:index",
    }
    return reverse(names[section])


@pytest.fixture(scope="module")
def standing_tree(standing) -> CataloguePage:
    return standing(build_tree)


@pytest.fixture
def tree(own, standing_tree) -> CataloguePage:
    return own(standing_tree)


def build_tree() -> CataloguePage:
    """The front page with its catalogue, and the groups that work on it."""
    root = Page.objects.get(depth=1)
    home = root.add_child(
        instance=HomePage(title="Home", slug="front", headline="Palpate", lede="x")
    )
    catalogue = home.add_child(instance=CataloguePage(title="Courses", slug="courses"))
    sync_roles()
    return catalogue


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("section", SECTIONS)
def test_each_role_opens_its_sections_and_no_other(client, tree, role, section):
    client.force_login(person(role))
    answer = client.get(address(section), follow=True)
    opens = answer.status_code == 200 and answer.request["PATH_INFO"].startswith(address(section))
    assert opens is (role in SECTIONS[section])


@pytest.mark.parametrize("role", [Role.EXAMINER, Role.INVIGILATOR, None])
def test_some_never_meet_the_page_tree(client, tree, role):
    client.force_login(person(*([role] if role else [])))
    for name in ("wagtailadmin_home", "wagtailadmin_explore_root", "wagtailadmin_account"):
        assert client.get(reverse(name)).status_code == 302


def test_a_visitor_signs_in_and_comes_back(client):
    wanted = reverse("wagtailadmin_explore_root")
    answer = client.get(wanted, follow=True)
    assert answer.request["PATH_INFO"] == reverse("account_login")
    here = answer.redirect_chain[0][0]
    assert here.startswith("/desk/?next=/cms/")
    client.force_login(person(Role.ADMINISTRATOR))
    assert client.get(here).headers["Location"] == wanted
    client.force_login(person(Role.EXAMINER))
    assert client.get(here).headers["Location"] == reverse("examiner-desk")


@pytest.mark.parametrize(
    "away", ["https://evil.example/cms/", "//evil.example/cms/", "/\\evil.example"]
)
def test_the_desk_sends_nobody_elsewhere(client, away):
    client.force_login(person(Role.ADMINISTRATOR))
    answer = client.get(reverse("desk"), {"next": away})
    assert answer.headers["Location"] == reverse("wagtailadmin_home")


def test_wagtails_own_sign_in_is_no_way_round_the_second_step(client):
    person(Role.ADMINISTRATOR, email="ada@example.org", password="a good long password")
    answer = client.post(
        reverse("wagtailadmin_login"),
        {"username": "ada@example.org", "password": "a good long password"},
    )
    assert answer.headers["Location"] == reverse("desk")
    assert "_auth_user_id" not in client.session


def test_every_permission_named_exists():
    known = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    for role in MODELS:
        assert set(names_of(role)) <= known


def test_syncing_twice_changes_nothing_and_puts_right_what_was_changed(tree):
    sync_roles()
    before = snapshot()
    instructors = Group.objects.get(name=Role.INSTRUCTOR)
    instructors.permissions.clear()
    instructors.permissions.add(Permission.objects.get(codename="delete_user"))
    GroupPagePermission.objects.create(
        group=instructors,
        page=Page.objects.get(depth=1),
        permission=Permission.objects.get(codename="publish_page"),
    )
    sync_roles()
    assert snapshot() == before


def snapshot() -> dict:
    return {
        group.name: (
            sorted(group.permissions.values_list("codename", flat=True)),
            sorted(group.page_permissions.values_list("page_id", "permission__codename")),
            sorted(group.collection_permissions.values_list("permission__codename", flat=True)),
        )
        for group in Group.objects.all()
    }


def test_wagtails_own_groups_go_while_nobody_is_in_them(db):
    empty, used = Group.objects.create(name="Editors"), Group.objects.create(name="Moderators")
    used.user_set.add(person())
    sync_roles()
    assert not Group.objects.filter(pk=empty.pk).exists()
    assert Group.objects.filter(pk=used.pk).exists()


def test_instructors_write_under_the_catalogue_and_do_not_publish(tree):
    rights = tree.permissions_for_user(person(Role.INSTRUCTOR))
    assert rights.can_add_subpage()
    assert rights.can_edit()
    assert not rights.can_publish()
    above = HomePage.objects.get().permissions_for_user(person(Role.INSTRUCTOR))
    assert not above.can_edit()


def test_reviewers_and_administrators_publish(tree):
    assert tree.permissions_for_user(person(Role.ITEM_REVIEWER)).can_publish()
    home = HomePage.objects.get()
    assert home.permissions_for_user(person(Role.ADMINISTRATOR)).can_publish()
    assert not home.permissions_for_user(person(Role.REGISTRAR)).can_edit()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.INSTRUCTOR, 403),
        (Role.ITEM_AUTHOR, 200),
        (Role.ITEM_REVIEWER, 200),
        (Role.ADMINISTRATOR, 403),
        (Role.REGISTRAR, 403),
        (Role.CHIEF_EXAMINER, 403),
    ],
)
def test_a_secure_item_opens_to_its_readers_only(client, role, status):
    item = Item.objects.create(
        code="D1-R-900",
        pool="secure",
        domain=Domain.objects.create(code="D1", title="Ethics"),
        level="recall",
        stem="What is asked?",
        reference="2026",
        review_by="2028-01-01",
        live=False,
    )
    client.force_login(person(role))
    edit = reverse(Item.snippet_viewset.get_url_name("edit"), args=[item.pk])
    answer = client.get(edit, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == status


# People


def test_an_administrator_changes_roles_of_others_and_it_is_recorded(client):
    administrator, somebody = person(Role.ADMINISTRATOR), person(name="Nia")
    client.force_login(administrator)
    edit = reverse("wagtailusers_users:edit", args=[somebody.pk])
    assert client.get(edit).status_code == 200
    client.post(
        edit, {"name": "Nia Okafor", "is_active": "on", "roles": ["examiner", "instructor"]}
    )
    after = User.objects.get(pk=somebody.pk)
    assert (after.name, after.roles) == ("Nia Okafor", {"examiner", "instructor"})
    history = client.get(reverse("wagtailusers_users:history", args=[somebody.pk]))
    assert "Roles given" in history.content.decode()


def test_nobody_gives_themselves_a_role(client):
    administrator = person(Role.ADMINISTRATOR)
    client.force_login(administrator)
    edit = reverse("wagtailusers_users:edit", args=[administrator.pk])
    client.post(edit, {"name": "Same", "is_active": "", "roles": ["registrar"]})
    after = User.objects.get(pk=administrator.pk)
    assert (after.roles, after.is_active) == ({"administrator"}, True)
    registrars = Group.objects.get(name=Role.REGISTRAR)
    for action in ("assign_role", "delete", "set_active_state"):
        bulk = reverse("wagtail_bulk_action", args=["accounts", "user", action])
        fields = {"role": registrars.pk, "mark_as_active": "on"}
        answer = client.post(f"{bulk}?id={administrator.pk}", fields)
        assert "Sorry, you do not have permission" in answer.content.decode() or (
            answer.status_code == 302
        )
    assert User.objects.get(pk=administrator.pk).roles == {"administrator"}


def test_a_registrar_looks_at_people_and_changes_nothing(client):
    somebody = person(name="Before")
    client.force_login(person(Role.REGISTRAR))
    inspect = client.get(reverse("wagtailusers_users:inspect", args=[somebody.pk]))
    assert somebody.email in inspect.content.decode()
    edit = reverse("wagtailusers_users:edit", args=[somebody.pk])
    assert client.post(edit, {"name": "After", "roles": ["examiner"]}).status_code == 302
    assert User.objects.get(pk=somebody.pk).name == "Before"


def test_nobody_is_added_or_deleted_by_hand_not_even_by_a_superuser(client):
    somebody = person()
    root = User.objects.create_superuser("root@example.org", "a long password", name="Root")
    client.force_login(root)
    for name, args in (("add", []), ("delete", [somebody.pk])):
        try:
            where = reverse(f"wagtailusers_users:{name}", args=args)
        except NoReverseMatch:
            continue
        assert client.post(where, {}).status_code in (302, 403)
    assert User.objects.filter(pk=somebody.pk).exists()


def test_people_are_found_by_name_address_and_role(client):
    person(name="Aoife Brennan", email="aoife@example.org")
    examiner = person(Role.EXAMINER, name="Marek Novotný")
    client.force_login(person(Role.ADMINISTRATOR, name="Daniel"))
    index = reverse("wagtailusers_users:index")
    group = Group.objects.get(name=Role.EXAMINER)
    for query, found, not_found in (
        ({"q": "brennan"}, "Aoife", "Marek"),
        ({"q": "aoife@"}, "Aoife", "Marek"),
        ({"groups": group.pk}, examiner.name, "Aoife"),
    ):
        said = client.get(index, query).content.decode()
        assert found in said
        assert not_found not in said


def test_one_changes_ones_own_name_in_wagtail_too(client):
    somebody = person(Role.INSTRUCTOR, name="Before")
    client.force_login(somebody)
    account = reverse("wagtailadmin_account")
    assert "Last Name" not in client.get(account).content.decode()
    fields = {
        "name_email-name": "After",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
        "theme-keyboard_shortcuts": "on",
    }
    client.post(account, fields)
    assert User.objects.get(pk=somebody.pk).name == "After"


@pytest.mark.parametrize(("left", "synced"), [([], True), (["one more"], False)])
def test_after_a_migrate_halfway_the_roles_wait_for_the_rest(monkeypatch, left, synced):
    group = Group.objects.get(name=Role.ITEM_AUTHOR)
    group.permissions.clear()
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: left)
    give_roles_their_permissions(using="default")
    assert group.permissions.exists() is synced
