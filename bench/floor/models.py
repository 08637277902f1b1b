"""A row to update and a Wagtail page of ten blocks."""

from django.db import models
from wagtail.blocks import RichTextBlock
from wagtail.fields import StreamField
from wagtail.models import Page


class Answer(models.Model):
    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    value = models.JSONField(null=True)
    seq = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"answer {self.pk}"


class BarePage(Page):
    body = StreamField([("text", RichTextBlock())])
    template = "floor/page.html"
