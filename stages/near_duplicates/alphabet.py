"""Character kinds and special words of the tokenizer: two lookup tables and one hash table.

`tables()` builds them once for a process; they depend on nothing but this file, the shipped table of common words
(data/common_words.npz, made by benchmarks/common_words.py) and the Unicode version of the interpreter. How common a
word is in its language decides its weight. The lists here hold what no frequency tells, and are short on purpose:
number words are read as figures, honorifics are dropped, negations make two passages contradict each other,
abbreviations do not end a sentence. A language that is not listed loses only that.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from stages.shared.derived import derived

#: Hashes of words that are common in a language.
COMMON_WORDS = Path(__file__).parent / "data" / "common_words.npz"

# Kinds of characters, as the tokenizer sees them.
OTHER, LETTER, CAPITAL, DIGIT, CHARACTER, MARK, APOSTROPHE, HYPHEN, STOP, MARKED_STOP = range(10)
OPENING, CLOSING, QUOTE, CLAUSE, SPACE, PERCENT = range(10, 16)

# Flags of a word, in the low bits of its hash. NAME (a capital that begins no sentence) and QUOTED belong to the place
# where the word stands; the others to the word.
NUMBER, NEGATION, FUNCTION, NAME, SINGLE, QUOTED, COMMON = 1, 2, 4, 8, 16, 32, 64
FLAGS, PLACE = 127, NAME | QUOTED
# A function word is common anyhow: the two flags together mark words of reporters' formulas.
REPORTING = FUNCTION | COMMON
NO_CONTENT = FUNCTION | NAME | NUMBER

# A word's hash holds that of its first letters, its stem, from this bit on: photos and photographs are half equal.
STEM_LETTERS, STEM_SHIFT = 5, 44

# Further bits in the special-word table.
HONORIFIC, ABBREVIATION = 128, 256

#: Slots of the table of special words, at most half of them taken, and the first bit of a hash that tells the slot.
SLOTS, SLOT_SHIFT = 1 << 16, 7
TABLE_SIZE = 0x30000  # planes 0 to 2: everything above is treated like the last entry (OTHER)

_PUNCTUATION = {
    "'’ʼ`´": APOSTROPHE,
    "-‐‑": HYPHEN,
    ".": STOP,
    "!?…": MARKED_STOP,
    "。！？｡।॥؟۔": MARKED_STOP,
    "“„«‹‟「『": OPENING,
    "”»›」』": CLOSING,
    '"': QUOTE,
    "‘‚": OPENING,
    ",;:—–()[]、，；：،": CLAUSE,
    "%": PERCENT,
}

#: Scripts written without spaces between words: each character is a token (hashed with the one after it).
_UNSPACED = (
    *((0x0E00, 0x0EFF), (0x0F40, 0x0FBC), (0x1000, 0x109F), (0x1780, 0x17D3), (0x3005, 0x3007), (0x3041, 0x30FF)),
    *((0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9D), (0x20000, 0x2FFFF)),
)

# Words of which reporters make their formulas, whatever the story is: who spoke, where, and on which day.
_REPORTING_WORDS = """
statement statements spokesman spokeswoman spokesperson spokespeople official officials reporter reporters journalist
journalists report reports reported reportedly according added adding announced told asked news agency press
conference interview source sources condition anonymity comment comments commented request requests respond responded
immediately reached available declined released issued updated details further later earlier late early today
yesterday tonight spoke speak authorised authorized morning afternoon evening night monday tuesday wednesday thursday
friday saturday sunday erklärung mitteilung sprecher sprecherin pressesprecher pressesprecherin mitteilte teilte
bericht berichten berichtete berichteten angaben zufolge laut nachrichtenagentur pressekonferenz anfrage stellungnahme
zunächst äußerte äußern erklärte heute gestern montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
morgen abend communiqué déclaration déclaré porte-parole selon agence presse annoncé indiqué précisé affirmé commenter
demande aujourd'hui hier lundi mardi mercredi jeudi vendredi samedi dimanche matin soir comunicado declaración
portavoz portavoces agencia prensa rueda informó informaron anunció declaró aseguró solicitud comentarios hoy ayer
lunes martes miércoles jueves viernes sábado domingo comunicato dichiarazione portavoce secondo agenzia stampa
conferenza annunciato dichiarato riferito oggi ieri lunedì martedì mercoledì giovedì venerdì sabato declaração
porta-voz agência imprensa informou anunciou declarou pedido comentário hoje ontem segunda-feira terça-feira
quarta-feira quinta-feira sexta-feira verklaring woordvoerder woordvoerster volgens persbureau persconferentie
verklaarde meldde vandaag gisteren maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
"""

_NEGATIONS = """
not no never none neither nor nobody nothing cannot without
dont doesnt didnt wont wouldnt cant couldnt shouldnt isnt arent wasnt werent hasnt havent hadnt aint mustnt
deny denies denied denying refuse refused refuses reject rejected rejects dismissed false untrue
nicht kein keine keinen keinem keiner nie niemals niemand nichts dementiert dementierte bestreitet bestritt
pas jamais aucun aucune rien personne dément démenti nié
nunca jamás ningún ninguna nada nadie negó niega desmintió non mai nessuno nessuna nulla nega negato não nem nenhum
nenhuma negou niet geen nooit
"""

_NUMBER_WORDS = {
    0: "zero null cero",
    1: "one",
    2: "two zwei deux dos due dois twee",
    3: "three drei trois tres tre três drie",
    4: "four vier quatre cuatro quattro quatro",
    5: "five fünf cinq cinco cinque vijf",
    6: "six sechs seis sei zes",
    7: "seven sieben sept siete sette sete zeven",
    8: "eight acht huit ocho otto oito",
    9: "nine neun neuf nueve nove negen",
    10: "ten zehn dix diez dieci dez tien",
    11: "eleven elf onze once undici",
    12: "twelve zwölf douze doce dodici twaalf",
    13: "thirteen dreizehn treize trece",
    14: "fourteen vierzehn quatorze catorce",
    15: "fifteen fünfzehn quinze quince",
    16: "sixteen sechzehn seize",
    17: "seventeen siebzehn",
    18: "eighteen achtzehn",
    19: "nineteen neunzehn",
    20: "twenty zwanzig vingt veinte venti vinte twintig",
    30: "thirty dreißig trente treinta",
    40: "forty vierzig quarante cuarenta",
    50: "fifty fünfzig cinquante cincuenta",
    60: "sixty sechzig soixante sesenta",
    70: "seventy siebzig setenta",
    80: "eighty achtzig ochenta",
    90: "ninety neunzig noventa",
}

_HONORIFICS = "mr mrs ms miss mister messrs herr frau monsieur madame mme señor señora sr sra signor signora"

_ABBREVIATIONS = """
mr mrs ms messrs dr prof sen rep gov gen col lt capt sgt cpl maj adm cmdr rev hon st jr sr inc ltd co corp no nos vs etc
jan feb mar apr jun jul aug sep sept oct nov dec mt ft dept est approx fig univ assn bros
bzw usw ca nr str abs bd hrsg mme mlle av sra dra ud uds sig dott avv ing
"""


# Letters that are written for each other, by what a keyboard has and by habit, and letters with a stroke.
_TWINS = {
    twin: letter
    for letter, twins in {
        "ي": "یىې",
        "ك": "ک",
        "ه": "ھەةہۃ",
        "ا": "ٱ",
        "ं": "ँ",
        "i": "ı",
        "l": "ł",
        "o": "ø",
        "d": "đ",
    }.items()
    for twin in twins
}
# Kashida, soft hyphen, joiners and the marks of half-width kana.
_PASSED_OVER = "\u0640\u00ad\u200d\u2060\ufeff\uff9e\uff9f"


class TokenizerTables(NamedTuple):
    """Character tables and the table of special words, as the kernels take them."""

    fold: NDArray[np.uint32]  # code point -> code point in the normal form (no case, no accent)
    kind: NDArray[np.uint8]  # code point -> kind
    special_hash: NDArray[np.uint64]  # open addressing, 0 = empty
    special_means: NDArray[np.uint16]  # flags, HONORIFIC, ABBREVIATION
    special_word: NDArray[np.uint64]  # the hash to use in its place (number words: that of the figure)


def fold_character(character: str) -> str:
    """Return the normal form of a character: no case, no accent, no form of presentation, always one character.

    >>> "".join(map(fold_character, "ÉtÜßΩμέγαŁódźısı"))
    'etusωμεγαlodzisi'
    >>> "".join(map(fold_character, "ﻛﺘﺎبکتاب٣٤ＡＢﾌｪﾘ"))
    'كتابكتاب34abフェリ'
    """
    digit = unicodedata.digit(character, None)
    if digit is not None and unicodedata.category(character) == "Nd":
        return str(digit)
    if is_kana(character):
        return character
    form: Literal["NFD", "NFKD"] = "NFKD" if is_presentation(ord(character)) else "NFD"
    plain = unicodedata.normalize(form, character.casefold()).lstrip(" ")[:1]
    return _TWINS.get(plain, plain)


def is_kana(character: str) -> bool:
    """Return True for kana of full width: their marks make other syllables, and no accents."""
    return "\u3041" <= character <= "\u30ff"


def is_presentation(code: int) -> bool:
    """Return True for characters that show others in another form: Arabic ones, full and half width, Hangul letters."""
    return 0xFB50 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC or code >= 0xFF00 or 0x3131 <= code <= 0x318E


def character_kind(character: str) -> int:
    """Return the kind of a character (punctuation that matters is listed by hand).

    >>> character_kind("É") == CAPITAL, character_kind("7") == DIGIT, character_kind("€") == OTHER
    (True, True, True)
    """
    category = unicodedata.category(character)
    if category in ("Lu", "Lt"):
        return CAPITAL
    if character in _PASSED_OVER or is_accent(character):
        return MARK
    if category[0] == "L" or category in ("Mn", "Mc"):
        return LETTER
    if category == "Nd":
        return DIGIT
    return SPACE if character.isspace() else OTHER


def is_accent(character: str) -> bool:
    """Return True for marks that a word is also written without: accents, Arabic and Hebrew vowels, nuktas.

    The vowel signs of India and Thailand are letters.
    """
    name = unicodedata.name(character, "")
    combining = unicodedata.category(character) == "Mn"
    return combining and (name.startswith(("COMBINING", "ARABIC", "HEBREW")) or name.endswith("SIGN NUKTA"))


def hash_word(word: str) -> int:
    """Hash a word in the normal form, without flags: FNV-1a over code points, mixed. As the tokenizer does it.

    >>> hash_word("peace") == hash_word("peace"), hash_word("peace") % 64
    (True, 0)
    """
    value = 0xCBF29CE484222325
    stem = value
    for place, character in enumerate(word):
        value = (value ^ ord(character)) * 0x100000001B3 % (1 << 64)
        stem = value if place < STEM_LETTERS else stem
    return (_mix(stem) >> STEM_SHIFT) << STEM_SHIFT | (_mix(value) % (1 << STEM_SHIFT) & ~FLAGS)


def _mix(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) % 2**64
    return value ^ (value >> 33)


def special_words() -> dict[str, tuple[int, str]]:
    """Map every listed word in the normal form to its flags and the word to read in its place."""
    meaning: dict[str, int] = {}
    instead: dict[str, str] = {}
    for words, flag in (
        (_REPORTING_WORDS, REPORTING), (_NEGATIONS, NEGATION), (_HONORIFICS, HONORIFIC), (_ABBREVIATIONS, ABBREVIATION),
    ):  # fmt: skip
        for word in words.split():
            folded = "".join(fold_character(character) for character in word if character not in "-'")
            meaning[folded] = meaning.get(folded, 0) | flag
    for number, words in _NUMBER_WORDS.items():
        for word in words.split():
            folded = "".join(map(fold_character, word))
            # "one" and its like are pronouns as often as numbers: they read as 1 but count as no figure.
            meaning[folded] = FUNCTION if number == 1 else NUMBER
            instead[folded] = str(number)
    return {word: (means, instead.get(word, word)) for word, means in meaning.items()}


@cache
def tables() -> TokenizerTables:
    """Return the tables, from disk if they were made before: making them takes 150 ms."""
    origin = f"{unicodedata.unidata_version} {xxhash.xxh3_128_hexdigest(COMMON_WORDS.read_bytes())}".encode()
    return derived("tokenizer", origin, made_tables)


def made_tables() -> TokenizerTables:
    """Make the tables of all characters and listed words."""
    fold = np.arange(TABLE_SIZE, dtype=np.uint32)
    kind = np.zeros(TABLE_SIZE, dtype=np.uint8)
    for code in (*range(0x3190), *range(0xA000, 0xAC00), *range(0xFB00, 0x10000)):
        if not 0xD800 <= code < 0xE000:
            fold[code] = ord(fold_character(chr(code)) or chr(code))
            # A full-width letter is one. Hangul letters by themselves fold to others, and are letters.
            kind[code] = character_kind(unicodedata.normalize("NFKC", chr(code))[0] if code >= 0xFF00 else chr(code))
    kind[0xAC00:0xD7A4] = LETTER  # Hangul
    kind[0x10000:0x1F000] = LETTER  # historic scripts, mathematical letters
    for first, last in _UNSPACED:
        kind[first : last + 1] = np.where(kind[first : last + 1] == DIGIT, DIGIT, CHARACTER)
    for character in _PASSED_OVER:
        kind[ord(character)] = MARK
    for characters, what in _PUNCTUATION.items():
        for character in characters:
            kind[ord(character)] = what
    return TokenizerTables(fold, kind, *special_table(special_words(), common_words()))


def common_words() -> tuple[NDArray[np.uint64], NDArray[np.uint16]]:
    """Read the shipped table: hashes of words that are common in a language, and FUNCTION or COMMON for each."""
    with np.load(COMMON_WORDS) as shipped:
        return shipped["words"], shipped["means"].astype(np.uint16)


def special_table(
    listed: dict[str, tuple[int, str]], common: tuple[NDArray[np.uint64], NDArray[np.uint16]]
) -> tuple[NDArray[np.uint64], NDArray[np.uint16], NDArray[np.uint64]]:
    """Put the common and the listed words into an open-addressing hash table of `SLOTS` slots.

    A listed word keeps what the list says of it, and is a function word or a common one besides if it is not in one
    of reporters' formulas.
    """
    means = dict(zip(*(column.tolist() for column in common), strict=True))
    instead = {}
    for word, (flags, other) in listed.items():
        value = hash_word(word)
        means[value] = flags if flags & (REPORTING | NUMBER) else flags | means.get(value, 0)
        instead[value] = hash_word(other)
    hashes, flagged, read = np.zeros(SLOTS, np.uint64), np.zeros(SLOTS, np.uint16), np.zeros(SLOTS, np.uint64)
    for value in sorted(means):
        slot = (value >> SLOT_SHIFT) % SLOTS
        while hashes[slot]:
            slot = (slot + 1) % SLOTS
        hashes[slot], flagged[slot], read[slot] = value, means[value], instead.get(value, value)
    return hashes, flagged, read
