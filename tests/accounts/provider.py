"""An OpenID Connect provider of the tests, on this machine: what ProConnect answers, and what it
should never answer."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "raccord-essai"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """What the next answers are made of; a test changes what it wants wrong."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.nonce = ""
        self.challenge = ""
        self.key = KEY
        self.userinfo_key = KEY
        self.userinfo_type = "application/jwt"
        self.identity: dict[str, Any] = {}
        self.person: dict[str, Any] = {"email": "agent@exemple.test", "given_name": "Maé"}
        self.person["usual_name"] = "Fictive"
        self.asked: list[str] = []

    def authorize(self, location: str) -> dict[str, str]:
        """What a browser brings back after the provider recognised somebody."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        self.nonce = asked["nonce"]
        self.challenge = asked["code_challenge"]
        return {"code": "code-a-usage-unique", "state": asked["state"]}

    def _signed(self, claims: dict[str, Any], key: Any) -> str:
        now = int(time.time())
        usual = {"iss": self.address, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + 60}
        return jwt.encode(usual | claims, key, "RS256", headers={"kid": "essai"})

    def id_token(self) -> str:
        return self._signed({"nonce": self.nonce} | self.identity, self.key)

    def userinfo(self) -> str:
        return self._signed(self.person, self.userinfo_key)


class Handler(BaseHTTPRequestHandler):
    """Token, user information and keys."""

    provider: ClassVar[Provider]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        sent = parse_qs(self.rfile.read(length).decode())
        self.provider.asked.append(self.path)
        assert sent["code_verifier"]
        answer = {"access_token": "a", "token_type": "Bearer", "id_token": self.provider.id_token()}
        self._answer(json.dumps(answer), "application/json")

    def do_GET(self) -> None:
        self.provider.asked.append(self.path)
        if self.path == "/jwks":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            keys = {"keys": [key | {"kid": "essai", "alg": "RS256", "use": "sig"}]}
            self._answer(json.dumps(keys), "application/json")
        elif self.provider.userinfo_type == "application/json":
            self._answer(json.dumps({"sub": "s-1"} | self.provider.person), "application/json")
        else:
            self._answer(self.provider.userinfo(), "application/jwt")

    def _answer(self, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, for the time of a test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Handler.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
