"""Files that are no news: pictures, films, programs, shortcuts. Each is skipped with a word about what it is."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_MAGIC: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
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
        (rb"Rar!\x1a\x07", "a RAR archive; unpack it"),
        (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it"),
        (rb"\x80[\x02-\x05].{0,2}", "a pickle of Python; write it as JSON Lines or Parquet"),
        (rb"\x93NUMPY", "an array of NumPy; write its texts as JSON Lines or Parquet"),
        (rb"\x89HDF\r\n", "an HDF5 file; write its texts as JSON Lines or Parquet"),
        (rb"RD[AX][23]\n", "data of R; write them as CSV or Parquet"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older file of Microsoft Office; save it in a newer format"),
        (rb"#!", "a script"),
        (rb"\[InternetShortcut\]", "a shortcut to a web address; save the page itself"),
        (rb"bplist00|<\?xml[^>]*>\s*<!DOCTYPE plist", "a property list, such as a shortcut of macOS"),
    )
)
_SUFFIXES = {
    "a program or its source": "py pyc ipynb js ts jsx tsx css scss java c cc cpp h hpp rs go rb php pl r jl sh bat "
    "ps1 exe dll so dylib class jar wasm",
    "a picture": "jpg jpeg png gif webp tif tiff bmp ico svg heic avif psd ai eps",
    "a film or a sound": "mp4 m4v mov avi mkv webm wmv flv mp3 m4a wav ogg oga flac aac srt vtt",
    "a shortcut": "url webloc lnk desktop",
    "a presentation; save it as PDF or text": "ppt pptx odp key",
    "a font": "woff woff2 ttf otf eot",
    "settings, no news": "yml yaml toml ini cfg conf env lock gitignore",
    "a pickle of Python; write it as JSON Lines or Parquet": "pkl pickle joblib",
    "weights of a model": "pt pth onnx safetensors npy npz h5 ckpt",
    "a disk or a package": "iso dmg deb rpm apk msi whl",
}
_BY_SUFFIX = {f".{each}": name for name, suffixes in _SUFFIXES.items() for each in suffixes.split()}


def known_as(name: str, head: bytes) -> str:
    r"""Say what a file is that holds no news; empty if nothing is known about it.

    >>> known_as("a.jpg", b"\xff\xd8\xff\xe0"), known_as("run.py", b"import os"), known_as("a.dat", b"It sails.")
    ('a picture (JPEG)', 'a program or its source', '')
    """
    by_content = next((what for pattern, what in _MAGIC if pattern.match(head)), "")
    return by_content or _BY_SUFFIX.get(PurePosixPath(name.lower()).suffix, "")
