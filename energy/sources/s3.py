"""Objects of a bucket, asked for over the checked connection and signed by Amazon's signature, version 4."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from energy.sources.https import refuse_bad_status
from energy.sources.places import MOST_FILES, Found, Place, in_order, name_of
from lib.outbound import Limits, Unreached, get_https, origin

MOST_LISTED_BYTES = 4 * 1024 * 1024
LONGEST_NUMBER = 15


class Bucket:
    """The address is that of the server, the bucket and the beginning of the keys: https://host/bucket/prefix."""

    def __init__(self, place: Place, limits: Limits) -> None:
        parts = urlsplit(place.address)
        bucket, _slash, prefix = parts.path.lstrip("/").partition("/")
        host, port = origin(place.address)
        if not bucket:
            raise Unreached("bad_address")
        shown = f"[{host}]" if ":" in host else host
        self.root = f"https://{shown}" + (f":{port}" if port != 443 else "") + f"/{quote(bucket, safe='')}"
        self.prefix, self.place, self.limits = prefix, place, limits

    def look(self) -> list[Found]:
        found: list[Found] = []
        for listed in self._pages():
            for item in _all(listed, "Contents"):
                key = _text(item, "Key")
                name = key.removeprefix(self.prefix)
                if name and not name.endswith("/") and self.place.takes(name.rpartition("/")[2]):
                    mark = _text(item, "ETag").strip('"')[:100]
                    at = key.encode()
                    found.append(Found(name_of(at), mark, _size(item), _changed(_text(item, "LastModified")), at))
        return in_order(found)

    def get(self, found: Found, into: IO[bytes]) -> None:
        self._ask(f"{self.root}/{quote(found.at or found.name, safe='/~')}", into, self.limits)

    def _pages(self) -> Iterator[Any]:
        after = ""
        for _number in range(MOST_FILES // 1000 + 1):
            asked = {"list-type": "2", "prefix": self.prefix} | ({"continuation-token": after} if after else {})
            into = io.BytesIO()
            limits = Limits(MOST_LISTED_BYTES, self.limits.left(), self.limits.networks, self.limits.authorities)
            self._ask(f"{self.root}?{urlencode(sorted(asked.items()), quote_via=quote)}", into, limits)
            try:
                listed = fromstring(into.getvalue())
            except (ParseError, DefusedXmlException, ValueError) as error:
                raise Unreached("bad_answer") from error
            yield listed
            after = _text(listed, "NextContinuationToken")
            if _text(listed, "IsTruncated") != "true" or not after:
                return
        raise Unreached("too_many_files")

    def _ask(self, url: str, into: IO[bytes], limits: Limits) -> None:
        signed = AWSRequest("GET", url, headers={"Host": urlsplit(url).netloc})
        held = Credentials(self.place.account, self.place.secret)
        S3SigV4Auth(held, "s3", self.place.region or "us-east-1").add_auth(signed)
        # What was signed for one place is good for no other.
        refuse_bad_status(get_https(url, into, limits, dict(signed.headers), follow=False))


def _all(element: Any, name: str) -> list[Any]:
    return [child for child in element if child.tag.rpartition("}")[2] == name]


def _text(element: Any, name: str) -> str:
    return next(((child.text or "") for child in _all(element, name)), "")


def _size(item: Any) -> int:
    told = _text(item, "Size")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= LONGEST_NUMBER else 0


def _changed(told: str) -> float:
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
