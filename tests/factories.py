"""One factory per row people make. Keep it boring: defaults that are valid, nothing that surprises."""

import datetime as dt
import uuid

import factory
from factory.django import DjangoModelFactory

from accounts.models import Organisation, Role, User
from courses.models import Activity, Course, Enrolment, Module
from credentials.models import Application, CredentialType, Reason, Requirement

NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
# Names no row. A constant, since a test's name must be the same in every worker.
NOTHING = uuid.UUID("0b5e55ed-0000-4000-8000-00000badf00d")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password("a good long password")

    @factory.post_generation
    def roles(self, create, extracted, **kwargs):
        from accounts.services import give_roles

        if extracted:
            give_roles(user=self, roles=extracted, by=None, at=NOW)


def person(*roles: str, **fields) -> User:
    """A user holding `roles`."""
    return UserFactory(roles=roles, **fields)


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"School {n}")


class CredentialTypeFactory(DjangoModelFactory):
    class Meta:
        model = CredentialType

    code = "SMT"
    edition = factory.Sequence(lambda n: f"2026.{n}")
    title = "Sports Massage Therapist"
    issuer_name = "Tarn Register of Hands-on Therapy"
    description = "Massage for people who train and compete."
    criteria = "Education, a written and a practical examination, and current documents."
    scope = "Massage and soft-tissue work before, between and after events."
    limits = "Not diagnosis, manipulation, or advice on medicines or supplements."
    code_of_conduct = ["I work within my scope."]
    zone = "Europe/London"
    validity_years = 2
    number_prefix = "SMT"
    state = CredentialType.State.OPEN


class RequirementFactory(DjangoModelFactory):
    class Meta:
        model = Requirement

    credential_type = factory.SubFactory(CredentialTypeFactory)
    code = factory.Sequence(lambda n: f"requirement-{n}")
    kind = Requirement.Kind.DOCUMENT
    title = factory.Sequence(lambda n: f"Requirement {n}")
    position = factory.Sequence(int)


class ReasonFactory(DjangoModelFactory):
    class Meta:
        model = Reason

    credential_type = factory.SubFactory(CredentialTypeFactory)
    purpose = Reason.Purpose.MET
    code = factory.Sequence(lambda n: f"R{n}")
    text = "Confirmed at the source"


class ApplicationFactory(DjangoModelFactory):
    class Meta:
        model = Application

    applicant = factory.SubFactory(UserFactory)
    credential_type = factory.SubFactory(CredentialTypeFactory)
    name_on_id = "Orla Brandreth"
    listed = True
    agreed_at = NOW
    submitted_at = NOW


class CourseFactory(DjangoModelFactory):
    class Meta:
        model = Course

    code = factory.Sequence(lambda n: f"COURSE-{n}")
    edition = "2026.1"
    title = factory.Sequence(lambda n: f"Course {n}")
    hours = 10
    page_key = factory.LazyFunction(uuid.uuid4)


class ModuleFactory(DjangoModelFactory):
    class Meta:
        model = Module

    course = factory.SubFactory(CourseFactory)
    code = factory.Sequence(lambda n: f"M{n}")
    title = factory.Sequence(lambda n: f"Module {n}")
    hours = 5
    position = factory.Sequence(int)
    page_key = factory.LazyFunction(uuid.uuid4)


class ActivityFactory(DjangoModelFactory):
    class Meta:
        model = Activity

    module = factory.SubFactory(ModuleFactory)
    kind = Activity.Kind.LESSON
    title = factory.Sequence(lambda n: f"Activity {n}")
    minutes = 20
    position = factory.Sequence(int)
    page_key = factory.LazyFunction(uuid.uuid4)


class EnrolmentFactory(DjangoModelFactory):
    class Meta:
        model = Enrolment

    learner = factory.SubFactory(UserFactory)
    course = factory.SubFactory(CourseFactory)
    enrolled_at = NOW


__all__ = [name for name in dir() if name.endswith("Factory")] + ["NOW", "Role", "person"]
