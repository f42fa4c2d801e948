"""The jobs of `make bench`, and the programs that do each: ours, its peers, and the floor below both."""

from __future__ import annotations

from dataclasses import dataclass

from peer_environments import DATATROVE

#: What a program's command may name: its interpreter, `clean`, the scripts of peer_runs/, the inputs, an empty folder.
PLACES = ("python", "clean", "runs", "inputs", "folder")
OURS = "copydesk"
NO_CACHES = (
    ("HOME", "{folder}/home"), ("XDG_CACHE_HOME", "{folder}/cache"), ("PYTHONPYCACHEPREFIX", "{folder}/bytecode"),
)  # fmt: skip


@dataclass(frozen=True)
class Program:
    """A program that does a job: `command` is what is measured, with the names of PLACES in braces."""

    name: str
    command: tuple[str, ...]
    package: str = "copydesk"  # whose version is shown
    packages: tuple[str, ...] = ()  # what pip is given; none: the environment of copydesk
    needs: tuple[str, ...] = ()  # programs on the PATH
    environment: tuple[tuple[str, str], ...] = ()
    most_rounds: int = 99  # fewer for what takes minutes
    slow: bool = False  # left out of --quick
    says_work: bool = False  # its last line says how long the work took without start and files


@dataclass(frozen=True)
class Job:
    """What several programs do; amounts are of `unit` (see Inputs.amount)."""

    key: str
    title: str
    unit: str
    programs: tuple[Program, ...]


def script(name: str, *arguments: str) -> tuple[str, ...]:
    return "{python}", f"{{runs}}/{name}.py", *arguments


def clean(inputs: str) -> tuple[str, ...]:
    return "{clean}", "run", inputs, "--out", "{folder}/out", "--quiet"


def trafilatura_command(pages: str, workers: int) -> tuple[str, ...]:
    options = ("--no-comments", "--with-metadata", "--parallel", str(workers))
    return "{python}", "-m", "trafilatura.cli", "--input-dir", pages, "--output-dir", "{folder}/out", *options


def near_duplicates(passim: str | None) -> Job:
    """The job of the corpus stage alone; passim takes part where a checkout of its source is named."""
    files = ("{inputs}/paragraphs.jsonl", "{folder}/clusters", "{folder}/work")
    programs = [
        Program(OURS, script("copydesk_stage", *files), says_work=True),
        Program("Rensa, 5 words, 14 × 8", script("rensa_lsh", *files), "rensa", ("rensa",), says_work=True),
        Program(
            "datasketch, 5 words, 14 × 8", script("datasketch_lsh", *files[:2], "5", "14", "8"), "datasketch",
            says_work=True,
        ),
        Program(
            "text-dedup, threshold 0.7", script("text_dedup_minhash", *files, "0.7"), "text-dedup", ("text-dedup",),
            says_work=True,
        ),
        Program(
            "text-dedup, threshold 0.5", script("text_dedup_minhash", *files, "0.5"), "text-dedup", ("text-dedup",),
            says_work=True,
        ),
        Program(
            "datatrove, 5 words, 14 × 8", script("datatrove_minhash", *files), "datatrove", DATATROVE, most_rounds=3,
            says_work=True,
        ),
        Program(
            "passim, all pairs", script("passim_run", *files, "--all-pairs"), "passim",
            (passim, "pyspark<4", "pyarrow", "numpy", "setuptools", "intervaltree") if passim else (),
            needs=("java",), most_rounds=1, slow=True, says_work=True,
        ),
    ]  # fmt: skip
    return Job("near-duplicates", "near-duplicates of paragraphs, work alone", "paragraphs", tuple(programs))


def jobs(passim: str | None = None) -> tuple[Job, ...]:
    """All jobs, small ones first."""
    pages, articles = "{inputs}/warc", "{inputs}/articles"
    return (
        Job("text", "one text of 1 KB", "text", (
            Program(OURS, clean("{inputs}/one.txt")),
            Program(f"{OURS}, empty caches", clean("{inputs}/one.txt"), environment=NO_CACHES),
        )),
        Job("page", "one page of 1 KB", "page", (
            Program(OURS, clean("{inputs}/one/page.html")),
            Program("trafilatura's command", trafilatura_command("{inputs}/one", 1), "trafilatura"),
        )),
        Job("sample", "the sample corpus", "sample", (
            Program(OURS, clean("corpus")),
            Program(f"{OURS}, empty caches", clean("corpus"), environment=NO_CACHES),
        )),
        Job("pages", "web pages, everything on", "pages", (
            Program(OURS, clean(pages)),
            Program(
                "resiliparse, loop on 2 cores, text alone", script("resiliparse_loop", "{inputs}/html"), "resiliparse",
                ("resiliparse",),
            ),
            Program("trafilatura.extract, loop on 2 cores", script("trafilatura_loop", "{inputs}/html"), "trafilatura"),
            Program("trafilatura's command, 2 workers", trafilatura_command("{inputs}/html", 2), "trafilatura"),
            Program(
                "datatrove, 2 workers", script("datatrove_pipeline", "pages", pages, "{folder}/trove"), "datatrove",
                DATATROVE, most_rounds=3,
            ),
        )),
        Job("articles", "articles as text, everything on", "articles", (
            Program(OURS, clean(articles)),
            Program("floor: read, hash, compress on 1 core", script("floor", articles, "{folder}/texts"), "zstandard"),
            Program(
                "datatrove, 2 workers", script("datatrove_pipeline", "articles", articles, "{folder}/trove"),
                "datatrove", DATATROVE, most_rounds=1,
            ),
        )),
        near_duplicates(passim),
    )  # fmt: skip
