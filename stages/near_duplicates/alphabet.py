"""Character kinds and special words of the tokenizer: two lookup tables and one small hash table.

`tables()` builds them once for a process (about 40 ms); they depend on nothing but this file and the Unicode version
of the interpreter. The word lists are short on purpose: function words weigh less in a match, number words are read
as figures, honorifics are dropped, negations make two passages contradict each other, abbreviations do not end a
sentence. A language that is not listed loses only that.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Kinds of characters, as the tokenizer sees them.
OTHER, LETTER, CAPITAL, DIGIT, CHARACTER, MARK, APOSTROPHE, HYPHEN, STOP, MARKED_STOP = range(10)
OPENING, CLOSING, QUOTE, CLAUSE, SPACE, PERCENT = range(10, 16)

# Flags of a word, in the low bits of its hash. NAME (a capital that begins no sentence) and QUOTED belong to the place
# where the word stands; the others to the word.
NUMBER, NEGATION, FUNCTION, NAME, SINGLE, QUOTED = 1, 2, 4, 8, 16, 32
FLAGS, PLACE = 63, NAME | QUOTED
# No character of a script without spaces is a function word: the two flags together mark words of reporters' formulas.
REPORTING = FUNCTION | SINGLE

# A word's hash holds that of its first letters, its stem, from this bit on: photos and photographs are half equal.
STEM_LETTERS, STEM_SHIFT = 5, 44

# Further bits in the special-word table.
HONORIFIC, ABBREVIATION = 64, 128

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

_FUNCTION_WORDS = """
a an the this that these those it its he she they we you i him her them us his their our your my me who whom whose
which what
and or but if as at by for from in into of off on onto out over to up with within about after before between during
under
is are was were be been being am has have had having do does did will would shall should can could may might must
there here then than so also just very more most some any all each other such own same said says say saying told
tells
when where while how why because since until through against both only even still now
der die das den dem des ein eine einen einem einer eines und oder aber wenn als am an auf aus bei bis durch für
gegen im in ins
mit nach ohne um unter von vom vor zu zum zur über ist sind waren sein wird werden wurde wurden haben hatte
hatten er sie es
wir ihr ich sich dass auch noch nur so wie was wer sagte sagt dieser diese dieses
le la les un une des du de et ou mais si que qui dont dans en au aux par pour sur sous avec sans est sont était
étaient être été a ont
avait avaient il elle ils elles on nous vous je se ce cette ces sa ses leur leurs plus a dit
el los las uno una unos unas del y o pero como cuando con contra desde en entre hasta para por según sin sobre es
era eran ser sido
ha han había él ella ellos ellas lo le se su sus que quien este esta estos estas dijo más
il lo gli uno di da del della dei delle e ma se che chi con per tra fra è sono era erano essere stato ha hanno si
suo sua suoi loro ha detto
o os as um uma uns umas do dos das no na nos nas e mas que quem com por para é são foi foram ser ele ela eles elas
se seu sua seus disse
de het een en of maar als dat die dit in op van voor met aan bij naar uit over door is zijn was waren worden werd
heeft hebben had hij zij
"""

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


class TokenizerTables(NamedTuple):
    """Character tables and the table of special words, as the kernels take them."""

    fold: NDArray[np.uint32]  # code point -> code point in the normal form (no case, no accent)
    kind: NDArray[np.uint8]  # code point -> kind
    special_hash: NDArray[np.uint64]  # open addressing, 0 = empty
    special_means: NDArray[np.uint8]  # flags, HONORIFIC, ABBREVIATION
    special_word: NDArray[np.uint64]  # the hash to use in its place (number words: that of the figure)


def fold_character(character: str) -> str:
    """Return the normal form of a character: no case, no accent, always one character.

    >>> "".join(map(fold_character, "ÉtÜß Ωμέγα"))
    'etus ωμεγα'
    """
    return unicodedata.normalize("NFD", character.casefold())[:1]


def character_kind(character: str) -> int:
    """Return the kind of a character (punctuation that matters is listed by hand).

    >>> character_kind("É") == CAPITAL, character_kind("7") == DIGIT, character_kind("€") == OTHER
    (True, True, True)
    """
    category = unicodedata.category(character)
    if category in ("Lu", "Lt"):
        return CAPITAL
    if category[0] == "L" or category in ("Mn", "Mc"):
        return MARK if "\u0300" <= character <= "\u036f" else LETTER
    if category == "Nd":
        return DIGIT
    return SPACE if character.isspace() else OTHER


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
        (_REPORTING_WORDS, REPORTING), (_FUNCTION_WORDS, FUNCTION), (_NEGATIONS, NEGATION), (_HONORIFICS, HONORIFIC),
        (_ABBREVIATIONS, ABBREVIATION),
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
    """Build the tables, once for a process."""
    fold = np.arange(TABLE_SIZE, dtype=np.uint32)
    kind = np.zeros(TABLE_SIZE, dtype=np.uint8)
    for code in (*range(0x3100), *range(0xA000, 0xAC00), *range(0xFE00, 0x10000)):
        if not 0xD800 <= code < 0xE000:
            fold[code] = ord(fold_character(chr(code)) or chr(code))
            kind[code] = character_kind(chr(code))
    kind[0xAC00:0xD7A4] = LETTER  # Hangul
    kind[0x10000:0x1F000] = LETTER  # historic scripts, mathematical letters
    for first, last in _UNSPACED:
        kind[first : last + 1] = np.where(kind[first : last + 1] == DIGIT, DIGIT, CHARACTER)
    for characters, what in _PUNCTUATION.items():
        for character in characters:
            kind[ord(character)] = what
    return TokenizerTables(fold, kind, *special_table(special_words()))


def special_table(
    words: dict[str, tuple[int, str]],
) -> tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.uint64]]:
    """Put the listed words into an open-addressing hash table of 4,096 slots."""
    hashes, means, instead = np.zeros(4096, np.uint64), np.zeros(4096, np.uint8), np.zeros(4096, np.uint64)
    for word in sorted(words):
        value = hash_word(word)
        slot = (value >> 6) % 4096
        while hashes[slot]:
            slot = (slot + 1) % 4096
        hashes[slot], means[slot], instead[slot] = value, words[word][0], hash_word(words[word][1])
    return hashes, means, instead
