"""A stand-in for the Hugging Face Hub: what its client asks for when a model is pushed and loaded."""

import base64
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlparse

import pytest

TOKEN = "hf_of_ada"
# What the Hub keeps apart from git, by the names of its `.gitattributes`.
_LARGE = (".keras", ".h5", ".png")


class Repository:
    """Commits, each all files by path, and the branches that point at them."""

    def __init__(self, private):
        self.private = private
        self.commits = {"0" * 40: {}}
        self.branches = {"main": "0" * 40}

    def commit_of(self, revision):
        sha = self.branches.get(revision, revision)
        return (sha, self.commits[sha]) if sha in self.commits else None

    def commit(self, branch, files):
        content = repr(sorted((path, hashlib.sha1(each).hexdigest()) for path, each in files.items()))
        sha = hashlib.sha1(f"{len(self.commits)} {content}".encode()).hexdigest()
        self.commits[sha] = files
        self.branches[branch] = sha
        return sha


class HubServer(ThreadingHTTPServer):
    """Serve repositories on the loopback while inside; `requests` remembers what was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories, self.objects, self.requests = {}, {}, []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()

    def files(self, name, branch="main"):
        return self.repositories[name].commit_of(branch)[1]


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A Hub of one's own, where Ada is logged in, and an empty cache."""
    constants = pytest.importorskip("huggingface_hub.constants")
    with HubServer() as server:
        for name, value in {
            "ENDPOINT": server.address,
            "HUGGINGFACE_CO_URL_TEMPLATE": server.address + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_DISABLE_TELEMETRY": True,
            "HF_HUB_DISABLE_PROGRESS_BARS": True,
        }.items():
            monkeypatch.setattr(constants, name, value)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.chdir(tmp_path)
        yield server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def _answer(self):
        path = unquote(urlparse(self.path).path)
        self.server.requests.append((self.command, path))
        self.body = b"".join(self._chunks())
        self.may_write = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        for method, pattern, answer in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found and self.command in method:
                return answer(self, **found.groupdict())
        return self._send(404, {"error": f"no route for {path}"})

    do_GET = do_POST = do_PUT = do_HEAD = _answer  # noqa: N815

    def _chunks(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _send(self, status, content=b"", **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": len(body)} | headers).items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self):
        self._send(401, {"error": "Invalid username or password."})

    def _repository(self, name):
        """It, or an answer that there is none for this visitor."""
        found = self.server.repositories.get(name)
        if found is None or (found.private and not self.may_write):
            self._send(404, {"error": "Repository not found"}, X_Error_Code="RepoNotFound")
            return None
        return found

    def _commit_of(self, name, revision):
        repository = self._repository(name)
        if repository is None:
            return None
        found = repository.commit_of(revision)
        if found is None:
            self._send(404, {"error": "Invalid rev id"}, X_Error_Code="RevisionNotFound")
        return found

    def create(self):
        if not self.may_write:
            return self._refuse()
        asked = json.loads(self.body)
        name = f"{asked['organization']}/{asked['name']}"
        answer = {"url": f"{self.server.address}/{name}", "name": name, "id": name}
        if name in self.server.repositories:
            return self._send(409, answer | {"error": "You already created this model repo"})
        self.server.repositories[name] = Repository(asked.get("visibility") == "private")
        return self._send(200, answer)

    def info(self, name, revision="main"):
        found = self._commit_of(name, revision)
        if found:
            private = self.server.repositories[name].private
            siblings = [{"rfilename": path} for path in found[1]]
            self._send(200, {"id": name, "sha": found[0], "private": private, "siblings": siblings})

    def tree(self, name, revision):
        found = self._commit_of(name, revision)
        if found:
            self._send(200, [_entry(path, content) for path, content in found[1].items()])

    def validate(self):
        self._send(200, {"errors": [], "warnings": []})

    def branch(self, name, branch):
        repository = self.server.repositories[name]
        known = branch in repository.branches
        repository.branches.setdefault(branch, repository.branches["main"])
        self._send(409 if known else 200, {"error": "Reference already exists"} if known else {})

    def preupload(self, name, revision):
        if not self.may_write:
            return self._refuse()
        modes = [
            {
                "path": each["path"],
                "uploadMode": "lfs" if each["path"].endswith(_LARGE) else "regular",
                "shouldIgnore": False,
                "oid": None,
            }
            for each in json.loads(self.body)["files"]
        ]
        return self._send(200, {"files": modes})

    def batch(self, name):
        objects = [
            each | {"actions": {"upload": {"href": f"{self.server.address}/objects/{each['oid']}"}}}
            for each in json.loads(self.body)["objects"]
        ]
        self._send(200, {"transfer": "basic", "objects": objects})

    def put(self, oid):
        assert hashlib.sha256(self.body).hexdigest() == oid
        self.server.objects[oid] = self.body
        self._send(200)

    def commit(self, name, revision):
        repository = self.server.repositories[name]
        files = dict(repository.commit_of(revision)[1])
        for line in map(json.loads, self.body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.server.objects[value["oid"]]
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        sha = repository.commit(revision, files)
        address = f"{self.server.address}/{name}/commit/{sha}"
        self._send(200, {"success": True, "commitUrl": address, "commitOid": sha})

    def resolve(self, name, revision, path):
        found = self._commit_of(name, revision)
        if not found:
            return None
        if path not in found[1]:
            return self._send(404, {"error": "Entry not found"}, X_Error_Code="EntryNotFound")
        content = found[1][path]
        etag = f'"{_entry(path, content)["oid"]}"'
        return self._send(200, content, ETag=etag, X_Repo_Commit=found[0])


def _entry(path, content):
    oid = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    return {"type": "file", "path": path, "size": len(content), "oid": oid}


_MODEL = r"/api/models/(?P<name>[^/]+/[^/]+)"
_ROUTES = [
    ("POST", r"/api/repos/create", _Handler.create),
    ("POST", r"/api/validate-yaml", _Handler.validate),
    ("POST", _MODEL + r"/branch/(?P<branch>.+)", _Handler.branch),
    ("POST", _MODEL + r"/preupload/(?P<revision>.+)", _Handler.preupload),
    ("POST", _MODEL + r"/commit/(?P<revision>.+)", _Handler.commit),
    ("POST", r"/(?P<name>[^/]+/[^/]+)\.git/info/lfs/objects/batch", _Handler.batch),
    ("PUT", r"/objects/(?P<oid>\w+)", _Handler.put),
    ("GET", _MODEL, _Handler.info),
    ("GET", _MODEL + r"/revision/(?P<revision>.+)", _Handler.info),
    ("GET", _MODEL + r"/tree/(?P<revision>[^/]+).*", _Handler.tree),
    ("GET HEAD", r"/(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)", _Handler.resolve),
]
