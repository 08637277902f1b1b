"""The shapes of the HTTP interface, for its published schema. Nothing runs through them: what leaves is made by name in frozen.py."""

from rest_framework import serializers

from quizzes.blocks import ITEM_TYPES


class Option(serializers.Serializer):
    """An option. On a figure, with its place: of a region a point inside it, of a pin the pin and what it points at in words."""

    id = serializers.CharField()
    text = serializers.CharField()
    where = serializers.CharField(required=False)
    x = serializers.FloatField(required=False, min_value=0, max_value=1)
    y = serializers.FloatField(required=False, min_value=0, max_value=1)


class CasePart(serializers.Serializer):
    """A question of a case set."""

    id = serializers.CharField()
    text = serializers.CharField()
    options = Option(many=True)


class Medium(serializers.Serializer):
    url = serializers.CharField()
    type = serializers.CharField(help_text="content type")
    alt = serializers.CharField()
    credit = serializers.CharField()


class Question(serializers.Serializer):
    position = serializers.IntegerField(min_value=1)
    type = serializers.ChoiceField(ITEM_TYPES)
    stem = serializers.CharField()
    stimulus = serializers.CharField(required=False)
    options = Option(many=True)
    targets = Option(many=True, required=False)
    parts = CasePart(many=True, required=False)
    theme = serializers.CharField(required=False)
    unit = serializers.CharField(required=False)
    words = serializers.IntegerField(required=False, help_text="about how many are asked for")
    rule = serializers.CharField(required=False, help_text="how it is marked, in a sentence")
    media = Medium(many=True)
    points = serializers.IntegerField()


class Start(serializers.Serializer):
    agreed = serializers.BooleanField(
        required=False, help_text="to the agreement, where the quiz has one"
    )


class Here(serializers.Serializer):
    unsent = serializers.IntegerField(min_value=0, help_text="answers waiting on the device")


class Clock(serializers.Serializer):
    """While on a break, `due_at` is the latest end: as if all of the break were taken."""

    state = serializers.ChoiceField(["in_progress", "submitted"])
    due_at = serializers.DateTimeField(allow_null=True)
    server_time = serializers.DateTimeField()
    paused_at = serializers.DateTimeField(allow_null=True, help_text="on a break since")
    break_seconds_left = serializers.IntegerField()


class Save(serializers.Serializer):
    answer = serializers.JSONField(
        allow_null=True,
        help_text='{"choice"} · {"choices"} · {"order"} · {"pairs"} · {"value"} · {"text"} · {"x", "y"} · {"parts"}, or null',
    )
    flagged = serializers.BooleanField(required=False)
    seq = serializers.IntegerField(min_value=1, help_text="rises with every save of this response")


class Saved(serializers.Serializer):
    seq = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.JSONField(allow_null=True)
    flagged = serializers.BooleanField(required=False)


class SavedResponse(Saved):
    position = serializers.IntegerField()
    checked = serializers.BooleanField()


class ExplainedOption(Option):
    right = serializers.JSONField(
        help_text="to be chosen or not; its place in the right order; or the text of its target"
    )
    given = serializers.JSONField(allow_null=True, help_text="what was answered, in the same way")
    verdict = serializers.ChoiceField(["right", "wrong", "missed", ""])
    rationale = serializers.CharField()
    outline = serializers.JSONField(required=False, help_text="of a region")


class ExplainedPart(serializers.Serializer):
    id = serializers.CharField()
    text = serializers.CharField()
    earned = serializers.IntegerField()
    options = ExplainedOption(many=True)


class RubricLine(serializers.Serializer):
    id = serializers.CharField()
    text = serializers.CharField()
    points = serializers.IntegerField()


class Explained(Question):
    """A practice question, answered."""

    options = ExplainedOption(many=True)  # type: ignore[assignment]
    parts = ExplainedPart(many=True, required=False)  # type: ignore[assignment]
    rubric = RubricLine(many=True, required=False)
    answer = serializers.JSONField(allow_null=True)
    earned = serializers.FloatField(allow_null=True, help_text="null: nobody marks it in practice")
    solution = serializers.CharField(allow_blank=True)
    rationale = serializers.CharField(allow_blank=True)


class DomainBand(serializers.Serializer):
    domain = serializers.CharField()
    title = serializers.CharField()
    items = serializers.IntegerField()
    band = serializers.ChoiceField(["below", "near", "good"])


class Late(serializers.Serializer):
    """An answer that came after the clock had closed the attempt: kept beside, and not counted."""

    position = serializers.IntegerField()
    came_at = serializers.DateTimeField()


class Attempt(serializers.Serializer):
    """Open: `questions` and `responses`, but not on a break. Submitted: what the quiz tells; an examination that was passed says only so."""

    uuid = serializers.UUIDField()
    state = serializers.ChoiceField(["in_progress", "submitted"])
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    server_time = serializers.DateTimeField()
    paused_at = serializers.DateTimeField(
        allow_null=True, required=False, help_text="on a break since"
    )
    break_seconds_left = serializers.IntegerField(required=False)
    passed = serializers.BooleanField(allow_null=True)
    questions = Question(many=True, required=False)
    responses = SavedResponse(many=True, required=False)
    submitted_at = serializers.DateTimeField(required=False)
    closed_by_clock = serializers.BooleanField(required=False)
    late = Late(many=True, required=False)
    points = serializers.FloatField(required=False)
    out_of = serializers.FloatField(required=False)
    pass_percent = serializers.FloatField(required=False)
    scaled = serializers.IntegerField(
        required=False, help_text="where the quiz has a scale, instead of points"
    )
    scale_cut = serializers.IntegerField(required=False)
    scale_max = serializers.IntegerField(required=False)
    bands = DomainBand(many=True, required=False)


class Item(serializers.Serializer):
    """An item's current version for readers of its pool; `key` has the shape of an answer."""

    code = serializers.CharField()
    version = serializers.IntegerField()
    pool = serializers.ChoiceField(["practice", "secure"])
    domain = serializers.CharField()
    level = serializers.CharField()
    type = serializers.CharField()
    stem = serializers.CharField()
    stimulus = serializers.CharField(allow_blank=True)
    options = ExplainedOption(many=True)
    targets = Option(many=True)
    parts = ExplainedPart(many=True, required=False)
    rubric = RubricLine(many=True, required=False)
    theme = serializers.CharField(allow_blank=True)
    points = serializers.IntegerField()
    unit = serializers.CharField(allow_blank=True)
    words = serializers.IntegerField(allow_null=True)
    key = serializers.JSONField()
    accept = serializers.ListField(child=serializers.CharField())
    tolerance = serializers.FloatField()
    rationale = serializers.CharField(allow_blank=True)
    solution = serializers.CharField(allow_blank=True)
    reference = serializers.CharField()
