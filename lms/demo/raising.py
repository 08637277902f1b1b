"""What people raised: the candidate's two appeals, one closed and one open, that of another candidate, and two concerns."""

from accounts.models import User
from credentials.models import Application, Case, Credential, DocumentReview
from credentials.services import (
    close_case,
    give_case,
    lodge_appeal,
    note_case,
    raise_concern,
    record_case,
)
from lms.demo.acts import Acts
from quizzes.models import Attempt


class Raising:
    def __init__(self, acts: Acts, people: dict[str, User]) -> None:
        self.acts, self.clock, self.people = acts, acts.clock, people
        self.first, self.second = people["registrar"], people["registrar2"]

    def tell_closed(self, application: Application) -> None:
        """The candidate's first-aid certificate was turned down by mistake; she appealed, and another registrar found for her."""
        acts, clock = self.acts, self.clock
        sent = acts.send(application, "first-aid", at=clock.ago(63, 10))
        acts.review(
            sent, "not_met", "F5", at=clock.ago(62, 15), note="“Blended”: taken for online."
        )
        appeal = self._appeal(
            application,
            sent.reviews.get(),
            ground="procedure",
            said="The course had a practical day: page two of the certificate gives its date and place. I think only page one was read.",
            days=61,
        )
        give_case(case=appeal, owner=self.second, by=self.second, at=clock.ago(60, 9))
        note_case(
            case=appeal,
            note="Rang the provider: they confirm the practical day.",
            by=self.second,
            at=clock.ago(58, 14),
        )
        close_case(
            case=appeal,
            outcome="upheld",
            note="You are right: page two shows the practical day, and the provider confirms it. Send the certificate again and it is accepted. We are sorry for the delay.",
            by=self.second,
            at=clock.ago(57, 16),
        )

    def tell_open(self, application: Application) -> None:
        """Her newer insurance was taken not to cover the work; the appeal waits for its owner's answer. The older one still holds."""
        acts, clock = self.acts, self.clock
        sent = acts.send(application, "insurance", at=clock.ago(14, 10))
        acts.review(sent, "not_met", "I5", at=clock.ago(11, 15))
        appeal = self._appeal(
            application,
            sent.reviews.get(),
            ground="content",
            said="Clause 4 of the policy names soft-tissue therapy. I ask that the whole policy be read, and not the summary.",
            days=9,
        )
        give_case(case=appeal, owner=self.second, by=self.first, at=clock.ago(8, 9))

    def tell_others(self) -> None:
        clock, people = self.clock, self.people
        attempt = Attempt.objects.filter(learner=people["thabo"]).latest("started_at")
        appeal = lodge_appeal(
            key=f"written:{attempt.uuid}",
            ground="procedure",
            said="The fire alarm rang in my second hour and nobody gave the ten minutes back.",
            by=people["thabo"],
            at=clock.ago(8, 9),
        )
        give_case(case=appeal, owner=self.second, by=self.first, at=clock.ago(7, 9))
        record_case(
            kind="concern", raised_by="A client, by telephone", about="Title used while suspended",
            credential=Credential.objects.get(holder=people["katarzyna"]), by=self.first,
            said="Her shop window still says Certified Sports Massage Therapist.",
            received_on=clock.day(6), at=clock.ago(6, 11),
        )  # fmt: skip
        raise_concern(
            about="Marla Finch, Tarn Market",
            said="She offers “certified sports massage” on a poster in our club. I asked for her number and she has none.",
            raised_by="Idris Vaughan, Tarn Rowing Club",
            contact="idris.vaughan@rowing.example",
            at=clock.ago(2, 20),
        )

    def _appeal(
        self, application: Application, review: DocumentReview, *, ground: str, said: str, days: int
    ) -> Case:
        return lodge_appeal(
            key=f"review:{review.uuid}",
            ground=ground,
            said=said,
            by=application.applicant,
            at=self.clock.ago(days, 11),
        )
