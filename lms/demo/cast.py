"""Who plays in the demonstration. The accounts one can sign in to, and the people around them."""

from dataclasses import dataclass

from accounts.models import Role

PASSWORD = "palpate-demo"  # noqa: S105 printed for everybody to read
DOMAIN = "example.org"


@dataclass(frozen=True)
class Part:
    """Somebody in the demonstration; those with `sees` have an account to sign in to."""

    key: str
    name: str
    roles: tuple[str, ...] = ()
    sees: str = ""

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


ACCOUNTS = [
    Part("student", "Tomas Wieland", (), "Modules 1 to 4 done, in module 5; a document came back"),
    Part("candidate", "Nia Okafor", (), "Examined; one station is still to be signed"),
    Part(
        "outsider", "Joel Osei", (), "Trained elsewhere; in the written exam, three answers to go"
    ),
    Part("holder", "Orla Brandreth", (), "Holds the credential: certificate, sharing, register"),
    Part(
        "resat", "Aurel Popescu", (), "Sat two stations of the practical again; the rest was kept"
    ),
    Part(
        "amended", "Zofia Zielińska", (), "Her practical was decided anew; a credential rests on it"
    ),
    Part(
        "completing", "Linnea Ström", (), "A sheet of hers is lost: one station to sit at no charge"
    ),
    Part("instructor", "Inês Almeida", (Role.INSTRUCTOR,), "Two classes, drafts in Wagtail"),
    Part(
        "author",
        "Henrik Brandt",
        (Role.ITEM_AUTHOR,),
        "Item bank, drafts, and items in every state",
    ),
    Part(
        "reviewer",
        "Saanvi Rao",
        (Role.ITEM_REVIEWER,),
        "Items to review, essays to mark, a question ruled on",
    ),
    Part("reviewer2", "Nils Bergqvist", (Role.ITEM_REVIEWER,), "The second pair of eyes on items"),
    Part("reviewer3", "Yara Haidari", (Role.ITEM_REVIEWER,), "Decides where two marks differ"),
    Part(
        "examiner1",
        "Marek Novotný",
        (Role.EXAMINER,),
        "One of the two sheets of the last station to sign",
    ),
    Part(
        "examiner2",
        "Aoife Brennan",
        (Role.EXAMINER,),
        "The other sheet of the last station to sign",
    ),
    Part("chief", "Maja Lindqvist", (Role.CHIEF_EXAMINER,), "A held result to decide"),
    Part(
        "registrar",
        "Amélie Moreau",
        (Role.REGISTRAR,),
        "Documents, results to release, a held one, expiring",
    ),
    Part(
        "registrar2",
        "Bruno Castellani",
        (Role.REGISTRAR,),
        "The second pair of eyes: approves or declines a revocation",
    ),
    Part(
        "invigilator",
        "Tove Sandberg",
        (Role.INVIGILATOR,),
        "Watches over today's sitting of the written exam",
    ),
    Part("administrator", "Daniel Kovač", (Role.ADMINISTRATOR,), "Sets up: people, pages, plans"),
]

EXAMINERS = [
    Part("examiner3", "Bogdan Ilie", (Role.EXAMINER,)),
    Part("examiner4", "Wanjiru Kamau", (Role.EXAMINER,)),
    Part("examiner5", "Hélène Girard", (Role.EXAMINER,)),
    Part("examiner6", "Ravi Menon", (Role.EXAMINER,)),
    Part("examiner7", "Sigrún Jónsdóttir", (Role.EXAMINER,)),
    Part("examiner8", "Caleb Whitaker", (Role.EXAMINER,)),
]

OTHERS = [
    # holders
    Part("sven", "Sven Aalto"),
    Part("ana", "Ana Lúcia Prado"),
    Part("katarzyna", "Katarzyna Wójcik"),
    Part("gareth", "Gareth Pritchard"),
    Part("dmitri", "Dmitri Sokolov"),
    Part("ingrid", "Ingrid Solheim"),
    Part("leilani", "Leilani Kahananui"),
    Part("tunde", "Tunde Adeyemi"),
    # applicants
    Part("kwame", "Kwame Boateng"),
    Part("priya", "Priya Raman"),
    Part("meilin", "Hsu Mei-Lin"),
    Part("elif", "Elif Yıldız"),
    Part("yusuf", "Yusuf Demir"),
    Part("siobhan", "Siobhán Kelly"),
    Part("lucia", "Lucía Herrera"),
    Part("thabo", "Thabo Nkosi"),
    Part("silje", "Silje Haugen"),
    Part("emeka", "Emeka Obi"),
    # in today's sitting
    Part("noor", "Noor Haddadi"),
    Part("bela", "Béla Szabó"),
    Part("keiko", "Keiko Mori"),
    # learners
    Part("giulia", "Giulia Conti"),
    Part("omar", "Omar Haddad"),
    Part("ruth", "Ruth Abebe"),
    Part("finn", "Finn O’Sullivan"),
    Part("hana", "Hana Satō"),
    Part("mateus", "Mateus Ferreira"),
]

EVERYBODY = [*ACCOUNTS, *EXAMINERS, *OTHERS]
