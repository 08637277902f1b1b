"""How requests of programs are read. Apart from `web`: DRF needs it while its own views are being imported."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class JSONBody(JSONParser):
    """The JSON of a request. What is nested too deeply to be read is as wrong as what is no JSON at all."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError("This is nested too deeply.") from None
