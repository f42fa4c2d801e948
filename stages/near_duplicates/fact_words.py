"""Words that state no fact by themselves, by language: articles, prepositions, verbs of saying; and negations.

Whole sentences are compared word by word before anything is dropped (`kernels/facts.c`). There every word that the
canonical sentence does not have is a new fact, but for those listed here. A list counts only where the sentence is
in its language ("war" is a verb in German and no function word in English), so the lists are kept apart. Words whose
opposite is such a word too ("before", "up", "without", "may") are left out on purpose, and so are weekdays. A
language that is not listed keeps a few copies more, and loses no fact.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.shared.derived import derived

from .alphabet import FLAGS, STEM_SHIFT, fold_character, hash_word

#: Kinds of words: light ones say nothing, nor do verbs of saying; some say something only in the place of another:
#: prepositions that have an opposite, and the nouns of reporters' formulas.
LIGHT, SAYING, REPLACING, DENYING = range(4)

_LIGHT = {
    "en": """
a an the this that these those it its he she they we you i him her them us his their our your my who whom whose which
what and or but if as at by for from in into of on onto to within about between during is are was were be been being am
has have had having do does did will would shall there here then than so also just very such when where while how why
because through however meanwhile that's well theyre were ive youve weve theyve id youd theyd itll theyll youll well im
youre whats indeed really even actually me himself herself itself themselves like via upon dr prof sir dame lord
though although whether per out
""",
    "de": """
der die das den dem des ein eine einen einem einer eines und oder aber als am an auf aus bei durch für im in ins mit
nach um von vom zu zum zur über ist sind war waren sein wird werden wurde wurden worden haben hatte hatten hat habe
er sie es wir ihr ich sich dass auch noch so wie was wer dieser diese dieses diesem diesen seine seiner seinem seinen
seines ihre ihrer ihrem ihren ihres dort da hier dann jedoch doch zudem würde würden sei seien hätte hätten welche
welcher welches bereits denn weil während ob rund etwa per dr prof
""",
    "fr": """
le la les l un une des du de d et ou mais si que qu qui dont dans en au aux par pour sur est sont était étaient être
été a ont avait avaient il elle ils elles on nous vous je se s ce c cette ces cet sa ses son leur leurs aussi y à ainsi
sera seront serait seraient fait lui eux celui celle ceux où comme alors donc car lors afin dr
""",
    "es": """
el la los las uno una un unos unas de del y e o u pero como cuando en entre para por según es era eran ser sido fue
fueron son ha han había habían él ella ellos ellas lo le les se su sus que quien quienes este esta estos estas ese esa
esos esas a al con también ya donde aunque será serán sería serían está están estaba estaban esto eso aquel porque
mientras así pues dr dra
""",
    "it": """
il lo la i gli le l un uno una di da del della dei delle dello degli dell a al alla ai alle allo agli all dal dalla dai
dalle dallo dagli dall nel nella nei nelle nello negli nell sul sulla sui sulle sullo sugli sull e ed ma se che chi con
per tra fra è sono era erano essere stato stata stati state ha hanno aveva avevano si suo sua suoi sue loro in su anche
come quando dove questo questa questi queste quello quella quelli quelle ci ne mentre poi cui sarà saranno sarebbe
sarebbero così perché dott
""",
    "pt": """
o a os as um uma uns umas de do da dos das no na nos nas num numa e mas que quem com por pelo pela pelos pelas para é
são era eram foi foram ser sido ele ela eles elas se seu sua seus suas em ao à aos às também como quando onde este esta
esse essa isso isto tem têm tinha tinham há será serão seria seriam está estão estava já porque enquanto assim dr dra
""",
    "nl": """
de het een en of maar als dat die dit deze in op van aan bij naar uit over te om is zijn was waren wordt worden werd
werden heeft hebben had hadden hij zij ze wij we ik zich ook nog er dan wie wat waar hun haar door zou zouden zal zullen
toen daar hier wel dus want terwijl omdat dr
""",
    "pl": """
i w we z ze na do o od po u za przy dla oraz a ale że żeby aby by który która które którzy którego której których
którym którą tym ten ta to te tego tej tych temu tę jest są był była było byli były być będzie będą został została
zostało zostali zostały się jego jej ich go mu je ją im on ona ono oni one jak jako także też również już co kto gdy
kiedy gdzie czy więc jednak natomiast oraz lub pan pani państwo dr zaś przez niego niej nich roku m
""",
    "tr": """
ve ile da de ta te ki bir bu şu o olan olarak için gibi göre kadar ise hem ya veya ama ancak çünkü onun onlar onu ona
bunun bunu buna biz siz ben kendi kendisi her ne diye üzere ayrıca idi oldu olduğu olduğunu dair bay bayan sayın
dr birlikte şöyle
""",
    "ru": """
и в во на с со к ко о об от по у за из для а но что чтобы который которая которое которые которого которой которых
которым это этот эта эти этого этой этих тот та то те того той тех был была было были быть будет будут есть он она оно
они его её их ему ей им себя свой своя свои как так также же бы ли или если когда где при уже г
""",
    "uk": """
і й та в у на з із зі до о об від по за для а але що щоб який яка яке які якого якої яких це цей ця ці цього цієї цих
був була було були бути буде будуть є він вона воно вони його її їх йому їй їм себе свій своя свої як так також же би б
чи або якщо коли де при вже
""",
    "cs": """
a i v ve z ze na do o od po u za při pro že aby který která které kteří kterého ten ta to ti ty toho té těch tím je
jsou byl byla bylo byli byly být bude budou se si jeho její jejich ho mu ji jí jim on ona ono oni jak jako také už co
kdo když kde či nebo však by pan paní
""",
    "sv": """
en ett den det de i på av till för med och eller men som att om är var vara varit har hade han hon vi jag sig sin sitt
sina hans hennes deras också där här då när hur vad vem denna detta dessa blev blir ska skulle vid från
""",
    "da": """
en et den det de i på af til for med og eller men som at om er var være været har havde han hun vi jeg sig sin sit sine
hans hendes deres også der her da når hvor hvad hvem denne dette disse blev bliver skal skulle ved fra
""",
    "ro": """
un o unei unui al a ai ale cel cea cei cele de la în din pe cu pentru prin și sau dar că ca să care ce este e sunt era
erau fi fost a au avea el ea ei ele lui îi își se sa său săi sale lor acest această acești aceste acel acea mai când
unde cum tot iar
""",
    "hu": """
a az egy és vagy de hogy is meg ez ezt az azt aki ami amely akik amelyek volt voltak lesz van vannak ő ők már csak mint
ha akkor ott itt pedig szerint
""",
    "id": """
yang dan di ke dari untuk dengan pada dalam oleh ini itu adalah ialah akan telah sudah juga sebagai atau tetapi bahwa
ia dia mereka kami kita nya para sebuah seorang saat ketika karena tersebut
""",
    "ar": """
في من الى إلى على عن ان أن إن هذا هذه ذلك تلك الذي التي الذين و او أو ثم كما كان كانت كانوا يكون تكون هو هي هم هن
حيث عند عندما مع بين قد لقد ايضا أيضا أنه انه إنه أنها انها إنها وأن وان وإن بأن بان له لها لهم به بها فيه فيها منه
منها عليه عليها ما كل بعد السيد السيدة وقد وكان وكانت وهو وهي
""",
    "fa": """
و در به از که را با این آن است بود شد می برای بر تا هم نیز او آنها ایشان وی یک خود کرد کرده شده بوده اند خواهد ها های
اما یا اگر چه آقای خانم
""",
    "hi": """
का के की को में से ने पर है हैं था थी थे हो और या भी तो ही कि यह ये वह वे उस इस उन इन उसके उसकी उसका इसके इसकी इसका
उनके उनकी उनका उन्होंने उन्हें उसे इसे जो जिस जिसके जिसकी एक लिए साथ तक गया गई गए गयी किया दिया रहा रही रहे कर होने
हुआ हुई हुए श्री श्रीमती जी जब तब वहाँ यहाँ लेकिन इसमें अपने अपनी अपना
""",
    "zh": """
的 了 在 是 也 和 与 及 就 都 而 着 过 他 她 它 们 这 那 其 并 又 还 將 将 把 被 有 个 一 以 於 于 为 為 之 所 地 得
""",
    "ja": """
の に は を た が で て と し れ さ い も る す こ そ あ り ま く よ ら か だ お う き な け せ っ ん つ や み
""",
    "ko": "및 등 이 그 저 것 수 또 또한 그리고 그러나 하지만 있는 있다 했다 하는 대한 위해 통해",
}  # fmt: skip

_SAYING = {
    "en": """
said says say saying told tells tell added adds adding announced announces announcing stated states stating according
reported reports reportedly explained explains declared declares confirmed confirms noted notes remarked remarks
commented comments mentioned mentions wrote writes claimed claims argued argues revealed reveals disclosed insisted
insists spoke speaking recalled replied responded pointed continued acknowledged concluded stressed emphasised
emphasized observed asserted informed
""",
    "de": """
sagte sagt sagten sagen erklärte erklärt erklärten erklären mitteilte teilte mitgeteilt mit berichtete berichtet
berichteten berichten äußerte betonte betont zufolge laut angaben meldete meldet hieß heißt bestätigte bestätigt
bekannt gab gaben ergänzte fügte hinzu hinzugefügt erzählte schrieb verkündete so meinte bemerkte kündigte angekündigt
""",
    "fr": """
dit disent disait déclaré déclare déclarent affirmé affirme affirment annoncé annonce annoncent indiqué indique
indiquent précisé précise ajouté ajoute expliqué explique rapporté rapporte rapportent selon raconté confié souligné
souligne assuré assure estimé estime confirmé confirme noté écrit signalé
""",
    "es": """
dijo dice dicen dijeron declaró declaran declararon declara afirmó afirma afirmaron anunció anuncia anunciaron indicó
indica indicaron señaló señala señalaron informó informa informaron agregó agrega añadió añade aseguró asegura explicó
explica comentó comenta contó según precisó confirmó confirma manifestó expresó sostuvo comunicó reveló
""",
    "it": """
detto dice dicono disse dichiarato dichiara affermato afferma annunciato annuncia riferito riferisce riferiscono
spiegato spiega aggiunto aggiunge secondo comunicato reso noto sottolineato precisato raccontato confermato conferma
scritto riportato riporta sostenuto ricordato osservato
""",
    "pt": """
disse diz dizem disseram declarou declara afirmou afirma anunciou anuncia informou informa acrescentou explicou explica
contou segundo relatou destacou ressaltou confirmou confirma comunicou revelou indicou indica
""",
    "nl": """
zei zegt zeiden zeggen verklaarde verklaart meldde meldt meldden melden aldus volgens vertelde vertelt voegde toe
liet weten bevestigde bevestigt deelde mee mededeelde berichtte benadrukte schreef
""",
    "pl": """
powiedział powiedziała powiedzieli mówi mówił mówiła oświadczył oświadczyła oświadczyli poinformował poinformowała
poinformowali poinformowano podał podała podali podano dodał dodała dodali stwierdził stwierdziła zaznaczył zaznaczyła
przekazał przekazała przekazali ogłosił ogłosiła ogłosili ogłoszono według zapowiedział zapowiedziała wyjaśnił
wyjaśniła potwierdził potwierdziła podkreślił podkreśliła zdaniem relacjonował relacjonowała
""",
    "tr": """
dedi diyor söyledi söylüyor söylediler belirtti belirtiyor belirttiler açıkladı açıklıyor açıkladılar ifade etti
bildirdi
bildiriyor bildirdiler kaydetti ekledi anlattı duyurdu duyuruyor aktardı vurguladı konuştu dile getirdi
""",
    "ru": """
сказал сказала сказали заявил заявила заявили сообщил сообщила сообщили сообщает сообщило добавил добавила отметил
отметила рассказал рассказала объявил объявила словам данным подчеркнул подчеркнула пояснил пояснила уточнил уточнила
""",
    "uk": """
сказав сказала сказали заявив заявила заявили повідомив повідомила повідомили повідомляє додав додала зазначив
зазначила розповів розповіла оголосив оголосила словами даними підкреслив пояснив
""",
    "cs": "řekl řekla řekli uvedl uvedla uvedli oznámil oznámila oznámili sdělil sdělila dodal dodala podle prohlásil",
    "sv": "sade säger sa sagt uppgav uppger berättade berättar meddelade meddelar enligt tillade förklarade",
    "da": "sagde siger sagt oplyste oplyser fortalte fortæller meddelte meddeler ifølge tilføjede forklarede",
    "ro": "spus spune declarat declară anunțat anunță afirmat potrivit adăugat precizat transmis",
    "hu": "mondta mondja közölte elmondta hozzátette kijelentette jelentette nyilatkozta",
    "id": "kata mengatakan berkata ujar menyatakan menurut menjelaskan menambahkan mengumumkan tutur",
    "ar": """
قال قالت قالوا وقال وقالت صرح صرحت وصرح أعلن اعلن أعلنت اعلنت وأعلن وأعلنت ذكر ذكرت وذكر وذكرت أضاف اضاف أضافت وأضاف
أكد اكد أكدت وأكد أوضح أوضحت وأوضح أفاد افاد أفادت وأفاد أشار أشارت وفقا بحسب حسب
""",
    "fa": "گفت گفته گفتند اعلام افزود اظهار داشت بیان گزارش طبق گفته",
    "hi": "कहा बताया बोले बोला बोलीं कहना मुताबिक अनुसार जानकारी दी घोषणा बताई कही",
    "zh": "说 說 称 稱 表 示 道 據 据",
    "ja": "言 述 語 話 伝",
    "ko": "말했다 밝혔다 전했다 발표했다 따르면 설명했다 덧붙였다",
}  # fmt: skip

_REPLACING = {
    "en": """
statement spokesman spokeswoman spokesperson official officials reporter reporters journalist journalists report press
news agency conference interview source sources correspondent
from to in into out on off for within about between he she his her
""",
    "de": """
sprecher sprecherin erklärung mitteilung pressekonferenz journalisten reporter nachrichtenagentur interview
nach von zu zum zur aus in ab bis an auf für über um
""",
    "fr": "communiqué déclaration porteparole presse journalistes agence conférence entretien source sources pour sur",
    "es": "comunicado declaración portavoz prensa periodistas agencia rueda entrevista fuente fuentes en a para desde",
    "it": """
comunicato dichiarazione portavoce stampa giornalisti agenzia conferenza intervista fonte fonti nota
da dal dalla dai a al alla ai in per su
""",
    "pt": """
comunicado declaração portavoz imprensa jornalistas agência coletiva entrevista fonte fontes nota
em para de
""",
    "nl": """
verklaring woordvoerder woordvoerster pers journalisten persbureau persconferentie interview
naar uit in op aan over voor
""",
    "pl": """
oświadczeniu komunikacie rzecznik rzeczniczka dziennikarzom konferencji prasowej rozmowie agencji słów
po do od z ze na w we za
""",
    "tr": "açıklama açıklamada açıklamasında sözcü sözcüsü gazetecilere basın toplantısında",
    "ar": "بيان تصريح تصريحات المتحدث متحدث للصحفيين الصحفيين وكالة مؤتمر صحفي في من الى إلى على بعد",
    "hi": "बयान प्रवक्ता पत्रकारों संवाददाताओं समाचार एजेंसी में से पर तक",
    "ru": "из в на от до по за с",
    "uk": "з у в на від до по за",
    "cs": "z ze do od na v po za",
}  # fmt: skip

_NEGATIONS = {
    "en": """
not no never none neither nor nobody nothing cannot without dont doesnt didnt wont wouldnt cant couldnt shouldnt isnt
arent wasnt werent hasnt havent hadnt aint mustnt neednt deny denies denied denying refuse refused refuses reject
rejected rejects dismissed false untrue fail fails failed hardly
""",
    "de": """
nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder noch dementiert dementierte
bestreitet bestritt
""",
    "fr": "ne n pas jamais aucun aucune rien personne sans ni démenti nié dément",
    "es": "no nunca jamás ningún ninguna ninguno nada nadie ni sin tampoco negó niega desmintió",
    "it": "non no mai nessuno nessuna nessun nulla niente né senza nega negato smentito smentisce",
    "pt": "não nem nunca jamais nenhum nenhuma nada ninguém sem negou nega desmentiu",
    "nl": "niet geen nooit niemand niets zonder noch ontkent ontkende",
    "pl": "nie nigdy nikt nic żaden żadna żadne żadnego żadnej bez ani zaprzeczył zaprzeczyła",
    "tr": "değil değildi değildir yok yoktu hiç hiçbir asla",
    "ru": "не ни нет никогда никто ничего без никакой никаких",
    "uk": "не ні немає ніколи ніхто нічого без",
    "cs": "ne není nejsou nebyl nebyla nebylo nebyli nikdy nikdo nic bez žádný žádná žádné ani",
    "sv": "inte ej aldrig ingen inget inga utan",
    "da": "ikke aldrig ingen intet uden",
    "ro": "nu nici niciodată nimeni nimic fără",
    "hu": "nem ne se sem soha senki semmi nélkül nincs nincsenek",
    "id": "tidak bukan tak belum tanpa jangan",
    "ar": "لا لم لن ليس ليست ما غير دون بدون عدم ولا ولم ولن نفى نفت ينفي",
    "fa": "نه نیست نبود نشد هیچ بدون هرگز",
    "hi": "नहीं न ना मत कभी कोई बिना नकारा इनकार इंकार",
    "zh": "不 没 沒 未 无 無 非 否 勿 莫",
    "ja": "ない なか せん 不 未 非 無 否",
    "ko": "안 못 않았다 않는다 없다 없었다 아니다 않은 않고 없이",
}  # fmt: skip

#: Words that are the same fact in another spelling: the sign "%", and numbers of languages whose number words the
#: tokenizer does not read.
_ALIASES = {
    "en": {
        "behavior": "behaviour", "color": "colour", "favor": "favour", "labor": "labour", "neighbor": "neighbour",
        "neighbors": "neighbours", "neighboring": "neighbouring", "honor": "honour", "rumor": "rumour",
        "rumors": "rumours", "armored": "armoured", "harbor": "harbour", "center": "centre", "theater": "theatre",
        "meters": "metres", "kilometers": "kilometres", "liters": "litres", "program": "programme",
        "defense": "defence", "offense": "offence", "traveling": "travelling", "traveled": "travelled",
        "canceled": "cancelled", "canceling": "cancelling", "realize": "realise", "realized": "realised",
        "realizing": "realising", "recognize": "recognise", "recognized": "recognised", "organize": "organise",
        "organized": "organised", "organization": "organisation", "organizations": "organisations",
        "apologized": "apologised", "criticized": "criticised", "skeptical": "sceptical", "gray": "grey",
        "learned": "learnt", "burned": "burnt", "aluminum": "aluminium", "toward": "towards", "percent": "cent",
    },
    "de": {"percent": "prozent"},
    "fr": {"percent": "pourcent cent"},
    "es": {"percent": "ciento"},
    "it": {"percent": "cento"},
    "pt": {"percent": "cento"},
    "nl": {"percent": "procent"},
    "pl": {
        "percent": "procent procenta procentów", "2": "dwa dwie dwóch dwoje", "3": "trzy trzech troje",
        "4": "cztery czterech", "5": "pięć pięciu", "6": "sześć sześciu", "7": "siedem siedmiu", "8": "osiem ośmiu",
        "9": "dziewięć dziewięciu", "10": "dziesięć dziesięciu", "11": "jedenaście jedenastu",
        "12": "dwanaście dwunastu", "15": "piętnaście piętnastu", "20": "dwadzieścia dwudziestu",
    },
    "tr": {
        "2": "iki", "3": "üç", "4": "dört", "5": "beş", "6": "altı", "7": "yedi", "8": "sekiz", "9": "dokuz",
        "10": "on", "20": "yirmi", "30": "otuz", "40": "kırk", "50": "elli",
    },
    "ru": {"percent": "процент процента процентов", "2": "два две двух", "3": "три трёх трех", "4": "четыре четырёх",
           "5": "пять пяти", "6": "шесть шести", "7": "семь семи", "8": "восемь восьми", "9": "девять девяти",
           "10": "десять десяти", "12": "двенадцать двенадцати"},
    "uk": {"percent": "відсоток відсотка відсотків", "2": "два дві двох", "3": "три трьох", "5": "п'ять п'яти"},
    "cs": {"percent": "procento procenta procent", "2": "dva dvě dvou", "3": "tři tří", "5": "pět pěti"},
    "sv": {"percent": "procent", "2": "två", "3": "tre", "4": "fyra", "5": "fem", "6": "sex", "7": "sju", "8": "åtta",
           "9": "nio", "10": "tio", "12": "tolv"},
    "hi": {
        "percent": "प्रतिशत फीसदी फ़ीसदी", "2": "दो", "3": "तीन", "4": "चार", "5": "पांच पाँच", "6": "छह", "7": "सात",
        "8": "आठ", "9": "नौ", "10": "दस", "12": "बारह",
    },
    "ar": {"2": "اثنان اثنين", "3": "ثلاثة ثلاث", "4": "أربعة اربعة أربع", "5": "خمسة خمس", "6": "ستة ست",
           "7": "سبعة سبع", "8": "ثمانية ثماني", "9": "تسعة تسع", "10": "عشرة عشر"},
}  # fmt: skip

#: So many words before or after what is aligned are other text: they are not compared, and a paragraph with so many in
#: a row that have no copy is not dropped. Chosen by hand: as many as a passage has at least.
OTHER_TEXT = 8

LANGUAGES = tuple(_LIGHT)
SLOTS = 1 << 13
#: Marks the keys of single characters: words of scripts without spaces, that are hashed with the one after them.
CHARACTER_TAG = 1


class FactWords(NamedTuple):
    """An open-addressing table: for each listed word the languages (a bit each) in which it is of each kind."""

    keys: NDArray[np.int64]  # 0: free
    languages: NDArray[np.int32]  # a row a slot, a column a kind
    alias: NDArray[np.int64]  # the word to compare in its place, and the languages in which
    alias_languages: NDArray[np.int32]


def word_key(word: str) -> int:
    """Return the key of a word as the kernel makes it from a hash: of an ideograph or kana, that of it alone.

    Two of them are the first before the second.

    >>> word_key("Do-Or") == word_key("door"), word_key("不") & CHARACTER_TAG, word_key("ない") & CHARACTER_TAG
    (True, 1, 0)
    """
    folded = "".join(fold_character(character) for character in word if character not in "-'")
    key = signed(hash_word(folded))
    if "\u3041" <= word[0] < "\uac00":
        stem = signed(hash_word(folded[0])) >> STEM_SHIFT << STEM_SHIFT
        return stem | (key & ((1 << STEM_SHIFT) - 1) & ~FLAGS if len(word) > 1 else CHARACTER_TAG)
    return key & ~FLAGS


def signed(value: int) -> int:
    """Read 64 bits as a signed number, as the tables of words hold them.

    >>> signed(2**64 - 1)
    -1
    """
    return value - (1 << 64) if value >> 63 else value


def slot_of_key(key: int) -> int:
    """Return the slot at which the search for a key begins.

    >>> 0 <= slot_of_key(word_key("quay")) < SLOTS
    True
    """
    return (key >> 6 ^ key >> STEM_SHIFT) & (SLOTS - 1)


@cache
def fact_words() -> FactWords:
    """Return the table, from disk if it was made before: making it takes 100 ms."""
    return derived("fact_words", unicodedata.unidata_version.encode(), made_table)


def made_table() -> FactWords:
    """Make the table of all listed words."""
    table = FactWords(
        np.zeros(SLOTS, np.int64), np.zeros((SLOTS, 4), np.int32), np.zeros(SLOTS, np.int64), np.zeros(SLOTS, np.int32)
    )
    for kind, lists in ((LIGHT, _LIGHT), (SAYING, _SAYING), (REPLACING, _REPLACING), (DENYING, _NEGATIONS)):
        for language, words in lists.items():
            for word in words.split():
                table.languages[place(word_key(word), table.keys), kind] |= 1 << LANGUAGES.index(language)
    for language, aliases in _ALIASES.items():
        for instead, words in aliases.items():
            for word in words.split():
                slot = place(word_key(word), table.keys)
                table.alias[slot] = word_key(instead)
                table.alias_languages[slot] |= 1 << LANGUAGES.index(language)
    return table


def place(key: int, keys: NDArray[np.int64]) -> int:
    """Put a key into the table, if it is not there; return its slot."""
    slot = slot_of_key(key)
    while keys[slot] not in (0, key):
        slot = (slot + 1) % SLOTS
    keys[slot] = key
    return slot
