"""Python codecs for the charset labels of the WHATWG Encoding Standard, and the label that a page declares."""

from __future__ import annotations

import re

#: Codec → its labels, without punctuation. As in browsers, Latin-1 and ASCII mean windows-1252, GB 2312 means GB 18030
#: and so on: the larger charset decodes the smaller one, and the characters beyond it that pages use all the same.
_LABELS = {
    "utf-8": "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 utf8bom utf8sig",
    "utf-16-le": "utf16 utf16le csunicode iso10646ucs2 ucs2 unicode unicodefeff",
    "utf-16-be": "utf16be unicodefffe",
    "utf-32-le": "utf32 utf32le",
    "utf-32-be": "utf32be",
    "cp1252": "windows1252 cp1252 xcp1252 iso88591 iso885911987 latin1 l1 isoir100 csisolatin1 ibm819 cp819 "
    "ascii usascii "
    "ansix341968 iso646us xuserdefined",
    "cp1250": "windows1250 cp1250 xcp1250",
    "cp1251": "windows1251 cp1251 xcp1251 win1251",
    "cp1253": "windows1253 cp1253 xcp1253",
    "cp1254": "windows1254 cp1254 xcp1254 iso88599 iso885991989 latin5 l5 isoir148 csisolatin5",
    "cp1255": "windows1255 cp1255 xcp1255",
    "cp1256": "windows1256 cp1256 xcp1256",
    "cp1257": "windows1257 cp1257 xcp1257",
    "cp1258": "windows1258 cp1258 xcp1258",
    "cp874": "windows874 cp874 dos874 iso885911 tis620",
    "iso8859-2": "iso88592 iso885921987 latin2 l2 isoir101 csisolatin2",
    "iso8859-3": "iso88593 iso885931988 latin3 l3 csisolatin3",
    "iso8859-4": "iso88594 iso885941988 latin4 l4 csisolatin4",
    "iso8859-5": "iso88595 iso885951988 cyrillic csisolatincyrillic isoir144",
    "iso8859-6": "iso88596 iso885961987 iso88596e iso88596i arabic asmo708 ecma114 csisolatinarabic",
    "iso8859-7": "iso88597 iso885971987 greek greek8 elot928 ecma118 suneugreek csisolatingreek",
    "iso8859-8": "iso88598 iso885981988 iso88598e iso88598i hebrew visual logical csisolatinhebrew",
    "iso8859-10": "iso885910 latin6 l6 isoir157 csisolatin6",
    "iso8859-13": "iso885913",
    "iso8859-14": "iso885914",
    "iso8859-15": "iso885915 latin9 l9 csisolatin9",
    "iso8859-16": "iso885916",
    "koi8-r": "koi8r koi koi8 cskoi8r",
    "koi8-u": "koi8u koi8ru",
    "cp866": "ibm866 866 cp866 csibm866",
    "cp850": "ibm850 cp850 850",
    "cp852": "ibm852 cp852 852",
    "cp855": "ibm855 cp855",
    "cp437": "ibm437 cp437 437 cspc8codepage437",
    "cp720": "cp720 dos720 ibm720 720",
    "cp737": "cp737 ibm737 737",
    "cp775": "cp775 ibm775 775 cspc775baltic",
    "cp857": "cp857 ibm857 857",
    "cp858": "cp858 ibm858 858 ibm00858 ccsid00858",
    "cp860": "cp860 ibm860 860",
    "cp861": "cp861 ibm861 861 cpis",
    "cp862": "cp862 ibm862 862 dos862 cspc862latinhebrew",
    "cp863": "cp863 ibm863 863",
    "cp864": "cp864 ibm864 864",
    "cp865": "cp865 ibm865 865",
    "cp869": "cp869 ibm869 869 cpgr",
    "cp1125": "cp1125 ibm1125 1125 cp866u ruscii",
    "mac-roman": "macintosh mac macroman xmacroman csmacintosh",
    "mac-latin2": "maclatin2 maccentraleurope xmacce maccenteuro xmaccentraleurroman",
    "mac-cyrillic": "maccyrillic xmaccyrillic xmacukrainian",
    "mac-greek": "macgreek xmacgreek",
    "mac-turkish": "macturkish xmacturkish",
    "mac-iceland": "maciceland xmacicelandic",
    "mac-croatian": "maccroatian xmaccroatian",
    "mac-romanian": "macromanian xmacromanian",
    "mac-arabic": "macarabic xmacarabic",
    "mac-farsi": "macfarsi xmacfarsi",
    "hp-roman8": "hproman8 roman8 r8",
    "kz1048": "kz1048 rk1048 strk1048",
    "ptcp154": "ptcp154 cp154 pt154 csptcp154",
    "koi8-t": "koi8t",
    "cp037": "cp037 ibm037 037 ebcdiccpus",
    "cp273": "cp273 ibm273 273",
    "cp424": "cp424 ibm424 424",
    "cp500": "cp500 ibm500 500",
    "cp875": "cp875",
    "cp1026": "cp1026 ibm1026 1026",
    "cp1140": "cp1140 ibm1140 1140",
    "gb18030": "gb18030 gbk gb2312 gb231280 chinese csgb2312 isoir58 xgbk csiso58gb231280 cp936 windows936 euccn",
    "big5hkscs": "big5 big5hkscs cnbig5 csbig5 xxbig5 cp950",
    "hz": "hz hzgb2312",
    "utf-7": "utf7 unicode11utf7 csutf7",
    "cp932": "shiftjis sjis xsjis windows31j mskanji ms932 csshiftjis cp932",
    "euc-jp": "eucjp xeucjp cseucpkdfmtjapanese",
    "iso2022-jp": "iso2022jp csiso2022jp",
    "cp949": "euckr cp949 uhc windows949 ksc56011987 ksc56011989 ksc5601 ksc5601 korean isoir149 cseuckr csksc56011987",
    "johab": "johab cp1361 ms1361",
    "iso2022-kr": "iso2022kr csiso2022kr",
}
CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}

META_BYTES = 2048  # twice what the standard asks for; chosen by hand
_META = re.compile(rb"<meta[^>]{0,300}?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_PROLOG = re.compile(rb"\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)


def codec_of(label: str | None) -> str | None:
    """Return the Python codec for a charset's label, or None for an unknown label.

    >>> codec_of("ISO-8859-1"), codec_of("x-sjis"), codec_of("Windows_1251"), codec_of("rot13"), codec_of(None)
    ('cp1252', 'cp932', 'cp1251', None, None)
    """
    return CODECS.get(re.sub(r"[^a-z0-9]", "", label.lower())) if label else None


def declared_in_page(raw: bytes) -> str | None:
    """Return the codec that a page declares in a meta element or XML prolog within META_BYTES, or None.

    >>> declared_in_page(b'<html><head><META http-equiv="Content-Type" content="text/html; charset=gb2312">')
    'gb18030'
    >>> declared_in_page(b'<?xml version="1.0" encoding="iso-8859-2"?><html>'), declared_in_page(b"<html>")
    ('iso8859-2', None)
    """
    found = _META.search(raw[:META_BYTES]) or _PROLOG.match(raw[:META_BYTES])
    codec = codec_of(found[1].decode("ascii")) if found else None
    # A declaration that is readable as ASCII is not in UTF-16, whatever it names; browsers read it as UTF-8.
    return "utf-8" if codec and codec.startswith(("utf-16", "utf-32")) else codec
