"""Decoding measured against its peers: pages in legacy charsets, undeclared, wrongly declared and cut off.

    python benchmarks/decode.py [--each]

For every sample: *exact*, the text is the original; *near*, at least 98 of 100 characters agree. `--each` prints what
copydesk misread.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import cchardet
import charset_normalizer
from trafilatura.utils import decode_file

from stages.decode import Settings
from stages.decode.decoding import decode

SAMPLES = Path(__file__).with_name("decode_samples.toml")
PAGE = (
    '<!DOCTYPE html>\n<html><head>{meta}<title>x</title>\n<script>var a = "b";</script></head>\n'
    '<body class="c"><p>{text}</p></body></html>'
)
SETTINGS = Settings()


class Sample(NamedTuple):
    group: str
    name: str
    raw: bytes
    text: str


def copydesk(raw: bytes) -> str:
    return decode(raw, None, True, SETTINGS.declared_evidence).text


def detector_alone(raw: bytes) -> str:
    try:
        return raw.decode(cchardet.detect(raw)["encoding"] or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def normalizer(raw: bytes) -> str:
    best = charset_normalizer.from_bytes(raw).best()
    return str(best) if best else ""


PEERS: dict[str, Callable[[bytes], str]] = {
    "copydesk": copydesk,
    "trafilatura": decode_file,
    "charset-normalizer": normalizer,
    "faust-cchardet alone": detector_alone,
}


def samples() -> Iterator[Sample]:
    for sample in tomllib.loads(SAMPLES.read_text(encoding="utf-8"))["sample"]:
        language, text = sample["language"], sample["text"]
        for codec in sample["charsets"]:
            yield from in_charset(language, text, codec, sample["wrong"])
        yield from cut(language, text)
        for codec in ("utf-16-le", "utf-16-be"):
            page = PAGE.format(meta="", text=text)
            yield Sample("UTF-16, no mark", f"{language} {codec}", page.encode(codec), page)


def in_charset(language: str, text: str, codec: str, wrong: list[str]) -> Iterator[Sample]:
    def page(meta: str, words: str) -> tuple[bytes, str]:
        raw = PAGE.format(meta=meta, text=words).encode(codec, "ignore")
        return raw, raw.decode(codec)

    yield Sample("no declaration", f"{language} {codec}", *page("", text))
    yield Sample("no declaration, one sentence", f"{language} {codec}", *page("", text[: len(text) // 4]))
    for label in wrong:
        if label.replace("shift_jis", "cp932") != codec and not codec.startswith(label):
            yield Sample(
                "wrong declaration", f"{language} {codec} as {label}", *page(f'<meta charset="{label}">', text)
            )
    label = {"cp932": "shift_jis", "cp949": "euc-kr", "mac-roman": "macintosh", "cp874": "tis-620"}.get(codec, codec)
    yield Sample("right declaration", f"{language} {codec}", *page(f'<meta charset="{label}">', text))


def cut(language: str, text: str) -> Iterator[Sample]:
    raw = PAGE.format(meta="", text=text).split("</p>")[0].encode()
    ends = [at for at in range(1, len(raw)) if 0x80 <= raw[at] < 0xC0]
    if ends:
        whole = raw[: ends[-1]]
        yield Sample("UTF-8 cut in mid-character", language, whole, whole.decode("utf-8", "replace"))


def agreement(text: str, truth: str) -> float:
    if text == truth:
        return 1.0
    return difflib.SequenceMatcher(None, text, truth, autojunk=False).ratio()


def speed(function: Callable[[bytes], str], raw: bytes) -> float:
    rounds, start = 0, time.perf_counter()
    while time.perf_counter() - start < 0.5:
        function(raw)
        rounds += 1
    return rounds * len(raw) / (time.perf_counter() - start) / 1e6


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", action="store_true", help="print what copydesk misread")
    each = parser.parse_args(arguments).each
    everything = list(samples())
    groups = list(dict.fromkeys(sample.group for sample in everything))
    print(
        "| exact, near of | "
        + " | ".join(f"{g} ({sum(s.group == g for s in everything)})" for g in groups)
        + " | MB/s legacy | MB/s UTF-8 |"
    )
    print("|---" * (len(groups) + 3) + "|")
    legacy = b"".join(s.raw for s in everything if s.name == "Russian cp1251" and s.group == "no declaration") * 100
    for name, function in PEERS.items():
        scores: dict[str, list[float]] = {group: [] for group in groups}
        for sample in everything:
            score = agreement(function(sample.raw), sample.text)
            scores[sample.group].append(score)
            if each and name == "copydesk" and score < 1:
                print(f"  {sample.group}: {sample.name}: {score:.3f}", file=sys.stderr)
        cells = [f"{sum(s == 1 for s in scores[g])}, {sum(s >= 0.98 for s in scores[g])}" for g in groups]
        speeds = [speed(function, legacy), speed(function, legacy.decode("cp1251").encode())]
        print(f"| {name} | " + " | ".join(cells) + f" | {speeds[0]:.0f} | {speeds[1]:.0f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
