"""Make stages/decode/data/characters.npz: which letters follow which by language, and common East Asian characters.

    pip install wordfreq simplemma opencc-python-reimplemented
    python benchmarks/character_pairs.py

From the word frequencies of wordfreq (code Apache 2.0, data CC BY-SA 4.0), and for languages that it lacks from the
word lists of simplemma (MIT), see stages/decode/data/LICENSE.md. Neither is needed to run copydesk. Make the table anew
when `fold` changes. It takes five minutes, most of them for OpenCC.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import wordfreq
from opencc import OpenCC
from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory
from windows_1258 import with_tone_marks

from stages.decode.symbols import fold

OUT = Path(__file__).parent.parent / "stages/decode/data/characters.npz"
WORDFREQ = [
    "en",
    "de",
    "fr",
    "es",
    "pt",
    "it",
    "ca",
    "nl",
    "da",
    "nb",
    "sv",
    "is",
    "fi",
    "pl",
    "cs",
    "sk",
    "sl",
    "sh",
    "hu",
    "ro",
    "lt",
    "lv",
    "tr",
    "vi",
    "id",
    "fil",
    "ru",
    "uk",
    "bg",
    "mk",
    "el",
    "ar",
    "fa",
    "ur",
    "he",
]
SIMPLEMMA = ["et", "sq", "ga", "cy", "eo"]
#: Letters of languages that no list of words has: published counts, rounded, as relative weights.
LETTERS_ONLY = {
    "Belarusian": "а1400 н680 і600 о500 е500 с500 р450 я450 л430 к420 ы400 т400 у350 ц350 д340 в300 з300 п280 м260 "
    "ў200 ь200 г200 б180 ч150 э120 х100 й100 ж90 ш90 ю60 ё60 ф20",
    "Kazakh": "а1200 е800 ы700 і500 н700 т650 р600 л550 д500 қ450 с420 м400 к300 о350 б350 й300 ғ250 п200 у250 ж230 "
    "г150 з150 ң130 ш130 ө120 ү120 ұ100 и200 ә150 я50 х60 в60 э30 ф20 ц20 ч20 ю20 ь20 щ5 һ5",
    "Tajik": "а1300 и900 о1000 р650 н650 т600 д550 м450 с400 у400 б380 к350 е350 ш300 в280 х250 л250 з250 ҳ230 "
    "г180 ӣ150 ф150 я150 п150 ҷ130 қ130 ӯ120 ч110 й100 ғ60 ж40 э30 ё50 ъ30 ю30",
    "Maltese": "a900 i900 l700 e600 t600 n600 u400 m350 r450 s400 o300 d300 b280 k250 p220 j350 g200 f250 ħ200 ż80 "
    "ġ90 ċ50 w200 z60 x100 q80 h60 v60 à5",
    "Thai": "า700 น650 ร630 อ550 ก500 เ500 ่500 ั440 ง400 ม400 ้380 ย350 ว350 ล330 ี320 ท300 ต280 ิ280 ด270 ส270 "
    "ค250 บ230 ะ220 ป220 ห220 แ170 ุ170 จ160 พ150 ข140 ู140 ไ130 ื130 ช120 ์120 ใ110 ำ110 โ90 ถ60 ็60 ึ60 "
    "ซ50 ผ50 ณ50 ศ50 ธ40 ญ30 ภ30 ษ30 ฐ20 ฟ20 ฝ10",
}
LATIN = "abcdefghijklmnopqrstuvwxyz"
#: Letters rarer than this share of a language's letters are foreign to it.
LEAST_SHARE = 3e-6
#: Share of the letter's own frequency mixed into each conditional probability, for pairs that no word has.
UNSEEN = 0.02
#: The stored number is this many times the natural logarithm, negated.
SCALE = 16
EAST_ASIAN = {"zh": 5000, "ja": 3500, "ko": 2000}
#: Serbian in Cyrillic is made from Latin.
CYRILLIC = dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True))


def words(language: str) -> Iterator[tuple[str, float]]:
    """Yield the words of a language and their weights."""
    if language in SIMPLEMMA:
        for word in DefaultDictionaryFactory().get_dictionary(language):
            yield _bytes(word).decode(), 1.0
    elif language == "el":  # wordfreq writes "σ" at the end of words too
        for word, share in wordfreq.get_frequency_dict(language).items():
            yield (word[:-1] + "ς" if word.endswith("σ") else word), share
    else:
        yield from wordfreq.get_frequency_dict(language).items()
    if language == "de":  # wordfreq writes "ss" for "ß"
        sharp = [word for word in DefaultDictionaryFactory().get_dictionary("de") if b"\xc3\x9f" in _bytes(word)]
        yield from ((_bytes(word).decode(), 0.02 / len(sharp)) for word in sharp)


def _bytes(word: str | bytes) -> bytes:
    return word.encode() if isinstance(word, str) else word


def in_cyrillic(word: str) -> str:
    """Write a Serbian word in Cyrillic."""
    for latin, cyrillic in (("lj", "љ"), ("nj", "њ"), ("dž", "џ")):
        word = word.replace(latin, cyrillic)
    return "".join(CYRILLIC.get(letter, letter) for letter in word)


def is_letter(character: str) -> bool:
    """Tell a letter or a mark on a letter."""
    return unicodedata.category(character)[0] in "LM"


def counted(pairs: Iterable[tuple[str, float]]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Count letters, and pairs of letters with "" for both ends of a word."""
    letters, following = Counter[str](), Counter[tuple[str, str]]()
    for word, weight in pairs:
        folded = [fold(character) for character in word]
        if not folded or not all(is_letter(character) for character in word):
            continue
        for first, second in zip(["", *folded], [*folded, ""], strict=True):
            following[first, second] += weight
            if second:
                letters[second] += weight
    return letters, following


def table(letters: Counter[str], following: Counter[tuple[str, str]]) -> tuple[str, npt.NDArray[np.uint8]]:
    """Return a language's alphabet and its table: rows for letters before, columns for letters after, 0 for none."""
    total = sum(letters.values())
    own_script = "" if any(letter in LATIN for letter, _ in letters.most_common(3)) else LATIN
    alphabet = "".join(sorted(x for x, n in letters.items() if n / total >= LEAST_SHARE and x not in own_script))
    alone = Counter({("", each): letters[each] for each in alphabet})
    symbols = ["", *alphabet]
    values = np.zeros((len(symbols), len(symbols)))
    end = sum(n for (_, second), n in following.items() if not second) / (total + 1e-12)
    for row, first in enumerate(symbols):
        counts = [following[first, second] for second in symbols]
        shares = [end if first and not s else (alone["", s] / total * (1 - end) if s else 0) for s in symbols]
        both = [(1 - UNSEEN) * c / max(1e-12, sum(counts)) + UNSEEN * s for c, s in zip(counts, shares, strict=True)]
        values[row] = [-math.log(max(each, 1e-7)) for each in both]
    return alphabet, np.minimum(255, np.rint(SCALE * values)).astype(np.uint8)


def alone(name: str) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Count pairs as if letters did not depend on one another, from a table of letters."""
    letters = Counter({fold(each[0]): float(each[1:]) for each in LETTERS_ONLY[name].split()})
    total = sum(letters.values())
    following = Counter(
        {(first, second): a * b / total for first, a in letters.items() for second, b in letters.items()}
    )
    following.update({("", letter): share / 6 for letter, share in letters.items()})
    following.update({(letter, ""): share / 6 for letter, share in letters.items()})
    return letters, following


def languages() -> Iterator[tuple[str, str, npt.NDArray[np.uint8]]]:
    """Yield every language with its alphabet and table."""
    for language in WORDFREQ + SIMPLEMMA:
        yield language, *table(*counted(words(language)))
    yield "sr", *table(*counted((in_cyrillic(word), weight) for word, weight in words("sh")))
    yield "vi-1258", *table(*counted((with_tone_marks(word), weight) for word, weight in words("vi")))
    for name in LETTERS_ONLY:
        yield name, *table(*alone(name))


def characters(language: str, size: int) -> tuple[str, npt.NDArray[np.uint8]]:
    """Return the commonest characters outside ASCII of an East Asian language, and their logarithms."""
    found = Counter[str]()
    for word, weight in words(language):
        for character in word:
            if character > "\u2fff" and is_letter(character):
                found[character] += weight
    return ranked(found, size)


def ranked(found: Counter[str], size: int) -> tuple[str, npt.NDArray[np.uint8]]:
    """Return the commonest of counted characters, and the logarithms of their shares."""
    common = found.most_common(size)
    total = sum(found.values())
    logs = [-math.log(count / total) for _, count in common]
    return "".join(c for c, _ in common), np.minimum(255, np.rint(SCALE * np.array(logs))).astype(np.uint8)


def traditional(size: int) -> tuple[str, npt.NDArray[np.uint8]]:
    """Return the commonest characters of Chinese in traditional writing."""
    convert, found = OpenCC("s2twp").convert, Counter[str]()
    for word, weight in words("zh"):
        for character in convert(word):
            if character > "\u2fff" and is_letter(character):
                found[character] += weight
    return ranked(found, size)


def main() -> None:
    """Write the file."""
    arrays: dict[str, npt.NDArray[np.uint8] | npt.NDArray[np.str_]] = {}
    for language, alphabet, values in languages():
        arrays[f"alphabet {language}"], arrays[f"pairs {language}"] = np.array(alphabet), values
    for language, size in EAST_ASIAN.items():
        text, logs = characters(language, size)
        arrays[f"characters {language}"], arrays[f"logs {language}"] = np.array(text), logs
    text, logs = traditional(EAST_ASIAN["zh"])
    arrays["characters zh-hant"], arrays["logs zh-hant"] = np.array(text), logs
    np.savez_compressed(OUT, **arrays)  # type: ignore[arg-type]
    print(OUT, OUT.stat().st_size)


if __name__ == "__main__":
    main()
