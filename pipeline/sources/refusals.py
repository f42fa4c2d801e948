"""Files that are known and not read: what each is, and how to make one of it that is read."""

from __future__ import annotations

from pathlib import PurePosixPath

_UNPACK = "an archive that is not read: unpack it (`{}`) and give the folder"
_PANDAS = (
    "to read it, write it as Parquet first: `python -c \"import pandas; pandas.{}('FILE').to_parquet('news.parquet')\"`"
)
#: First bytes → what such a file is, whatever it is called.
_MAGIC = (
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
    ".lz4": "compressed by lz4, which is not read: `lz4 -d FILE`",
    ".br": "compressed by brotli, which is not read: `brotli -d FILE`",
    ".z": "compressed by compress, which is not read: `gunzip FILE`",
}
_SAME = {
    ".pickle": ".pkl", ".hdf5": ".h5", ".hdf": ".h5", ".rda": ".rdata", ".zsav": ".sav", ".por": ".sav",
    ".joblib": ".pkl",
}  # fmt: skip


def way_out(name: str, head: bytes, kind: str | None) -> str | None:
    """Return what a file is that is not read, and what to do; None for all others.

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
    return _SUFFIXES.get(_SAME.get(suffix, suffix))
