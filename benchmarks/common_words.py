"""Make stages/near_duplicates/data/common_words.npz: how common words are, by their hashes in the normal form.

    pip install wordfreq stopwordsiso
    python benchmarks/common_words.py

Frequencies come from wordfreq (https://github.com/rspeer/wordfreq: code Apache 2.0, data CC BY-SA 4.0, see
stages/near_duplicates/data/LICENSE.md), and for languages that it lacks stop words from stopwordsiso (MIT). Neither is
needed to run copydesk. Make the table anew when the normal form of words (`fold_character`, `hash_word`) changes.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import stopwordsiso
import wordfreq

from stages.near_duplicates.alphabet import (
    COMMON,
    FUNCTION,
    fold_character,
    hash_word,
    is_accent,
    is_kana,
)

OUT = Path(__file__).parent.parent / "stages/near_duplicates/data/common_words.npz"
#: Zipf frequencies (powers of ten in a billion words): of function words, and of common ones.
CERTAIN, FREQUENT, USUAL = 6.5, 6.0, 5.0
#: A word is a function word only if it is CERTAIN to be one, or no language has it as a word of content (at these
#: frequencies) nearly as often: "face" is one of Romanian and "war" of German.
CONTENT, NEARLY = (4.3, 5.5), 1.0
#: Languages of which the words are not those of the tokenizer.
CUT_OTHERWISE = {"ja", "zh", "ko"}
#: Of the languages that only stopwordsiso has, those that wordfreq has by another name, and a dead one.
COVERED = {"no", "hr", "tl", "la"}
#: So many of the characters that are words by themselves are function words, where words are not set apart.
CHARACTERS = 60


def normal(word: str) -> str:
    """Return a word as the tokenizer reads it: folded, without accents, apostrophes and hyphens."""
    plain = (fold_character(character) for character in word if not is_accent(character) and character not in "-'’ـ")
    return "".join(plain)


def frequencies(language: str) -> dict[str, float]:
    """Return the Zipf frequencies of a language's words in the normal form."""
    shares: dict[str, float] = {}
    for word, share in wordfreq.get_frequency_dict(language, "small").items():
        if normal(word).isalpha() or not word.isascii():
            shares[normal(word)] = shares.get(normal(word), 0) + share
    return {word: math.log10(share * 1e9) for word, share in shares.items()}


def classes(by_language: dict[str, dict[str, float]]) -> dict[str, int]:
    """Tell for every common word if it is a function word."""
    found: dict[str, int] = {}
    for words in by_language.values():
        for word, zipf in words.items():
            if zipf < USUAL:
                continue
            known = [other[word] for other in by_language.values() if word in other]
            content = any(CONTENT[0] <= each < CONTENT[1] and zipf - each < NEARLY for each in known)
            function = zipf >= CERTAIN or (zipf >= FREQUENT and not content)
            found[word] = max(found.get(word, 0), FUNCTION if function else COMMON, key=(0, COMMON, FUNCTION).index)
    return found


def function_characters() -> set[str]:
    """Return hiragana, and the commonest Chinese and Japanese words of one character: grammar, not content."""
    kana = {chr(code) for code in range(0x3041, 0x3097)}
    for language in ("zh", "ja"):
        words = frequencies(language)
        single = sorted((word for word in words if len(word) == 1 and word >= "\u3000"), key=words.__getitem__)
        kana |= {word for word in single if not is_kana(word)} & set(single[-CHARACTERS:])
    return kana


def main() -> None:
    spaced = set(wordfreq.available_languages("small")) - CUT_OTHERWISE
    by_language = {language: frequencies(language) for language in sorted(spaced)}
    found = classes(by_language)
    content = {word for words in by_language.values() for word, zipf in words.items() if zipf >= CONTENT[0]}
    for language in sorted((stopwordsiso.langs() - spaced - CUT_OTHERWISE - COVERED) | {"ko"}):
        stop_words = {normal(word) for word in stopwordsiso.stopwords(language)}
        found |= dict.fromkeys(stop_words - content - {""}, FUNCTION)
    found |= dict.fromkeys(function_characters(), FUNCTION)
    hashes = {hash_word(word): means for word, means in found.items()}
    words = np.array(sorted(hashes), np.uint64)
    np.savez_compressed(OUT, words=words, means=np.array([hashes[int(word)] for word in words], np.uint8))
    counts = [sum(means == flag for means in found.values()) for flag in (FUNCTION, COMMON)]
    print(f"{counts[0]:,} function words and {counts[1]:,} common ones; {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
