"""An S3 server of moto on loopback, as fixtures of all tests (see tests/conftest.py): use `credentials`."""

import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from pipeline.settings import StoreSettings
from pipeline.storage.location import is_remote, output_location
from pipeline.storage.s3_store import S3Store
from tests.helpers.flaky_store import Proxy, flaky

numbers = itertools.count()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of moto's server, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch, s3_server: str) -> None:
    for name, value in {
        "ACCESS_KEY_ID": "key",
        "SECRET_ACCESS_KEY": "very-secret",
        "DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def prefix(credentials: None, s3_server: str) -> str:
    import boto3

    name = f"press-{next(numbers)}"
    boto3.client("s3", endpoint_url=s3_server).create_bucket(Bucket=name)
    return f"s3://{name}/corpus"


@pytest.fixture
def proxy(s3_server: str) -> Iterator[Proxy]:
    with flaky(s3_server) as way:
        yield way


def remote_store(prefix: str, **values: object) -> S3Store:
    """A store that retries without long pauses."""
    out = output_location(prefix)
    assert is_remote(out)
    return S3Store(out, StoreSettings(**values), first_pause=0.01)  # type: ignore[arg-type]
