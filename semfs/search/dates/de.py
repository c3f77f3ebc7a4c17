"""German."""

from semfs.search.dates import lexicon as x
from semfs.search.dates.lexicon import Entry, Language, numbered

_ENDINGS = ("e", "en", "er", "es", "em")
_ONES = ["ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
_TENS = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
_TEENS = "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split()  # noqa: SIM905
_STEMS = [
    "erst",
    "zweit",
    "dritt",
    "viert",
    "fünft",
    "sechst",
    "siebt",
    "acht",
    "neunt",
    "zehnt",
    "elft",
    "zwölft",
]


def _bent(stems: str) -> str:
    """Return the forms of adjectives."""
    return " ".join(stem + ending for stem in stems.split() for ending in _ENDINGS)


def _numbers() -> dict[str, Entry]:
    """Return the numbers in words, which German writes together."""
    cardinals = {"eins": 1} | {word: n for n, word in enumerate(_ONES[1:] + _TEENS, 2)}
    for tens, word in enumerate(_TENS, 2):
        cardinals[word] = 10 * tens
        cardinals |= {f"{one}und{word}": 10 * tens + n for n, one in enumerate(_ONES, 1)}
    ordinals = dict(enumerate(_STEMS, 1)) | {n: w + "t" for n, w in enumerate(_TEENS[3:], 13)}
    ordinals |= {n: word + "st" for word, n in cardinals.items() if 20 <= n <= 31}
    years = {
        f"{century}{rest}": base + n
        for century, base in (("neunzehnhundert", 1900), ("zweitausend", 2000), ("achtzehnhundert", 1800))
        for rest, n in cardinals.items()
    }
    found: dict[str, Entry] = {x.plain(w): (x.NUMBER, n) for w, n in (cardinals | years).items()}
    for n, stem in ordinals.items():
        found |= {x.plain(stem + ending): (x.ORDINAL, n) for ending in _ENDINGS}
    found["siebente"] = found["siebenten"] = (x.ORDINAL, 7)
    return found


def _compounds() -> dict[str, Entry]:
    """Return "montagmorgen" and the like."""
    days = ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"]
    parts = ["morgen", "vormittag", "mittag", "nachmittag", "abend", "nacht"]
    return {day + part: (x.WEEKDAY, n) for n, day in enumerate(days) for part in parts}


GERMAN = Language(
    "de",
    {
        x.DROPPED: {
            "the": "das die des",
            "nth": "der dem den",
            "at": "am von vom",
            None: (
                "an im bei während im_laufe_von im_laufe_des im_verlauf_von , ( )"
                " = beim zum zur etwa um uhr vom_jahr datiert kalenderjahr"
            ),
        },
        x.MONTH: numbered(
            "januar/jänner/jan/januars/jaenner februar/feb/feber/februars märz/mär/mrz/maerz/märzes"
            " april/apr/aprils mai/mais juni/jun/juno/junis juli/jul/julei/julis august/aug/augusts"
            " september/sep/sept/septembers oktober/okt/oktobers november/nov/novembers"
            " dezember/dez/dezembers"
        ),
        x.WEEKDAY: numbered(
            "montag/montags/mo dienstag/dienstags/di mittwoch/mittwochs/mi donnerstag/donnerstags/do"
            " freitag/freitags/fr samstag/samstags/sonnabend/sa sonntag/sonntags/so",
            0,
        ),
        x.SEASON: numbered(
            "winter/winters frühling/frühjahr/fruehling/fruehjahr/frühlings sommer/sommers herbst/herbstes", 0
        ),
        x.ONE: {1: "ein eine einem einer eines einen"},
        x.NUMBER: {2: "beiden zwo paar ein_paar", 3: "einigen", 100: "hundert", 1000: "tausend"},
        x.UNIT: {
            "day": "tag tage tagen tages",
            "week": "woche wochen kw kalenderwoche kalenderwochen",
            "weekend": "wochenende wochenenden wochenendes",
            "month": "monat monate monaten monats monates",
            "quarter": "quartal quartale quartalen quartals vierteljahr vierteljahres",
            "half": "halbjahr halbjahrs halbjahres hälfte haelfte",
            "year": "jahr jahre jahren jahres jahrs",
            "decade": "jahrzehnt jahrzehnte jahrzehnten dekade dekaden",
            "workday": "arbeitstag arbeitstage arbeitstagen arbeitstages werktag werktage werktagen",
            "workweek": "arbeitswoche werktags",
            "century": "jahrhunderte jahrhunderten",
        },
        x.CENTURY: {None: "jahrhundert jahrhunderts"},
        x.DECADE: {None: "er er_jahre er_jahren"},
        x.SHIFT: {
            "previous": _bent("vorig vorherig vorangegangen vorangehend"),
            "past": _bent("vergangen"),
            "this": _bent("dies aktuell laufend gleich selb jetzig heurig")
            + " dies denselben dasselbe derselben dieselbe",
            "next": _bent("nächst folgend darauffolgend")
            + " naechste naechsten naechster naechstes naechstem",
            "coming": _bent("kommend anstehend"),
            "previous2": _bent("vorletzt vorvorig"),
            "next2": _bent("übernächst uebernaechst"),
        },
        x.LAST: {"last": _bent("letzt")},
        x.NEAR: {
            0: (
                "heute jetzt heut heute_morgen heute_abend heute_früh heute_nacht heute_nachmittag"
                " gerade_eben"
            ),
            -1: (
                "gestern gestern_abend gestern_morgen gestern_nachmittag gestern_nacht letzte_nacht"
                " der_tag_davor der_tag_zuvor tags_zuvor am_vortag vortag"
            ),
            1: "morgen morgen_früh morgen_abend der_tag_danach am_nächsten_tag",
            -2: "vorgestern",
            2: "übermorgen uebermorgen",
            -3: "vorvorgestern",
            "date": "bis_heute bis_dato",
            3: "überübermorgen",
            "start year": "jahresanfang jahresbeginn",
            "start month": "monatsanfang monatsbeginn",
            "end year": "jahresende",
            "end month": "monatsende",
        },
        x.RELATED: {
            ("year", -1): "vorjahr vorjahres",
            ("year", 0): "heuer",
            ("month", 1): "folgemonat folgemonats",
            ("year", 1): "folgejahr folgejahres",
            ("month", -1): "vormonat vormonats",
            ("week", -1): "vorwoche",
        },
        x.PART: {
            ("start", True): "anfang_von anfang_des beginn_des beginn_von anfang beginn",
            ("mid", True): "mitte_von mitte_des mitte",
            ("end", True): "ende_des ende_von ende",
            ("start", False): "anfang anfangs beginn früh früher frueher",
            ("mid", False): "mitte",
            ("rest", False): "rest",
            ("end", False): "ende spät später spaeter",
        },
        x.DECADE_WORD: {
            20: "zwanziger zwanziger_jahre zwanziger_jahren",
            30: "dreißiger dreißiger_jahre dreißiger_jahren",
            40: "vierziger vierziger_jahre vierziger_jahren",
            50: "fünfziger fünfziger_jahre fünfziger_jahren",
            60: "sechziger sechziger_jahre sechziger_jahren",
            70: "siebziger siebziger_jahre siebziger_jahren",
            80: "achtziger achtziger_jahre achtziger_jahren",
            90: "neunziger neunziger_jahre neunziger_jahren",
        },
        x.QUARTER: {"quarter": "q", "half": "h"},
        x.BETWEEN: {None: "zwischen"},
        x.AND: {None: "und"},
        x.TO: {None: "-"},
        x.UNTIL: {
            None: (
                "bis bis_zum bis_zur bis_in bis_in_den bis_einschließlich bis_spätestens spätestens"
                " <_= nicht_später_als spätestens_bis"
            )
        },
        x.FROM: {"since": "ab beginnend_ab beginnend_am"},
        x.SINCE: {None: "seit seit_dem seitdem nicht_vor nicht_vor_dem beginnend >_= frühestens"},
        x.BEFORE: {None: "< früher_als älter_als eher_als"},
        x.AFTER: {None: "nach > später_als neuer_als jünger_als größer_als"},
        x.WITHIN: {None: "in innerhalb binnen innerhalb_von"},
        x.BACK: {None: "vor"},
        x.MORE: {None: "mehr_als"},
        x.LESS: {None: "weniger_als"},
        x.FOR: {None: "für"},
        x.ONWARDS: {None: "oder_später und_später und_danach oder_danach und_neuer oder_neuer"},
        x.OR_BEFORE: {None: "oder_früher oder_davor und_früher und_davor und_älter"},
        x.AGO: {None: "zuvor her davor"},
        x.LATER: {None: "danach"},
        x.FEAST: {
            "new year": "neujahr neujahrstag",
            "new year's eve": "silvester sylvester silvesterabend",
            "epiphany": "heilige_drei_könige dreikönigstag heiligen_drei_könige dreikönige",
            "valentine": "valentinstag",
            "women": "weltfrauentag frauentag internationaler_frauentag internationalen_frauentag",
            "fat thursday": "weiberfastnacht altweiberfastnacht altweiber weiberfasching",
            "carnival friday": "fastnachtsfreitag",
            "carnival saturday": "fastnachtssamstag nelkensamstag faschingssamstag",
            "carnival sunday": "fastnachtssonntag tulpensonntag faschingssonntag",
            "rose monday": "rosenmontag",
            "shrove tuesday": (
                "faschingsdienstag fastnachtsdienstag fastnacht veilchendienstag fasching karneval"
            ),
            "ash wednesday": "aschermittwoch",
            "palm sunday": "palmsonntag",
            "maundy thursday": "gründonnerstag",
            "good friday": "karfreitag",
            "holy saturday": "karsamstag",
            "easter": "ostern ostersonntag",
            "easter monday": "ostermontag",
            "white sunday": "weißer_sonntag weißen_sonntag",
            "ascension": "christi_himmelfahrt himmelfahrt vatertag",
            "pentecost": "pfingsten pfingstsonntag",
            "whit monday": "pfingstmontag",
            "trinity": "trinitatis dreifaltigkeitssonntag",
            "corpus christi": "fronleichnam",
            "april fool": "",
            "earth": "tag_der_erde",
            "walpurgis": "walpurgisnacht",
            "labour": "tag_der_arbeit maifeiertag",
            "mother": "muttertag",
            "john": "johannistag johanni",
            "assumption": "mariä_himmelfahrt maria_himmelfahrt",
            "german unity": "tag_der_deutschen_einheit tag_der_einheit",
            "reformation": "reformationstag",
            "halloween": "halloween",
            "all saints": "allerheiligen",
            "all souls": "allerseelen",
            "martin": "martinstag sankt_martin st_martin",
            "mourning": "volkstrauertag",
            "repentance": "buß-_und_bettag bußtag buß_und_bettag",
            "dead sunday": "totensonntag ewigkeitssonntag",
            "advent 1": "erster_advent ersten_advent 1_advent",
            "advent 2": "zweiter_advent zweiten_advent 2_advent",
            "advent 3": "dritter_advent dritten_advent 3_advent",
            "advent 4": "vierter_advent vierten_advent 4_advent",
            "barbara": "barbaratag",
            "candlemas": "mariä_lichtmess lichtmess",
            "joseph": "josefstag josefitag josephstag",
            "peter and paul": "peter_und_paul",
            "seven sleepers": "siebenschläfer siebenschläfertag",
            "swiss day": "bundesfeier bundesfeiertag schweizer_nationalfeiertag",
            "peace augsburg": "friedensfest augsburger_friedensfest",
            "mary birth": "mariä_geburt",
            "children de": "weltkindertag",
            "harvest": "erntedankfest erntedank erntedanktag",
            "austrian day": "österreichischer_nationalfeiertag nationalfeiertag",
            "immaculate": "mariä_empfängnis maria_empfängnis",
            "liberation": "tag_der_befreiung",
            "berchtold": "berchtoldstag",
            "summer time": "beginn_der_sommerzeit sommerzeit_beginn",
            "winter time": "ende_der_sommerzeit beginn_der_winterzeit",
            "nicholas": "nikolaus nikolaustag",
            "christmas eve": "heiligabend heiliger_abend weihnachtsabend heilig_abend",
            "christmas": (
                "weihnachten weihnachtstag erster_weihnachtstag erster_weihnachtsfeiertag weihnachtsfeiertag"
            ),
            "boxing": "zweiter_weihnachtstag zweiter_weihnachtsfeiertag zweiten_weihnachtstag stephanstag",
            "thanksgiving": "thanksgiving",
            "black friday": "black_friday schwarzer_freitag",
            "independence": "unabhängigkeitstag",
            "spring start": "frühlingsanfang frühlingsbeginn",
            "summer start": "sommeranfang sommerbeginn sommersonnenwende",
            "autumn start": "herbstanfang herbstbeginn",
            "winter start": "winteranfang winterbeginn wintersonnenwende",
        },
    },
    more=_numbers() | _compounds(),
)
