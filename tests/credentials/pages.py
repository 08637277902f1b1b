"""Reading a page as a person would: its words, without its tags."""

import re


def text(response) -> str:
    body = response.content.decode()
    main = body[body.index("<main") : body.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def heading(response) -> str:
    return " ".join(
        re.sub(
            r"<[^>]+>", " ", re.search(r"<h1.*?</h1>", response.content.decode(), re.S)[0]
        ).split()
    )
