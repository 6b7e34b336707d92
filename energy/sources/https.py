"""One file at a web address."""

from __future__ import annotations

import base64
from typing import IO
from urllib.parse import unquote_to_bytes, urlsplit

from energy.sources.places import Found, Place, name_of
from lib.outbound import Answer, Limits, Unreached, get_https

PROBLEMS = {401: "sign_in_refused", 403: "sign_in_refused", 404: "not_found", 410: "not_found"}


def refuse_bad_status(answer: Answer) -> None:
    if answer.status != 200:
        other = "server_error" if answer.status >= 500 else "bad_answer"
        raise Unreached(PROBLEMS.get(answer.status, other))


class WebAddress:
    """What is there is got each time: only its bytes tell whether it is another file."""

    def __init__(self, place: Place, limits: Limits) -> None:
        self.place, self.limits = place, limits

    def look(self) -> list[Found]:
        told = unquote_to_bytes(urlsplit(self.place.address).path.rpartition("/")[2])
        return [Found(name_of(told) or "readings", "", 0)]

    def get(self, found: Found, into: IO[bytes]) -> None:
        refuse_bad_status(get_https(self.place.address, into, self.limits, self._headings()))

    def _headings(self) -> dict[str, str]:
        account, secret = self.place.account, self.place.secret
        if account:
            told = base64.b64encode(f"{account}:{secret}".encode()).decode()
            return {"Authorization": f"Basic {told}"}
        if not secret:
            return {}
        if not (secret.isascii() and secret.isprintable()):
            raise Unreached("sign_in_refused")
        return {"Authorization": f"Bearer {secret}"}
