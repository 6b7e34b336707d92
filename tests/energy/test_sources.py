"""Sources of feeds, against servers and folders of this machine."""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import socket
import time
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from energy.choices import FeedSource
from energy.sources import Found, Place, opened_source
from lib import outbound
from lib.outbound import Limits, Unreached, networks_of
from tests.energy.servers import certificate, https_server, reply

HOME = networks_of(["127.0.0.0/8"])


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def limits(pem):
    return Limits(1000, 10, HOME, str(pem))


def fetched(kind, place, limits, found=None):
    into = io.BytesIO()
    with opened_source(kind, place, limits) as source:
        source.get(found or source.look()[-1], into)
    return into.getvalue()


def problem(kind, place, limits, found=None):
    with pytest.raises(Unreached) as caught:
        fetched(kind, place, limits, found)
    return caught.value.code


# Web addresses


def test_web_address_is_got_with_its_secret(pem, limits):
    seen = []

    def answer(handler):
        seen.append((handler.path, handler.headers["Host"], handler.headers["Authorization"]))
        reply(handler, b"meter,time,value\n")

    with https_server(pem, answer) as port:
        url = f"https://localhost:{port}/out/today.csv?day=1"
        assert fetched(FeedSource.HTTPS, Place(url, "me", "p:w"), limits) == b"meter,time,value\n"
        fetched(FeedSource.HTTPS, Place(url, "", "token"), limits)
        with opened_source(FeedSource.HTTPS, Place(url), limits) as source:
            assert source.look() == [Found("today.csv", "", 0)]
    host = f"localhost:{port}"
    assert seen == [
        ("/out/today.csv?day=1", host, "Basic bWU6cDp3"),
        ("/out/today.csv?day=1", host, "Bearer token"),
    ]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "169.254.169.254", "2130706433", "127.1"]
)
def test_inner_addresses_are_refused(pem, host):
    """Also those that the system's resolver takes for one of this machine."""
    served = []
    with https_server(pem, lambda handler: (served.append(handler.path), reply(handler))) as port:
        code = problem(FeedSource.HTTPS, Place(f"https://{host}:{port}/"), Limits(1000, 10, (), str(pem)))
    assert (code, served) == ("address_refused", [])


def test_redirects_are_checked_and_lose_the_secret(pem, limits):
    inner, outer = [], []
    with https_server(
        pem, lambda handler: (inner.append(handler.headers["Authorization"]), reply(handler, b"x"))
    ) as port:

        def answer(handler):
            outer.append(handler.headers["Authorization"])
            where = {"/a": f"https://localhost:{port}/", "/b": "https://169.254.169.254/", "/c": "/c"}
            reply(handler, b"moved", 302, Location=where.get(handler.path, "http://localhost/"))

        with https_server(pem, answer) as first:
            place = [Place(f"https://localhost:{first}/{path}", "", "token") for path in "abcd"]
            assert fetched(FeedSource.HTTPS, place[0], limits) == b"x"
            codes = [problem(FeedSource.HTTPS, each, limits) for each in place[1:]]
    assert (codes, inner) == (["address_refused", "too_many_redirects", "bad_address"], [None])
    assert outer == ["Bearer token"] * 7


def test_answer_of_the_name_server_that_changes_leads_nowhere_else(pem, monkeypatch, limits):
    """The name is asked for once; the connection goes to the address that was checked."""
    asked = []

    def resolve(host, port, *_args, **_kwargs):
        if host != "meters.test":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with https_server(pem, lambda handler: reply(handler, b"yes")) as port:
        place = Place(f"https://meters.test:{port}/")
        monkeypatch.setattr(outbound.socket, "getaddrinfo", resolve)
        assert (fetched(FeedSource.HTTPS, place, limits), asked) == (b"yes", ["meters.test"])
        assert problem(FeedSource.HTTPS, place, limits) == "address_refused"


def test_name_with_one_inner_address_is_refused(monkeypatch):
    answers = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *args, **kwargs: answers)
    assert problem(FeedSource.HTTPS, Place("https://meters.test/"), Limits(10, 5)) == "address_refused"


def test_limits_of_size_and_time_hold(pem):
    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        for _number in range(200):
            handler.wfile.write(b"x")
            time.sleep(0.02)

    with https_server(pem, lambda handler: reply(handler, b"x" * 1001)) as port:
        place = Place(f"https://localhost:{port}/")
        assert problem(FeedSource.HTTPS, place, Limits(1000, 10, HOME, str(pem))) == "too_large"
        assert len(fetched(FeedSource.HTTPS, place, Limits(1001, 10, HOME, str(pem)))) == 1001
    with https_server(pem, drip) as port:
        began = time.monotonic()
        place = Place(f"https://localhost:{port}/")
        assert problem(FeedSource.HTTPS, place, Limits(1000, 0.5, HOME, str(pem))) == "too_slow"
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("status", "code"), [(401, "sign_in_refused"), (404, "not_found"), (503, "server_error"), (204, "bad_answer")]
)
def test_other_answers_have_their_names(pem, limits, status, code):
    with https_server(pem, lambda handler: reply(handler, b"", status)) as port:
        assert problem(FeedSource.HTTPS, Place(f"https://localhost:{port}/"), limits) == code


def test_server_proves_who_it_is(pem, limits):
    with https_server(pem, reply) as port:
        assert problem(FeedSource.HTTPS, Place(f"https://localhost:{port}/"), Limits(10, 5, HOME)) == "tls_failed"
        assert problem(FeedSource.HTTPS, Place(f"https://127.0.0.2:{port}/"), limits) in {"tls_failed", "unreachable"}


def test_file_that_breaks_off_is_none(pem, limits):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"half")

    with https_server(pem, cut) as port:
        assert problem(FeedSource.HTTPS, Place(f"https://localhost:{port}/"), limits) in {"unreachable", "bad_answer"}


# Folders


@pytest.fixture
def folder(tmp_path):
    inner = tmp_path / "park" / "gateway"
    inner.mkdir(parents=True)
    (inner / "a.csv").write_text("first")
    (inner / "b.CSV").write_text("second")
    (inner / "note.txt").write_text("no")
    os.utime(inner / "a.csv", (1, 1))
    (tmp_path / "secret.csv").write_text("secret")
    return tmp_path / "park"


def test_folder_gives_its_files_the_oldest_first(folder, limits):
    place = Place("gateway", pattern="*.csv", folder=str(folder))
    with opened_source(FeedSource.FOLDER, place, limits) as source:
        assert [(each.name, each.size) for each in source.look()] == [("a.csv", 5), ("b.CSV", 6)]
        marks = [each.mark for each in source.look()]
        (folder / "gateway" / "a.csv").write_text("later")
        assert [each.mark for each in source.look() if each.name == "a.csv"] != marks[:1]
    assert fetched(FeedSource.FOLDER, place, limits) in {b"second", b"later"}
    assert problem(FeedSource.FOLDER, place, Limits(4, 5)) == "too_large"


@pytest.mark.parametrize(
    "address", ["..", "../park/gateway", "/etc", "gateway/..", "gateway/../..", "", "gateway//x", "x\x00"]
)
def test_folder_is_not_left_by_its_address(folder, limits, address):
    assert problem(FeedSource.FOLDER, Place(address, folder=str(folder)), limits) == "bad_address"


def test_folder_follows_no_link(folder, limits):
    (folder / "out").symlink_to(folder.parent)
    (folder / "gateway" / "link.csv").symlink_to(folder.parent / "secret.csv")
    os.mkfifo(folder / "gateway" / "pipe.csv")
    assert problem(FeedSource.FOLDER, Place("out", folder=str(folder)), limits) == "folder_missing"
    place = Place("gateway", folder=str(folder))
    with opened_source(FeedSource.FOLDER, place, limits) as source:
        assert {each.name for each in source.look()} == {"a.csv", "b.CSV", "note.txt"}
    for name in ("link.csv", "pipe.csv", "nothing.csv"):
        assert problem(FeedSource.FOLDER, place, limits, Found(name, "", 0)) == "not_found"


# Object storage


LISTED = """<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<IsTruncated>{more}</IsTruncated>{token}
<Contents><Key>park 1/{name}</Key><LastModified>2026-11-22T0{hour}:00:00.000Z</LastModified>
<ETag>&quot;{name}-tag&quot;</ETag><Size>4</Size></Contents>
<Contents><Key>park 1/</Key><Size>0</Size></Contents></ListBucketResult>"""


def signed_right(handler, secret):
    """Amazon's signature, version 4, as its documentation has it, worked out anew."""
    told = handler.headers["Authorization"]
    parts = dict(part.strip().split("=", 1) for part in told.removeprefix("AWS4-HMAC-SHA256 ").split(","))
    names = parts["SignedHeaders"].split(";")
    scope = parts["Credential"].split("/")[1:]
    split = urlsplit(handler.path)
    asked = sorted(parse_qsl(split.query, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in asked)
    headings = [f"{name}:{handler.headers[name].strip()}" for name in names]
    body = handler.headers["x-amz-content-sha256"]
    request = "\n".join(["GET", split.path, query, *headings, "", ";".join(names), body])
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", handler.headers["x-amz-date"], "/".join(scope), digest])
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return parts["Signature"] == right and "host" in names and parts["Credential"].split("/")[0] == "AK"


def bucket(handler):
    if not signed_right(handler, "SK"):
        reply(handler, b"<Error/>", 403)
        return
    split = urlsplit(handler.path)
    query = dict(parse_qsl(split.query))
    if split.path == "/meters" and query.get("prefix") == "park 1/":
        if "continuation-token" in query:
            reply(handler, LISTED.format(more="false", token="", name="a b+c.csv", hour=1).encode())
        else:
            token = "<NextContinuationToken>1/x=</NextContinuationToken>"
            reply(handler, LISTED.format(more="true", token=token, name="new.csv", hour=5).encode())
    elif split.path == "/meters/park%201/a%20b%2Bc.csv":
        reply(handler, b"old!")
    elif split.path == "/meters/park%201/new.csv":
        reply(handler, b"new!")
    else:
        reply(handler, b"", 404)


def test_bucket_is_listed_and_read_with_signed_requests(pem, limits):
    with https_server(pem, bucket) as port:
        place = Place(f"https://localhost:{port}/meters/park 1/", "AK", "SK", region="cn-north-1", pattern="*.csv")
        with opened_source(FeedSource.S3, place, limits) as source:
            found = source.look()
            assert [(each.name, each.mark) for each in found] == [
                ("park 1/a b+c.csv", "a b+c.csv-tag"),
                ("park 1/new.csv", "new.csv-tag"),
            ]
        assert [fetched(FeedSource.S3, place, limits, each) for each in found] == [b"old!", b"new!"]
        wrong = Place(place.address, "AK", "guess", region="cn-north-1")
        assert problem(FeedSource.S3, wrong, limits) == "sign_in_refused"
    assert problem(FeedSource.S3, place, Limits(1000, 5, (), str(pem))) == "address_refused"


@pytest.mark.parametrize("body", [b"no xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'])
def test_listing_that_is_none_is_refused(pem, limits, body):
    with https_server(pem, lambda handler: reply(handler, body)) as port:
        place = Place(f"https://localhost:{port}/meters/", "AK", "SK")
        assert problem(FeedSource.S3, place, limits) == "bad_answer"
