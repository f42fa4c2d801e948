"""Sixty encodings, twenty languages, four lengths: the decode stage beside other detectors, on the same bytes.

    python benchmarks/encoding_detection.py [--half held_out] [--every 10] [--only copydesk] [--confusions] [--each]

A sample is *exact* if its text is, character for character, the text that was encoded; which charset was named does not
matter. The sentences are invented: `encodings_development.toml` is what the stage was developed on,
`encodings_held_out.toml` (other sentences, half of them in other languages) is what the figures in
docs/method/benchmarks.md are from. Four conditions: plain text without a declaration; plain text with stray bytes; a
page whose `meta` element declares its charset; a page that declares another one.

Peers get the same bytes. chardet, charset-normalizer and resiliparse read the declaration in the page by themselves;
faust-cchardet does not. The charset that a peer names is tried as Python and as browsers understand the name (Latin-1
as Windows-1252 and so on), and either may give the right text. Stray bytes in UTF-8 count as right if they are U+FFFD
or the character meant; in other charsets all but the stray byte must be right.

A legacy text with fewer than MIN_BYTES bytes outside ASCII and no right declaration is reported apart: many charsets
give it a possible reading.
"""

from __future__ import annotations

import argparse
import importlib
import random
import re
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from windows_1258 import with_tone_marks

from stages.decode import Settings
from stages.decode.decoding import decode, decode_as
from stages.decode.labels import codec_of

MIN_BYTES = 3
PAGE = '<!DOCTYPE html>\n<html><head><meta charset="{label}"><title>x</title></head>\n<body><p>{text}</p></body></html>'

UTF_8 = ("utf-8", "utf-8-sig")
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
SEVEN_BIT = ("utf-7", "hz", "iso2022-jp")
WINDOWS = (*tuple(f"cp125{digit}" for digit in range(9)), "cp874")
ISO = tuple(f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16))
KOI = ("koi8-r", "koi8-u")
DOS = tuple(f"cp{page}" for page in (437, 720, 737, 775, 850, 852, 855, 857, 858, 862, 866))
MAC = tuple(f"mac-{script}" for script in ("roman", "latin2", "cyrillic", "greek", "turkish"))
EAST_ASIAN = {
    "Chinese (simplified)": ("gbk", "gb18030", "hz"),
    "Chinese (traditional)": ("big5", "gbk", "gb18030"),
    "Japanese": ("cp932", "euc-jp", "iso2022-jp"),
    "Korean": ("euc-kr", "johab"),
}
SINGLE_BYTE = (*WINDOWS, *ISO, *KOI, *DOS, *MAC)
ENCODINGS = (*UTF_8, *WIDE, "utf-7", *SINGLE_BYTE, *dict.fromkeys(c for cs in EAST_ASIAN.values() for c in cs))

LABELS = {
    "cp874": "windows-874",
    "cp932": "shift_jis",
    "utf-8-sig": "utf-8",
    "mac-roman": "macintosh",
    "hz": "hz-gb-2312",
}
#: What pages are wrongly said to be in: the defaults of servers and editors, and the neighbours of their own charset.
WRONG = (
    "utf-8",
    "iso-8859-1",
    "windows-1252",
    "windows-1251",
    "iso-8859-2",
    "windows-1250",
    "gb2312",
    "koi8-r",
    "shift_jis",
)

#: As charsets without typographic signs write them.
PLAIN = str.maketrans(
    {**dict.fromkeys("“”„«»「」", '"'), **dict.fromkeys("’‘", "'"), "–": "-", "—": "-", "…": "...", "€": "EUR"}
)
#: Pieces in another charset as they stray into UTF-8 pages: bytes, and the text meant (None: noise).
STRAYS = (
    (b"\xe9", "é"), (b"\xa9", "©"), (b"\xa0", "\xa0"), (b"\x93", "“"), (b"\x94", "”"), (b"\x92", "’"), (b"\x96", "–"),
    (b"\xff", None), (b"\xc3", None), (b"\xfe", None), (b"\x80", "€"), (b"\xf1", "ñ"), (b"\xfc", "ü"), (b"\xab", "«"),
)  # fmt: skip


ANY = "."


class Sample(NamedTuple):
    """Bytes, and the pattern that the right text matches."""

    condition: str
    length: str
    language: str
    codec: str
    raw: bytes
    text: str
    meant: tuple[tuple[str, str | None], ...] = ()
    label: str | None = None

    @property
    def too_short(self) -> bool:
        """Tell a legacy text with too few bytes outside ASCII to be sure."""
        legacy = self.codec in SINGLE_BYTE or self.codec in sum(EAST_ASIAN.values(), ())
        return legacy and self.condition != "right" and len(self.raw) - len(self.raw.translate(None, HIGH)) < MIN_BYTES


HIGH = bytes(range(0x80, 0x100))


def languages(half: str) -> dict[str, list[str]]:
    """Return the sentences of each language in one half of the data."""
    raw = Path(__file__).with_name(f"encodings_{half}.toml").read_text(encoding="utf-8")
    return {each["name"]: each["sentences"] for each in tomllib.loads(raw)["language"]}


def texts(sentences: list[str]) -> Iterator[tuple[str, str]]:
    """Yield headlines, sentences, paragraphs of three sentences and the whole article, each with its length's name."""
    for sentence in sentences:
        words = sentence.split(" ")
        yield "headline", " ".join(words[:5])[:40] if len(words) > 2 else sentence[:12]
        yield "sentence", sentence
    yield "paragraph", " ".join(sentences[:3])
    yield "paragraph", " ".join(sentences[3:])
    yield "article", " ".join(sentences)


def encoded(text: str, codec: str) -> bytes | None:
    """Encode a text as an author would, with plain signs if need be; None if the charset cannot hold its letters."""
    forms = (text, text.translate(PLAIN))
    if codec == "cp1258":
        forms = (*map(with_tone_marks, forms),)
    for form in forms:
        try:
            return form.encode(codec)
        except UnicodeEncodeError:
            continue
    return None


def codecs_for(language: str, text: str) -> Iterator[tuple[str, bytes]]:
    """Yield the charsets that a language is written in, with the bytes of a text."""
    for codec in (*UTF_8, *WIDE, "utf-7", *EAST_ASIAN.get(language, SINGLE_BYTE)):
        raw = encoded(text, codec)
        if (raw is not None and not raw.isascii() | (codec not in SEVEN_BIT and text.isascii())) or (
            raw is not None and codec in SEVEN_BIT and not text.isascii()
        ):
            yield codec, raw


def samples(half: str, every: int) -> Iterator[Sample]:
    """Yield every sample, or one in `every`, chosen by a seeded generator."""
    chance = random.Random(20261130)
    for language, sentences in languages(half).items():
        for length, text in texts(sentences):
            for codec, raw in codecs_for(language, text):
                for sample in conditions(language, length, codec, raw, chance):
                    if chance.random() < 1 / every:
                        yield sample


def conditions(language: str, length: str, codec: str, raw: bytes, chance: random.Random) -> Iterator[Sample]:
    """Yield a text without declaration, rightly and wrongly declared, and with stray bytes."""
    text = raw.decode(codec)
    yield Sample("none", length, language, codec, raw, text)
    label = LABELS.get(codec, codec)
    yield declared("right", length, language, codec, text, label)
    wrong = chance.choice([each for each in WRONG if reading(raw, each) != text])
    yield declared("wrong", length, language, codec, text, wrong)
    if codec not in WIDE and codec not in SEVEN_BIT:
        yield strayed(length, language, codec, raw, chance)


def reading(raw: bytes, label: str) -> str:
    """Return the text that a label stands for."""
    return raw.decode(codec_of(label) or label, "replace")


def declared(condition: str, length: str, language: str, codec: str, text: str, label: str) -> Sample:
    """Make a page that declares `label`."""
    page = PAGE.format(label=label, text=text)
    return Sample(condition, length, language, codec, page.encode(codec), page, label=label)


def strayed(length: str, language: str, codec: str, raw: bytes, chance: random.Random) -> Sample:
    """Put one to three stray pieces between characters of a UTF-8 text, or one stray byte into a legacy text."""
    if codec not in UTF_8:
        text = raw.decode(codec)
        at = chance.randrange(len(text) + 1)
        before, after = text[:at].encode(codec), text[at:].encode(codec)
        if codec in SINGLE_BYTE:  # what the stray byte stands for is anybody's guess
            raw = before + bytes([chance.randrange(0x80, 0x100)]) + after
            return Sample("stray", length, language, codec, raw, "", ((text[:at], ANY), (text[at:], "")))
        raw = before + b"\xff" + after
        return Sample("stray", length, language, codec, raw, decode_as(raw, codec).text)
    text = raw.decode(codec)
    ends = sorted(chance.sample(range(1, len(text) + 1), min(len(text), chance.randint(1, 3))))
    pieces = [chance.choice(STRAYS) for _ in ends]
    parts = [text[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True)]
    raw = parts[0].encode(codec) + b"".join(p[0] + t.encode() for p, t in zip(pieces, parts[1:], strict=True))
    meant = (*tuple((part, piece[1]) for part, piece in zip(parts, pieces, strict=False)), (parts[-1], ""))
    return Sample("stray", length, language, codec, raw, text, meant)


def is_exact(sample: Sample, text: str) -> bool:
    """Compare a text with what was encoded; runs of U+FFFD count as one, a byte order mark does not count."""
    text = re.sub("\ufffd+", "\ufffd", text.removeprefix("\ufeff"))
    if not sample.meant:
        return text == re.sub("\ufffd+", "\ufffd", sample.text)
    return (
        re.fullmatch("".join(re.escape(part) + _pattern(meant) for part, meant in sample.meant), text, re.DOTALL)
        is not None
    )


def _pattern(meant: str | None) -> str:
    """Return the pattern of a stray piece: U+FFFD or the text meant."""
    if meant in ("", ANY):
        return meant or ""
    return f"(?:\ufffd|{re.escape(meant)})" if meant else "\ufffd"


def copydesk(sample: Sample) -> list[str]:
    """Decode as `clean run` does."""
    return [decode(sample.raw, None, sample.label is not None, Settings().declared_evidence).text]


def named(detect: Callable[[bytes], str | None]) -> Callable[[Sample], list[str]]:
    """Make a peer out of a detector: the texts that the name it gives may stand for."""

    def peer(sample: Sample) -> list[str]:
        name = detect(sample.raw) or "utf-8"
        found = []
        for codec in (name, codec_of(name)):
            try:
                found.append(sample.raw.decode(codec or name, "replace"))
            except LookupError:
                found.append("")
        return found

    return peer


def peers() -> dict[str, Callable[[Sample], list[str]]]:
    """Return copydesk and every detector that is installed."""
    makers: dict[str, tuple[str, Callable[[object], Callable[[bytes], str | None]]]] = {
        "chardet": ("chardet", lambda m: lambda raw: m.detect(raw)["encoding"]),
        "charset-normalizer": (
            "charset_normalizer",
            lambda m: lambda raw: getattr(m.from_bytes(raw).best(), "encoding", None),
        ),
        "faust-cchardet": ("cchardet", lambda m: lambda raw: m.detect(raw)["encoding"]),
        "resiliparse": (
            "resiliparse.parse.encoding",
            lambda m: lambda raw: m.detect_encoding(raw, max_len=len(raw), from_html_meta=True),
        ),
    }
    found: dict[str, Callable[[Sample], list[str]]] = {"copydesk": copydesk}
    for name, (module, make) in makers.items():
        try:
            found[name] = named(make(importlib.import_module(module)))
        except ImportError:
            print(f"{name} is not installed", file=sys.stderr)
    return found


COLUMNS = (
    "none",
    "right",
    "wrong",
    "stray",
    "UTF-8 stray",
    "headline",
    "sentence",
    "paragraph",
    "article",
    "all",
    "too short",
)


def columns_of(sample: Sample) -> Iterator[str]:
    """Name the columns of the table that a sample counts in."""
    if sample.too_short:
        yield "too short"
        return
    yield from (sample.condition, sample.length, "all")
    if sample.condition == "stray" and sample.codec in UTF_8:
        yield "UTF-8 stray"


def measure(
    name: str, peer: Callable[[Sample], list[str]], everything: list[Sample], arguments: argparse.Namespace
) -> None:
    """Print a peer's row of the table and, if asked, what it took for what."""
    right, total, confusions = Counter[str](), Counter[str](), defaultdict[tuple[str, str], list[str]](list)
    start = time.perf_counter()
    for sample in everything:
        exact = any(is_exact(sample, text) for text in peer(sample))
        for column in columns_of(sample):
            total[column] += 1
            right[column] += exact
        if not exact and not sample.too_short:
            confusions[sample.codec, sample.language].append(
                f"{sample.condition}/{sample.length}" + (f" as {sample.label}" if sample.label else "")
            )
            if arguments.each:
                print(
                    sample.condition,
                    sample.length,
                    sample.language,
                    sample.codec,
                    sample.label,
                    repr(peer(sample)[0][105 if sample.label else 0 :])[:110],
                    file=sys.stderr,
                )
    seconds = time.perf_counter() - start
    cells = [f"{100 * right[c] / max(1, total[c]):.2f}" for c in COLUMNS]
    print(f"| {name} | {' | '.join(cells)} | {1000 * seconds / len(everything):.2f} |", flush=True)
    if arguments.confusions:
        for (codec, language), what in sorted(confusions.items(), key=lambda item: -len(item[1]))[:25]:
            print(f"  {len(what):4} {codec:12} {language:22} {Counter(what).most_common(4)}")


def main(argv: list[str]) -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--half", choices=("development", "held_out"), default="held_out")
    parser.add_argument("--every", type=int, default=1, help="measure one sample in so many")
    parser.add_argument("--only", help="one detector")
    parser.add_argument("--confusions", action="store_true", help="what was misread, by charset and language")
    parser.add_argument("--each", action="store_true", help="every misread sample, to standard error")
    arguments = parser.parse_args(argv)
    everything = list(samples(arguments.half, arguments.every))
    count = Counter(column for sample in everything for column in columns_of(sample))
    print("| exact, % of | " + " | ".join(f"{c} ({count[c]})" for c in COLUMNS) + " | ms each |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for name, peer in peers().items():
        if arguments.only in (None, name):
            measure(name, peer, everything, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
