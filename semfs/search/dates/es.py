"""Spanish."""

from semfs.search.dates import lexicon as x
from semfs.search.dates.lexicon import Language, numbered

SPANISH = Language(
    "es",
    {
        x.DROPPED: {
            "the": "la los las",
            "nth": "el del",
            None: (
                "por_la_mañana por_la_tarde por_la_noche a_lo_largo_de a_lo_largo_del"
                " en_el_transcurso_de de , ( ) = durante alrededor_de alrededor_del"
                " con_fecha_de calendario cy . en_el que"
            ),
        },
        x.MONTH: numbered(
            "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago"
            " septiembre/setiembre/sept/sep/set octubre/oct noviembre/nov diciembre/dic"
        ),
        x.WEEKDAY: numbered(
            (
                "lunes/lun martes miércoles/mié/miérc/mier jueves/jue viernes/vie/vier"
                " sábado/sab/sábados/sa domingo/dom/domingos"
            ),
            0,
        ),
        x.SEASON: numbered("invierno primavera verano otoño", 0),
        x.ONE: {1: "un una"},
        x.NUMBER: {
            **numbered(
                "uno dos/par/par_de tres cuatro cinco seis siete ocho nueve diez once doce trece"
                " catorce quince dieciséis diecisiete dieciocho diecinueve veinte"
                " veintiuno/veintiún/veintiuna veintidós veintitrés veinticuatro veinticinco"
                " veintiséis veintisiete veintiocho veintinueve treinta"
            ),
            40: "cuarenta",
            50: "cincuenta",
            60: "sesenta",
            70: "setenta",
            80: "ochenta",
            90: "noventa",
            100: "cien ciento",
            200: "doscientos",
            300: "trescientos",
            400: "cuatrocientos",
            500: "quinientos",
            600: "seiscientos",
            700: "setecientos",
            800: "ochocientos",
            900: "novecientos",
            1000: "mil",
        },
        x.ORDINAL: numbered(
            "primero/primer/primera/primeros/primeras segundo/segunda tercero/tercer/tercera"
            " cuarto/cuarta quinto/quinta sexto/sexta séptimo/séptima octavo/octava noveno/novena"
            " décimo/décima undécimo/undécima duodécimo/duodécima"
        ),
        x.UNIT: {
            "day": "día días",
            "week": "semana semanas",
            "weekend": "fin_de_semana fines_de_semana finde",
            "fortnight": "quincena",
            "month": "mes meses",
            "quarter": "trimestre trimestres",
            "half": "semestre semestres mitad",
            "year": "año años",
            "decade": "década décadas decenio",
            "workday": (
                "día_laborable días_laborables días_hábiles día_hábil días_de_trabajo"
                " día_de_trabajo"
                " días_laborales día_laboral"
            ),
            "workweek": "semana_laboral semana_de_trabajo",
            "century": "siglos",
        },
        x.CENTURY: {None: "siglo"},
        x.ROMAN: dict(
            enumerate(["xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx", "xxi"], 11)
        ),
        x.DECADE: {None: "década_de_los década_de los_años decenio_de s"},
        x.SHIFT: {
            "previous": "anterior anteriores previo previa previos previas precedente",
            "past": "pasado pasada pasados pasadas",
            "this": "este esta estos estas mismo misma actual corriente en_curso ese esa",
            "next": "próximo próxima próximos próximas siguiente siguientes que_viene",
            "coming": "que_vienen entrante venidero venideros",
            "previous2": "antepasado antepasada penúltimo penúltima",
            "next2": "después_de_la_próxima después_del_próximo",
        },
        x.LAST: {"last": "último última últimos últimas"},
        x.NEAR: {
            0: "hoy ahora esta_noche esta_mañana esta_tarde hoy_día",
            -1: "ayer anoche el_día_anterior día_anterior ayer_por_la_noche",
            1: "mañana el_día_siguiente día_siguiente mañana_por_la_mañana",
            -2: "anteayer antier antes_de_ayer",
            2: "pasado_mañana",
            "date": "hasta_la_fecha hasta_hoy hasta_ahora",
            "to year": "año_hasta_la_fecha en_lo_que_va_de_año en_lo_que_va_del_año",
        },
        x.PART: {
            ("start", True): "principio_de principio_del comienzo_de comienzo_del inicio_de inicio_del",
            ("mid", True): "mitad_de",
            ("end", True): "final_de final_del fin_de fin_del",
            ("start", False): "principios comienzos inicios principio comienzo inicio",
            ("mid", False): "mediados medianos",
            ("end", False): "finales final fines fin",
            ("rest", False): "resto resto_de lo_que_queda_de lo_que_queda_del lo_que_resta_de",
            ("earlier", False): "más_temprano más_temprano_en antes_en más_pronto",
            ("later", False): "más_tarde más_tarde_en más_tarde_de más_adelante",
        },
        x.HALF: {(0, "year"): "primera_mitad", (1, "year"): "segunda_mitad"},
        x.QUARTER: {"quarter": "t q", "half": "h"},
        x.BETWEEN: {None: "entre"},
        x.AND: {None: "y e"},
        x.TO: {None: "- a al"},
        x.UNTIL: {
            None: (
                "hasta hasta_el tan_tarde_como no_más_tarde_que no_después_de no_después_del"
                " no_más_tarde_de a_más_tardar <_="
            )
        },
        x.FROM: {"since": "a_partir a_partir_de a_partir_del"},
        x.SINCE: {
            None: (
                "desde comenzando empezando empienzando comenzando_el comenzando_desde"
                " tan_pronto_como >_= desde_el no_antes_de"
            )
        },
        x.BEFORE: {
            None: (
                "antes antes_de antes_del < anterior_a anteriores_a anterior_al anterior_del"
                " anterior_de anteriores_de previo_a"
            )
        },
        x.AFTER: {
            None: (
                "después después_de después_del > posterior_a posterior_al posterior_de"
                " posteriores_a tras"
                " mayor_que más_tarde_que luego_de"
            )
        },
        x.WITHIN: {None: "en dentro_de dentro_del"},
        x.BACK: {None: "hace"},
        x.MORE: {None: "más_de"},
        x.LESS: {None: "menos_de"},
        x.FOR: {None: "por para"},
        x.ONWARDS: {
            None: (
                "en_adelante o_más_tarde y_más_tarde o_después y_después y_posteriores"
                " o_posteriores o_posterior y_posterior o_mayor"
            )
        },
        x.OR_BEFORE: {None: "o_antes y_antes o_anterior y_anterior y_anteriores"},
        x.AGO: {None: "atrás"},
        x.LATER: {None: ""},
        x.FEAST: {
            "new year": "año_nuevo día_de_año_nuevo",
            "new year's eve": "nochevieja víspera_de_año_nuevo",
            "epiphany": "reyes día_de_reyes epifanía",
            "valentine": "día_de_san_valentín san_valentín",
            "patrick": "día_de_san_patricio san_patricio",
            "maundy thursday": "jueves_santo",
            "good friday": "viernes_santo",
            "easter": "pascua domingo_de_pascua domingo_de_resurrección",
            "easter monday": "lunes_de_pascua",
            "ash wednesday": "miércoles_de_ceniza",
            "palm sunday": "domingo_de_ramos",
            "earth": "día_de_la_tierra",
            "labour": (
                "día_del_trabajador día_del_trabajo día_internacional_de_los_trabajadores"
                " día_de_los_trabajadores"
            ),
            "mother": "día_de_la_madre",
            "father": "día_del_padre",
            "juneteenth": "día_del_jubileo día_de_la_libertad día_del_juneteenth juneteenth",
            "independence": "día_de_independencia día_de_la_independencia",
            "hispanic": "día_de_la_hispanidad",
            "halloween": "halloween víspera_de_todos_los_santos",
            "all saints": "todos_los_santos día_de_todos_los_santos",
            "all souls": "día_de_los_muertos día_de_muertos",
            "thanksgiving": "acción_de_gracias día_de_acción_de_gracias",
            "black friday": "viernes_negro black_friday",
            "cyber monday": "cyber_monday lunes_cibernético",
            "christmas eve": "nochebuena víspera_de_navidad",
            "christmas": "navidad día_de_navidad",
            "women": "día_de_la_mujer",
        },
    },
    more={
        f"{lead}{word}": (x.DECADE_WORD, tens)
        for tens, words in {
            30: "treinta",
            40: "cuarenta",
            50: "cincuenta",
            60: "sesenta",
            70: "setenta",
            80: "ochenta",
            90: "noventa",
        }.items()
        for lead, word in (("los", words), ("los", f"{words}s"), ("", f"{words}s"), ("los", str(tens)))
    },
    behind=True,
    linked_tens=True,
)
