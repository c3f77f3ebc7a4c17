"""French."""

from semfs.search.dates import lexicon as x
from semfs.search.dates.lexicon import Language, numbered

FRENCH = Language(
    "fr",
    {
        x.DROPPED: {
            "the": "la l' les",
            "nth": "le",
            "at": "du",
            None: (
                "matin soir après_-_midi nuit au_cours_de au_cours_du au_cours_des de d' des"
                " en_date_du , ( ) = durant pendant autour_du autour_de vers calendaire"
                " civile datant date fut -ci ci"
            ),
        },
        x.MONTH: numbered(
            "janvier/janv/jan février/févr/fév/feb/fevr mars/mar avril/avr mai juin/jun"
            " juillet/juil/jul août/aout/aou septembre/sept/sep octobre/oct novembre/nov"
            " décembre/déc/dec"
        ),
        x.WEEKDAY: numbered(
            "lundi/lun/lundis mardi/mar./mardis mercredi/mer/mercredis jeudi/jeu/jeudis"
            " vendredi/ven/vendredis samedi/sam/samedis dimanche/dim/dimanches",
            0,
        ),
        x.SEASON: numbered("hiver printemps été automne", 0),
        x.ONE: {1: "un une"},
        x.NUMBER: {
            **numbered(
                "deux/couple_de trois quatre cinq six sept huit neuf dix onze douze treize quatorze"
                " quinze seize dix-sept/dix_sept dix-huit/dix_huit dix-neuf/dix_neuf vingt",
                2,
            ),
            30: "trente",
            40: "quarante",
            50: "cinquante",
            60: "soixante",
            70: "septante",
            80: "quatre_-_vingt quatre_-_vingts quatre_vingt quatre_vingts huitante",
            90: "nonante",
            100: "cent cents",
            1000: "mille mil",
        },
        x.ORDINAL: {
            **numbered(
                "premier/première/premiers/premières/1ère deuxième/second/seconde troisième"
                " quatrième cinquième sixième"
                " septième huitième neuvième dixième onzième douzième treizième quatorzième"
                " quinzième"
                " seizième"
            ),
            17: "dix-septième",
            18: "dix-huitième",
            19: "dix-neuvième",
            20: "vingtième",
        },
        x.UNIT: {
            "day": "jour jours journée journées",
            "week": "semaine semaines w/c",
            "weekend": "week_-_end weekend week_-_ends weekends",
            "fortnight": "quinzaine quinzaine_de_jours",
            "month": "mois",
            "quarter": "trimestre trimestres",
            "half": "semestre semestres moitié",
            "year": "an ans année années cy",
            "decade": "décennie décennies",
            "workday": (
                "jours_ouvrables jour_ouvrable jours_ouvrés jour_ouvré journées_de_travail"
                " jours_de_travail journée_de_travail jour_de_travail"
            ),
            "workweek": "semaine_de_travail semaine_ouvrable",
            "century": "siècles",
        },
        x.CENTURY: {None: "siècle"},
        x.ROMAN: dict(
            enumerate(
                ["xie", "xiie", "xiiie", "xive", "xve", "xvie", "xviie", "xviiie", "xixe", "xxe", "xxie"], 11
            )
        ),
        x.DECADE: {None: "les_années s"},
        x.SHIFT: {
            "previous": "précédent précédente précédents précédentes d'avant",
            "past": "passé passée passés passées",
            "this": "ce cet cette ces même courant courante actuel actuelle en_cours",
            "next": (
                "prochain prochaine prochains prochaines suivant suivante suivants suivantes"
                " qui_vient"
                " d'après"
            ),
            "coming": "à_venir qui_viennent",
            "previous2": "avant_-_dernier avant_-_dernière",
        },
        x.LAST: {"last": "dernier dernière derniers dernières"},
        x.NEAR: {
            0: (
                "aujourd'hui aujourd'hui maintenant ce_soir ce_matin cet_après_-_midi cette_nuit ce_jour_-_ci"
            ),
            -1: (
                "hier hier_soir hier_matin la_veille jour_précédent nuit_dernière le_jour_d'avant"
                " le_jour_précédent"
            ),
            1: ("demain lendemain demain_matin demain_soir le_jour_suivant le_jour_d'après jour_suivant"),
            -2: "avant_-_hier",
            2: "après_-_demain",
            "date": "à_ce_jour jusqu'à_ce_jour jusqu'a_présent",
            "to year": "depuis_le_début_de_l'année année_à_ce_jour",
        },
        x.PART: {
            ("start", True): "début_de début_du commencement_de",
            ("mid", True): "milieu_de milieu_du",
            ("end", True): "fin_de fin_du fin fin_d'",
            ("start", False): "début",
            ("mid", False): "mi mi_- milieu",
            ("end", False): "fin",
            ("rest", False): "reste reste_de reste_du",
            ("earlier", False): "plus_tôt plus_tôt_dans",
            ("later", False): "plus_tard plus_tard_dans",
        },
        x.HALF: {(0, "year"): "première_moitié", (1, "year"): "deuxième_moitié seconde_moitié"},
        x.QUARTER: {"quarter": "t q", "half": "h"},
        x.BETWEEN: {None: "entre"},
        x.AND: {None: "et"},
        x.TO: {None: "- à au aux jusqu'à jusqu'au jusqu'en a"},
        x.UNTIL: {
            None: (
                "jusqu'à jusqu'en jusque tard_que aussi_tard_que <_= au_plus_tard au_plus_tard_le"
                " pas_plus_tard_que d'ici"
            )
        },
        x.FROM: {
            "since": "à_partir à_partir_de à_partir_du à_compter_du à_compter_de a_partir_de a_partir_du"
        },
        x.SINCE: {
            None: (
                "depuis pas_avant dès_le dès_la dès_l' >_= commençant commençant_le débutant"
                " débutant_le aussi_tôt_que"
            )
        },
        x.BEFORE: {None: "avant < antérieur_à antérieure_à plus_tôt_que plus_ancien_que antérieurs_à"},
        x.AFTER: {
            None: (
                "après > postérieur_à supérieure_à supérieur_à plus_tard_que plus_récent_que"
                " ultérieur_à postérieurs_à"
            )
        },
        x.WITHIN: {None: "dans en dans_les"},
        x.BACK: {None: "il_y_a il_ya voici"},
        x.MORE: {None: "plus_de"},
        x.LESS: {None: "moins_de"},
        x.FOR: {None: "pour"},
        x.ONWARDS: {None: "et_plus ou_plus_tard et_plus_tard et_après ou_après ou_plus"},
        x.OR_BEFORE: {None: "ou_avant et_avant ou_plus_tôt et_plus_tôt"},
        x.AGO: {None: "auparavant avant_cela"},
        x.LATER: {None: "après_cela"},
        x.FEAST: {
            "new year": "nouvel_an jour_de_l'an nouvelle_année jour_du_nouvel_an",
            "new year's eve": "saint_-_sylvestre réveillon veille_du_nouvel_an réveillon_du_nouvel_an",
            "epiphany": "épiphanie",
            "valentine": "saint_-_valentin saint_valentin",
            "patrick": "saint_patrick saint_-_patrick",
            "shrove tuesday": "mardi_gras",
            "good friday": "vendredi_saint",
            "easter": "pâques dimanche_de_pâques",
            "easter monday": "lundi_de_pâques",
            "ascension": "ascension",
            "pentecost": "pentecôte",
            "whit monday": "lundi_de_pentecôte",
            "earth": "jour_de_la_terre jour_de_terre",
            "labour": "fête_du_travail journée_internationale_des_travailleurs",
            "labor us": "fête_du_travail_américaine",
            "mother": "fête_des_mères",
            "father": "fête_des_pères",
            "juneteenth": "freedom_day jubilee_day",
            "bastille": "fête_nationale",
            "independence": "jour_de_l'indépendance fête_de_l'indépendance",
            "assumption": "assomption",
            "halloween": "halloween",
            "all saints": "toussaint",
            "armistice": "armistice",
            "thanksgiving": "thanksgiving action_de_grâce jour_d'action_de_grâce",
            "black friday": "vendredi_noir black_friday",
            "christmas eve": "veille_de_noël réveillon_de_noël la_veille_de_noël",
            "christmas": "noël",
            "boxing": "lendemain_de_noël",
        },
    },
    behind=True,
    linked_tens=True,
)
