"""Count clusters of fewer than eight words that lie in no longer copy, in languages other than those of the word lists.

    python benchmarks/short_clusters.py [--shared SHARED] [--articles 300]

Articles are made of invented sentences (benchmarks/fact_sentences*.toml, Korean ones below), cut at any word and
spliced, so that any two share runs of words of every length; a sixth of the sentences are whole. With --shared the
bodies of publishers' pages in these languages are cut up too; nothing of them is written down. A character of a script
without spaces is half a word. A short cluster lies in a longer copy if a member and the canonical paragraph share eight
words and more in all clusters that both are in, or if it is part of so long a run of equal words: where a run crosses
the end of a sentence, fewer than four words in one of the two are not reported.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from near_duplicates import documents_table

from stages import near_duplicates
from stages.contract import PARAGRAPH_BREAK
from stages.near_duplicates.alphabet import PLACE, SINGLE
from stages.near_duplicates.tokenization import tokenize

FOLDER = Path(__file__).parent
LANGUAGES = ("hi", "ar", "tr", "pl", "zh", "ja", "ko")
UNSPACED = ("zh", "ja")
LEAST = 8
WHOLE_SHARE = 1 / 6
KOREAN = """\
항구 관리소는 아흐레 동안 이어진 폭풍이 지나간 뒤 월요일부터 섬으로 가는 여객선이 다시 운항한다고 밝혔다.
시 당국은 오늘 기자회견을 열고 낡은 다리를 겨울이 오기 전에 폐쇄하고 수리하겠다고 말했다.
오래된 빵집에서 난 불로 창고 두 채가 탔지만 다친 사람은 없다고 소방서가 전했다.
교육 위원회는 다음 달부터 마을 학교의 점심 값을 올리기로 한 계획을 한 해 미루기로 했다.
등대를 지키던 노인은 안개 속에서 종소리를 듣고 배를 바위에서 돌려세웠다고 라디오에서 이야기했다.
어부들은 올해 청어가 예년보다 늦게 돌아와서 그물을 고칠 시간이 충분했다고 말했다.
박물관은 부두 아래 자갈 속에서 찾아낸 청동 종을 봄부터 무료로 전시할 예정이다.
시장은 광장에 새 분수를 세우는 데 드는 비용을 주민들이 투표로 정하게 하겠다고 약속했다."""


class Member(NamedTuple):
    """A passage of a cluster: where it stands, and how many half words it has."""

    place: tuple[str, int]
    halves: int
    is_canonical: bool
    before: list[int]  # words of its paragraph
    after: list[int]


def invented(language: str) -> list[str]:
    """Return the invented sentences of a language: each with the first of its two facts."""
    if language == "ko":
        return KOREAN.splitlines()
    found = []
    for path in sorted(FOLDER.glob("fact_sentences*.toml")):
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")).get(language, {})
        found += [first_side(sentence) for sentence in content.get("facts", {}).values()]
    return found


def first_side(sentence: str) -> str:
    """Choose the first side of every [first|second].

    >>> first_side("The [cat|dog] slept.")
    'The cat slept.'
    """
    begun = sentence.split("[")
    return begun[0] + "".join("".join((part.split("|")[0], part.partition("]")[2])) for part in begun[1:])


def published(shared: Path, language: str) -> list[str]:
    """Return blocks of the bodies of publishers' pages in a language."""
    with gzip.open(shared / "data/publishers.jsonl.gz", "rt", encoding="utf-8") as lines:
        pages = [json.loads(line) for line in lines]
    chosen = [page["blocks"] or [] for page in pages if page["language"] == language]
    return [text for blocks in chosen for _, text in blocks if len(text) > 20]


def spliced(texts: list[str], joint: str, chance: random.Random) -> str:
    """Return a text, or the beginning of one with the end of another."""
    one, other = ([*text] if joint == "" else text.split(" ") for text in chance.choices(texts, k=2))
    if chance.random() < WHOLE_SHARE:
        return joint.join(one)
    cut = [chance.randint(0, len(each)) for each in (one, other)]
    return joint.join([*one[: cut[0]], *other[cut[1] :]])


def articles(texts: list[str], language: str, number: int) -> list[dict[str, Any]]:
    """Make so many articles of six paragraphs."""
    chance, joint = random.Random(language), "" if language in UNSPACED else " "
    return [
        {"id": str(n), "outlet": f"outlet-{n}", "text": "\n".join(spliced(texts, joint, chance) for _ in range(6))}
        for n in range(number)
    ]


def words(text: str) -> list[int]:
    """Return the words of a text as the stage reads them, without the flags of their place."""
    return [word & ~PLACE for word in tokenize(pa.chunked_array([[text]])).hashes.tolist()]


def halves_in(read: list[int]) -> int:
    """Count words twice; characters that are words by themselves once.

    >>> halves_in(words("Three boats.")), halves_in(words("三艘船"))
    (4, 3)
    """
    return sum(1 if word & SINGLE else 2 for word in read)


def equal_beside(one: Member, other: Member) -> int:
    """Count the equal words right before and right after two passages, twice."""
    sides = (zip(reversed(one.before), reversed(other.before), strict=False), zip(one.after, other.after, strict=False))
    return sum(halves_in([a for a, _ in takewhile(lambda pair: pair[0] == pair[1], side)]) for side in sides)


def clusters(documents: pa.Table) -> dict[str, list[Member]]:
    """Run the stage; return the members of every cluster."""
    settings = near_duplicates.Settings()
    found = near_duplicates.resolve([near_duplicates.evidence(documents)], settings)
    paragraphs = {
        row["doc_id"]: row["text"].split(PARAGRAPH_BREAK) for row in documents.select(["doc_id", "text"]).to_pylist()
    }
    members: dict[str, list[Member]] = defaultdict(list)
    for row in near_duplicates.remove(documents, found, settings).passages.to_pylist():
        place, text = (row["doc_id"], row["paragraph"]), paragraphs[row["doc_id"]][row["paragraph"]]
        begin, end = row["start"], row["end"]
        inside = halves_in(words(text[begin:end]))
        member = Member(place, inside, row["is_canonical"], words(text[:begin]), words(text[end:]))
        members[row["cluster_id"]].append(member)
    return members


def short_members(members: dict[str, list[Member]]) -> Iterator[tuple[str, Member, Member]]:
    """Yield each copy in a cluster in which no passage has eight words, with the cluster's canonical passage."""
    for cluster, inside in members.items():
        if max(each.halves for each in inside) < 2 * LEAST:
            canonical = next(each for each in inside if each.is_canonical)
            yield from ((cluster, each, canonical) for each in inside if not each.is_canonical)


def figures(documents: pa.Table) -> dict[str, int]:
    """Count clusters, those of fewer than eight words, and of these those that lie in no longer copy."""
    members = clusters(documents)
    at: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for cluster, inside in members.items():
        for each in inside:
            at[each.place][cluster] += each.halves
    short, alone = set(), set()
    for cluster, copy, canonical in short_members(members):
        common = at[copy.place].keys() & at[canonical.place].keys()
        shared = max(sum(at[side.place][each] for each in common) for side in (copy, canonical))
        short.add(cluster)
        if max(shared, copy.halves + equal_beside(copy, canonical)) < 2 * LEAST:
            alone.add(cluster)
    return {"clusters": len(members), "short": len(short), "not_inside_longer_ones": len(alone)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, help="the folder with data/publishers.jsonl.gz")
    parser.add_argument("--articles", type=int, default=300)
    options = parser.parse_args()
    print("| language | texts cut up | clusters | of fewer than 8 words | of these not inside longer ones |")
    print("|---|---|---|---|---|")
    for language in LANGUAGES:
        texts = invented(language) + (published(options.shared, language) if options.shared else [])
        found = figures(documents_table(articles(texts, language, options.articles)))
        print(f"| {language} | {len(texts)} |", " | ".join(f"{value:,}" for value in found.values()), "|", flush=True)


if __name__ == "__main__":
    main()
