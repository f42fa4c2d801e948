"""A way to a store that fails on purpose: a proxy that drops connections and answers 503 as a test tells it to."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: What a fault does with a request: None passes it on.
DROP, BUSY, DROP_ANSWER, CUT_ANSWER, STALL = "drop", "503", "drop the answer", "cut the answer", "stall"
STALL_SECONDS = 60
Faults = Callable[[str, str, int], str | None]  # method, path, number of the request

SLOW_DOWN = (
    b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Please reduce your request rate</Message></Error>"
)


class Proxy(ThreadingHTTPServer):
    """Passes requests on to a store on loopback; `faults` says which it does not."""

    daemon_threads = True

    def __init__(self, store: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = store.removeprefix("http://")
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.faults: Faults = lambda method, path, number: None
        self.seen: list[tuple[str, str]] = []
        self.turn = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what this is for."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def handle_request_of_any_kind(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.turn:
            self.server.seen.append((self.command, self.path))
            fault = self.server.faults(self.command, self.path, len(self.server.seen))
        if fault == DROP:
            self.close_connection = True
            self.connection.close()
        elif fault == STALL:
            time.sleep(STALL_SECONDS)
        elif fault == BUSY:
            self.answer(503, [("Content-Type", "application/xml")], SLOW_DOWN)
        else:
            self.pass_on(body, fault)

    def pass_on(self, body: bytes, fault: str | None) -> None:
        store = http.client.HTTPConnection(self.server.store, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
        store.request(self.command, self.path, body, headers)
        answer = store.getresponse()
        content = answer.read()
        store.close()
        if fault == DROP_ANSWER:
            self.close_connection = True
            self.connection.close()
            return
        kept = [
            (k, v) for k, v in answer.getheaders() if k.lower() not in ("transfer-encoding", "connection", "server")
        ]
        self.answer(answer.status, kept, content, cut=fault == CUT_ANSWER)

    def answer(self, status: int, headers: list[tuple[str, str]], content: bytes, cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = self.close_connection or cut

    def log_message(self, *args: object) -> None:
        pass


for method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
    setattr(Handler, f"do_{method}", Handler.handle_request_of_any_kind)


@contextmanager
def flaky(store: str) -> Iterator[Proxy]:
    proxy = Proxy(store)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
