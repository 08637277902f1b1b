"""The pages. What learners owe and did hangs on rows in courses; a page is how an activity presents itself."""

from cms.models.activity import ActivityPage, LessonPage, PracticalPage, QuizPage
from cms.models.base import ContentFile, SecondReader
from cms.models.course import CoursePage, ModulePage
from cms.models.site import CataloguePage, CredentialPage, HomePage, StandardPage

__all__ = [
    "ActivityPage",
    "CataloguePage",
    "ContentFile",
    "CoursePage",
    "CredentialPage",
    "HomePage",
    "LessonPage",
    "ModulePage",
    "PracticalPage",
    "QuizPage",
    "SecondReader",
    "StandardPage",
]
