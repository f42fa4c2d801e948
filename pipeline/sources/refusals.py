"""Files that are known and not read: what each is, and how to make one of it that is read; what is no news at all."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_UNPACK = "an archive that is not read: unpack it (`{}`) and give the folder"
_PANDAS = (
    "to read it, write it as Parquet first: `python -c \"import pandas; pandas.{}('FILE').to_parquet('news.parquet')\"`"
)
#: First bytes → what such a file is, whatever it is called.
_MAGIC = (
    (
        b"version https://git-lfs.github.com/spec/",
        "a pointer of Git LFS, and not the file itself: `git lfs pull` fetches it",
    ),
    (
        b"#FORMAT=WebAnno TSV",
        "words with tags of WebAnno or INCEpTION: export the documents as plain text, or as UIMA CAS XMI",
    ),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip, " + _UNPACK.format("7z x FILE")),
    (b"Rar!\x1a\x07", "RAR, " + _UNPACK.format("unrar x FILE")),
    (b"\x93NUMPY", "an array of numpy, and no table: write its texts as JSON Lines or Parquet"),
    (b"\x89HDF\r\n", "HDF5; " + _PANDAS.format("read_hdf")),
    (b"<stata_dta>", "a file of Stata; " + _PANDAS.format("read_stata")),
    (b"$FL2", "a file of SPSS; " + _PANDAS.format("read_spss")),
    (b"$FL3", "a file of SPSS; " + _PANDAS.format("read_spss")),
    (b"\x04\x22\x4d\x18", "compressed by lz4, which is not read: `lz4 -d FILE`"),
)
_R = "a file of R; to read it, write it as Parquet first, in R: `arrow::write_parquet({}, 'news.parquet')`"
_YAML = (
    'YAML; if it holds articles, write it as JSON first: `python -c "import json, yaml; '
    "json.dump(yaml.safe_load(open('FILE')), open('news.json', 'w'), default=str)\"`"
)
_SUFFIXES = {
    ".7z": "7-Zip, " + _UNPACK.format("7z x FILE"),
    ".rar": "RAR, " + _UNPACK.format("unrar x FILE"),
    ".pkl": "a pickle, which runs whatever code was put into it and is never opened here; if you trust it, "
    + _PANDAS.format("read_pickle"),
    ".npy": "an array of numpy, and no table: write its texts as JSON Lines or Parquet",
    ".npz": "arrays of numpy, and no table: write their texts as JSON Lines or Parquet",
    ".rds": _R.format("readRDS('FILE')"),
    ".rdata": _R.format("get(load('FILE'))"),
    ".dta": "a file of Stata; " + _PANDAS.format("read_stata"),
    ".sav": "a file of SPSS; " + _PANDAS.format("read_spss"),
    ".sas7bdat": "a file of SAS; " + _PANDAS.format("read_sas"),
    ".h5": "HDF5; " + _PANDAS.format("read_hdf"),
    ".xlsb": "a binary workbook: save it as .xlsx",
    ".numbers": "a document of Numbers: export it as Excel or CSV",
    ".mdb": "a database of Access: `mdb-export FILE TABLE > news.csv`",
    ".accdb": "a database of Access: `mdb-export FILE TABLE > news.csv`",
    ".duckdb": "a database of DuckDB: `duckdb FILE -c \"COPY articles TO 'news.parquet'\"`",
    ".msg": "a message of Outlook: save it as .eml, or `pip install extract-msg` and `python -m extract_msg FILE`",
    ".pst": "mail of Outlook: `readpst -r FILE` writes mailboxes that are read",
    ".webarchive": "a page saved by Safari: `textutil -convert html FILE`",
    ".pages": "a document of Pages: export it as Word or PDF",
    ".mobi": "a book: `ebook-convert FILE book.epub`",
    ".azw3": "a book: `ebook-convert FILE book.epub`",
    ".djvu": "scanned pages: `djvutxt FILE news.txt`",
    ".msgpack": "MessagePack: write it as JSON first, with `msgpack.load(open('FILE', 'rb'))` and `json.dump`",
    ".spacy": "documents of spaCy: write each `doc.text` as JSON Lines, from `DocBin().from_disk('FILE')`",
    ".tfrecord": "examples of TensorFlow: write their texts as JSON Lines (`tf.data.TFRecordDataset('FILE')`)",
    ".dbf": "a table of dBase: save it as CSV, with LibreOffice: `soffice --convert-to csv FILE`",
    ".bson": "a dump of MongoDB: `bsondump FILE > news.jsonl`",
    ".lz4": "compressed by lz4, which is not read: `lz4 -d FILE`",
    ".br": "compressed by brotli, which is not read: `brotli -d FILE`",
    ".z": "compressed by compress, which is not read: `gunzip FILE`",
}
_SAME = {
    ".pickle": ".pkl", ".hdf5": ".h5", ".hdf": ".h5", ".rda": ".rdata", ".zsav": ".sav", ".por": ".sav",
    ".joblib": ".pkl",
}  # fmt: skip


def way_out(name: str, head: bytes, kind: str | None, *, named: bool = True) -> str | None:
    """Return what a file is that is not read, and what to do; None for all others.

    YAML that nobody named holds settings.

    >>> way_out("news.7z", b"", None)
    '7-Zip, an archive that is not read: unpack it (`7z x FILE`) and give the folder'
    >>> way_out("news.csv", b"Rar!\\x1a\\x07\\x01", "csv")
    'RAR, an archive that is not read: unpack it (`unrar x FILE`) and give the folder'
    >>> way_out("news.csv", b"title,text", "csv")
    """
    known = next((told for magic, told in _MAGIC if head.startswith(magic)), None)
    if known or kind:
        return known
    suffix = PurePosixPath(name.lower()).suffix
    return _SUFFIXES.get(_SAME.get(suffix, suffix)) or (_YAML if named and suffix in (".yaml", ".yml") else None)


_MAGIC_OF_NO_NEWS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        (rb"\xff\xd8\xff", "a picture (JPEG)"),
        (rb"\x89PNG\r\n", "a picture (PNG)"),
        (rb"GIF8[79]a", "a picture (GIF)"),
        (rb"RIFF....WEBP", "a picture (WebP)"),
        (rb"(?:II\*\0|MM\0\*)", "a picture (TIFF)"),
        (rb"BM....\0\0\0\0", "a picture (BMP)"),
        (rb"\0\0\x01\0.\0", "a picture (icon)"),
        (rb"....ftyp(?:avif|heic|heix|mif1)", "a picture (HEIF)"),
        (rb"....ftyp", "a film or sound (MP4)"),
        (rb"\x1a\x45\xdf\xa3", "a film (Matroska, WebM)"),
        (rb"RIFF....(?:AVI |WAVE)", "a film or sound (RIFF)"),
        (rb"(?:ID3|\xff[\xfb\xf3\xf2])", "a sound (MP3)"),
        (rb"(?:OggS|fLaC)", "a sound or film (Ogg, FLAC)"),
        (rb"\x7fELF|MZ.{58,}|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe|\0asm", "a program"),
        (rb"L\0\0\0\x01\x14\x02\0", "a shortcut of Windows (.lnk)"),
        (rb"(?:wOFF|wOF2|OTTO|\0\x01\0\0\0.\0)", "a font"),
        (rb"\x80[\x02-\x05].{0,2}", "a pickle of Python; write it as JSON Lines or Parquet"),
        (rb"RD[AX][23]\n", "data of R; write them as CSV or Parquet"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older file of Microsoft Office; save it in a newer format"),
        (rb"#!", "a script"),
        (rb"\[InternetShortcut\]", "a shortcut to a web address; save the page itself"),
        (rb"bplist00|<\?xml[^>]*>\s*<!DOCTYPE plist", "a property list, such as a shortcut of macOS"),
    )
)
_SUFFIXES_OF_NO_NEWS = {
    "a program or its source": "py pyc ipynb js ts jsx tsx css scss java c cc cpp h hpp rs go rb php pl r jl sh bat "
    "ps1 exe dll so dylib class jar wasm",
    "a picture": "jpg jpeg png gif webp tif tiff bmp ico svg heic avif psd ai eps",
    "a film or a sound": "mp4 m4v mov avi mkv webm wmv flv mp3 m4a wav ogg oga flac aac srt vtt",
    "a shortcut": "url webloc lnk desktop",
    "a presentation; save it as PDF or text": "ppt pptx odp key",
    "marks on texts that lie beside it": "ann a1 a2",
    "sums or a log": "md5 sha1 sha256 sha512 log",
    "an index of captures; give the WARC files": "cdx cdxj",
    "a font": "woff woff2 ttf otf eot",
    "settings, no news": "yml yaml toml ini cfg conf env lock gitignore",
    "a copy kept by an editor, or a download that is not finished": "bak orig swp swo tmp part partial crdownload",
    "weights of a model": "pt pth onnx safetensors ckpt",
    "a disk or a package": "iso dmg deb rpm apk msi whl",
}
_BY_SUFFIX = {f".{each}": name for name, suffixes in _SUFFIXES_OF_NO_NEWS.items() for each in suffixes.split()}


#: Names of texts that say something about the folder that they lie in.
_ABOUT_FOLDERS = re.compile(
    r"~\$.+|thumbs\.db|desktop\.ini|robots\.txt"  # of systems and programs
    r"|dataset_(?:infos?|dict)\.json|state\.json|dataset-metadata\.json|datapackage\.json|croissant\.json"
    r"|(?:docker|make|pip|proc|gem|snake)file|requirements[-\w]*\.txt|citation\.(?:cff|txt|bib)"
    r"|(?:read[-_ ]?me|licen[cs]e(?:[-_](?:data|code|text|mit|bsd|apache|gpl|cc[-\w]*))?"
    r"|codebook|data[-_ ]?(?:card|sheet|dictionary)|copying"
    r"|notice|changelog|changes|contributing|authors|code[-_]of[-_]conduct|manifest)"
    r"(?:\.(?:md|markdown|rst|txt|html?|json))?",
    re.IGNORECASE,
)


def is_about_its_folder(name: str) -> bool:
    """Return True for the name of a text that is about a folder: read if the user names it, not with the folder.

    >>> is_about_its_folder("README.md"), is_about_its_folder("license"), is_about_its_folder("readme-or-not.txt")
    (True, True, False)
    """
    return _ABOUT_FOLDERS.fullmatch(name) is not None


def no_news(name: str, head: bytes) -> str:
    r"""Say what a file is that holds no news; empty if nothing is known about it.

    >>> no_news("a.jpg", b"\xff\xd8\xff\xe0"), no_news("run.py", b"import os"), no_news("a.dat", b"It sails.")
    ('a picture (JPEG)', 'a program or its source', '')
    """
    if name.endswith("~"):
        return "a copy kept by an editor"
    by_content = next((what for pattern, what in _MAGIC_OF_NO_NEWS if pattern.match(head)), "")
    return by_content or _BY_SUFFIX.get(PurePosixPath(name.lower()).suffix, "")
