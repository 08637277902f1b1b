"""What the player says: one place, so that all of it can be translated. `{n}` and the like are filled in by the script."""

from django.utils.translation import gettext as _


def player_words() -> dict[str, str]:
    return {
        "question": _("Question {n} of {total}"),
        "title": _("Question {n} of {total} – {quiz}"),
        "tally": _("{answered} answered · {flagged} flagged · {left} to do"),
        "scale": _(
            "{total} questions: {answered} answered, {flagged} flagged, {left} to do. You are at question {n}."
        ),
        "answered": _("answered"),
        "not_answered": _("not answered"),
        "flagged": _("flagged"),
        "current": _("current"),
        "saved": _("Saved"),
        "saving": _("Saving"),
        "kept": _("Kept on this device"),
        "kept_in_window": _("Kept in this window only"),
        "to_send": _("{n} to send"),
        "as_you_go": _("Every answer is saved as you give it."),
        "flag": _("Flag for later"),
        "unflag": _("Take the flag off"),
        "back": _("Back"),
        "next": _("Next question"),
        "review": _("Review and submit"),
        "check": _("Check the answer"),
        "offline": _("You are offline. Go on; nothing is lost."),
        "offline_more": _(
            "Answers are kept on this device since {time} and will be sent when the network is back. Your time does not change. "
            "You may reload this page; it opens without network too."
        ),
        "offline_window": _(
            "This browser keeps nothing, so answers wait in this window since {time}. They will be sent when the network is back. "
            "Do not close or reload it."
        ),
        "raise_hand": _("Raise your hand if this stays for five minutes."),
        "shut_out": _("This examination is being answered on another device."),
        "shut_out_more": _(
            "Answers that were not sent are kept here. Raise your hand: the invigilator can let this device in again."
        ),
        "try_again": _("Try again"),
        "break_offline": _(
            "You are offline and some answers are still to be sent. Take the break when they are."
        ),
        "break_later": _("You are offline. Take the break when the network is back."),
        "review_offline": _("All questions are listed when the network is back."),
        "submit_offline": _(
            "You are offline. What you answered is saved; submit when the network is back."
        ),
        "break_minutes_left": _("{m} minutes of break left"),
        "break_minute_left": _("1 minute of break left"),
        "credited": _("The end of your time has changed. The clock shows what is left."),
        "signed_out": _("You are signed out. Nothing is lost."),
        "signed_out_more": _(
            "Your answers are kept on this device. Sign in again in another window, then come back to this one; they are sent at once."
        ),
        "sign_in": _("Sign in"),
        "elsewhere": _("Question {n} was answered in another window or on another device."),
        "elsewhere_more": _("What is stored there is shown here now. Go on in one window only."),
        "refused": _("Question {n} could not be saved."),
        "refused_more": _(
            "Open this page again and answer it once more. If it happens again, tell us."
        ),
        "time_up": _("The time is up."),
        "time_up_more": _("Every answer saved so far counts. Your result comes next."),
        "time_up_offline": _(
            "Every answer that reached us counts. Your result comes when the network is back; you need not do anything."
        ),
        "hours_minutes_left": _("{h} hours {m} minutes left"),
        "hour_minutes_left": _("1 hour {m} minutes left"),
        "minutes_left": _("{m} minutes left"),
        "minute_left": _("1 minute left"),
        "seconds_left": _("{s} seconds left"),
        "late": _("Five minutes left. Everything you have answered is saved."),
        "choose_all": _("Choose every one that applies."),
        "order_hint": _(
            "Move the steps into the right order. Until you move one, the question counts as not answered."
        ),
        "up": _("Move up: {text}"),
        "down": _("Move down: {text}"),
        "moved": _("{text}: now in place {n} of {total}."),
        "match_hint": _("Choose for each entry what belongs to it."),
        "choose": _("Choose"),
        "taken_back": _("“{text}” was moved here from another entry."),
        "your_number": _("Your answer, a number"),
        "not_a_number": _("Write a number, for example 7.5. What stands here now is not saved."),
        "your_text": _("Your answer"),
        "right": _("Right"),
        "not_right": _("Not right"),
        "in_part": _("Right in part"),
        "your_right": _("Your answer, right"),
        "your_wrong": _("Your answer, not right"),
        "the_right": _("The right answer"),
        "also_right": _("Right, and not chosen"),
        "right_place": _("Right place"),
        "belongs_place": _("Belongs in place {n}"),
        "belongs_to": _("Belongs to “{text}”"),
        "solution": _("The answer: {text}"),
        "figure": _("Figure: {credit}"),
        "points": _("{n} points."),
        "share": _("{earned} of {points} points."),
        "spot_hint": _(
            "Click or tap the place on the figure, or move the marker with the arrow keys (with Shift in wider steps)."
        ),
        "spot_target": _("Place the marker on the figure. {place}"),
        "spot_at": _("Marker: {x} % from the left, {y} % from the top."),
        "spot_none": _("No marker on the figure yet."),
        "spot_away": _("Take the marker away"),
        "spot_or": _("Or choose by what it looks like; that puts the marker there."),
        "spot_regions": _("The regions, and what they are"),
        "label_hint": _("Choose for each pin the label that belongs to it."),
        "pin": _("Pin {n}: {where}"),
        "theme": _("All options are about"),
        "part": _("{n} of {total}"),
        "your_essay": _("Your essay"),
        "essay_words": _("Words: {n}. About {about} are asked for."),
        "compare": _("Compare your essay with the model answer."),
        "compare_more": _(
            "Nobody marks an essay in practice: it earns no points and counts neither for you nor against you. Go through the rubric line by line "
            "and judge which lines your own text meets."
        ),
        "model": _("Model answer"),
        "rubric": _("Rubric, with the points of each line"),
        "leave": _("Some answers are still to be sent. They are kept on this device."),
        "unsent": _("Answers are still being sent. Wait until they are; then submit."),
        "unsent_offline": _(
            "You are offline and some answers are still to be sent. Submit when the network is back."
        ),
    }
