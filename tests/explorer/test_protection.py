import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from keras_vae.explorer.protection import Protection


async def _echo(scope, receive, send):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await PlainTextResponse(str(len(body)))(scope, receive, send)


def _client(host="127.0.0.1:8017", **options):
    return TestClient(Protection(_echo, **options), base_url=f"http://{host}")


@pytest.mark.parametrize("host", ["localhost:8017", "127.0.0.1", "[::1]:8017", "LOCALHOST"])
def test_the_loopback_is_known(host):
    assert _client().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.168.0.4:8017", "localhost.evil.example", ""]
)
def test_a_foreign_name_is_refused(host):
    answer = _client().get("/", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json() == {"error": f"This page is not served under the name {host!r}."}


def test_an_open_page_is_reached_by_its_addresses_and_not_by_names():
    client = _client(is_open=True)
    assert client.get("/", headers={"host": "192.168.0.4:8017"}).status_code == 200
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    assert _client(hosts=("vae.lab",)).get("/", headers={"host": "vae.lab:80"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
def test_other_pages_are_refused(headers):
    assert _client().post("/", headers=headers).status_code == 403


def test_a_link_from_elsewhere_leads_here():
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert _client().get("/", headers=headers).status_code == 200


def test_its_own_page_may_ask():
    headers = {"origin": "http://127.0.0.1:8017", "sec-fetch-site": "same-origin"}
    assert _client().post("/", headers=headers, content=b"abc").text == "3"


def test_bodies_are_bounded_whether_they_say_their_length_or_not():
    client = _client(limit=10, streamed=("/drops/", 20))
    assert client.post("/", content=b"x" * 10).text == "10"
    assert client.post("/", content=b"x" * 11).status_code == 413
    assert client.post("/", content=(b"x" for _ in range(11))).status_code == 413
    assert client.put("/drops/a", content=(b"x" for _ in range(20))).text == "20"
    assert client.put("/drops/a", content=(b"x" for _ in range(21))).status_code == 413
    assert client.post("/", headers={"content-length": "-4"}).status_code == 400


def test_every_answer_keeps_the_browser_at_home():
    headers = _client().get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
