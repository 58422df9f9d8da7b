"""An imitation of the service SIECLE, on the loopback: what it is told to answer, in order."""

import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from raccord.detection.register_service import PUPILS


class Imitation:
    """Answers `status, headers, body` by kind of export; the last one is said again and again."""

    def __init__(self) -> None:
        self.answers: defaultdict[str, list[tuple[int, dict[str, str], bytes]]] = defaultdict(list)
        self.asked: list[tuple[str, dict[str, str]]] = []
        #: Set, an answer that was slow goes on.
        self.go_on = threading.Event()
        imitation = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                imitation.asked.append((self.path, dict(self.headers)))
                imitation.answer(self)

            def log_message(self, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"

    def says(
        self, body: bytes | str = b"", status: int = 200, flow: str = PUPILS, **headers: str
    ) -> None:
        """One more answer."""
        data = body.encode("iso-8859-15") if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[flow].append((status, named, data))

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        flow = request.path.split("/")[-3]
        waiting = self.answers[flow] or [(404, {}, b"")]
        status, headers, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            if name != "X-Slow":
                request.send_header(name, value)
        request.end_headers()
        if "X-Slow" in headers:
            self.go_on.wait(20)
        request.wfile.write(body)

    def close(self) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
