"""What means the same in English, German, French, Spanish, Chinese and Japanese is the same time."""

from __future__ import annotations

from datetime import datetime

import pytest

from semfs.search.dates import find, resolve

NOW = datetime(2019, 5, 20, 12)  # a Monday
SAME = """
last week
    letzte Woche; vergangene Woche; vorige Woche
    la semaine dernière; la semaine passée
    la semana pasada; la última semana
    上周; 上星期; 上个星期
    先週
next week
    nächste Woche; kommende Woche
    la semaine prochaine
    la próxima semana; la semana que viene; la semana próxima
    下周; 下个星期
    来週
this week
    diese Woche
    cette semaine
    esta semana
    本周; 这周; 这个星期
    今週
the week after next
    übernächste Woche
    下下周
    再来週
last month
    letzten Monat; im vergangenen Monat
    le mois dernier; le mois passé
    el mes pasado; el último mes
    上个月; 上月
    先月
this month
    diesen Monat; in diesem Monat
    ce mois-ci; ce mois
    este mes
    这个月; 本月
    今月
next month
    nächsten Monat
    le mois prochain
    el próximo mes; el mes que viene
    下个月
    来月
last year
    letztes Jahr; im letzten Jahr; voriges Jahr; im Vorjahr
    l'année dernière; l'an dernier; l'année passée
    el año pasado; el último año
    去年
    去年; 昨年
next year
    nächstes Jahr
    l'année prochaine; l'an prochain
    el próximo año; el año que viene
    明年
    来年
today
    heute
    aujourd'hui
    hoy
    今天; 今日
    今日; 本日
yesterday
    gestern
    hier
    ayer
    昨天; 昨日
    昨日
tomorrow
    morgen
    demain
    mañana
    明天; 明日
    明日
the day before yesterday
    vorgestern
    avant-hier
    anteayer; antes de ayer
    前天
    一昨日; おととい
the day after tomorrow
    übermorgen
    après-demain
    pasado mañana
    后天
    明後日; あさって
3 days ago
    vor 3 Tagen; vor drei Tagen
    il y a 3 jours; il y a trois jours
    hace 3 días; hace tres días
    3天前; 三天前; 三天以前
    3日前; 三日前
2 weeks ago
    vor zwei Wochen; vor 2 Wochen
    il y a deux semaines
    hace dos semanas
    两周前; 两个星期前; 2周前
    2週間前; 二週間前
2 months ago
    vor zwei Monaten
    il y a deux mois
    hace dos meses
    两个月前
    2か月前; 2ヶ月前; 二ヶ月前
5 years ago
    vor 5 Jahren; vor fünf Jahren
    il y a cinq ans
    hace cinco años
    5年前; 五年前
    5年前
in two weeks
    in zwei Wochen
    dans deux semaines
    en dos semanas; dentro de dos semanas
    两周后; 两周之后
    2週間後
in 3 years
    in 3 Jahren; in drei Jahren
    dans trois ans
    en tres años; dentro de 3 años
    三年后
    3年後
the last 3 days
    die letzten 3 Tage; in den letzten drei Tagen; die vergangenen drei Tage
    les 3 derniers jours; les trois derniers jours; ces trois derniers jours
    los últimos 3 días; los últimos tres días
    过去3天; 最近三天; 过去三天
    過去3日間; ここ3日間
the last 2 weeks
    die letzten zwei Wochen
    les deux dernières semaines
    las últimas dos semanas; las dos últimas semanas
    过去两周; 最近两个星期
    過去2週間
past 6 months
    die letzten sechs Monate
    les six derniers mois
    los últimos seis meses
    过去六个月; 最近6个月
    過去6か月; 過去6ヶ月間
the next 3 days
    die nächsten 3 Tage; die kommenden drei Tage
    les 3 prochains jours; les trois prochains jours
    los próximos 3 días; los siguientes tres días
    未来三天; 接下来3天
    今後3日間; 次の3日間
last 2 quarters
    die letzten zwei Quartale
    les deux derniers trimestres
    los últimos dos trimestres
    过去两个季度
    過去2四半期
friday
    Freitag; am Freitag
    vendredi
    viernes; el viernes
    星期五; 周五
    金曜日
last friday
    letzten Freitag
    vendredi dernier
    el último viernes
    上周五; 上个星期五; 上星期五
    先週の金曜日
next friday
    nächsten Freitag
    vendredi prochain
    el próximo viernes
    下周五; 下个星期五
    来週の金曜日
this friday
    diesen Freitag
    ce vendredi
    este viernes
    这周五; 本周五
    今週の金曜日
monday of next week
    Montag nächster Woche
    lundi de la semaine prochaine
    lunes de la próxima semana
    下周一
    来週の月曜日
weekend
    am Wochenende
    le week-end
    el fin de semana
    周末
    週末
last weekend
    letztes Wochenende
    le week-end dernier
    el fin de semana pasado
    上周末
    先週末
march 2018
    März 2018; im März 2018
    mars 2018; en mars 2018
    marzo de 2018; en marzo de 2018; marzo 2018
    2018年3月; 二〇一八年三月
    2018年3月
last march
    letzten März
    mars dernier
    marzo pasado; el pasado marzo
this september
    diesen September
    ce septembre; septembre de cette année
    este septiembre
    今年9月; 今年九月
    今年の9月
march of last year
    März letzten Jahres; März des letzten Jahres
    mars de l'année dernière
    marzo del año pasado
    去年3月; 去年三月
    去年の3月; 昨年3月
5 may 2018
    5. Mai 2018; am 5. Mai 2018; 5.5.2018; 05.05.2018
    5 mai 2018; le 5 mai 2018
    5 de mayo de 2018; el 5 de mayo de 2018
    2018年5月5日; 2018年5月5号; 二〇一八年五月五日
    2018年5月5日
1 may
    1. Mai; der erste Mai; am 1. Mai
    1er mai; le 1er mai; le premier mai
    1 de mayo; el 1 de mayo; primero de mayo; 1º de mayo
    5月1日; 五月一日; 5月1号
    5月1日
the 18th
    am 18.; der 18.; der achtzehnte
    le 18
    el 18; el día 18
    18号; 18日
    18日
2018
    2018; im Jahr 2018; das Jahr 2018; Jahr 2018
    2018; en 2018; l'année 2018; l'an 2018
    2018; en 2018; el año 2018
    2018年; 二零一八年; 2018
    2018年
q3 2018
    Q3 2018; 3. Quartal 2018; drittes Quartal 2018; im dritten Quartal 2018
    T3 2018; 3e trimestre 2018; troisième trimestre 2018; le troisième trimestre de 2018
    T3 2018; tercer trimestre de 2018; el 3er trimestre de 2018
    2018年第三季度; 2018年第3季度
    2018年第3四半期
first quarter of next year
    erstes Quartal nächsten Jahres; das erste Quartal des nächsten Jahres
    le premier trimestre de l'année prochaine
    el primer trimestre del próximo año
    明年第一季度
    来年の第1四半期
first half of 2018
    erstes Halbjahr 2018; erste Hälfte 2018
    premier semestre 2018; la première moitié de 2018
    primer semestre de 2018; la primera mitad de 2018
    2018年上半年
    2018年前半; 2018年の前半; 2018年上半期
summer 2018
    Sommer 2018
    été 2018; l'été 2018
    verano de 2018; verano 2018
    2018年夏天; 2018年夏季
    2018年夏; 2018年の夏
week 12
    KW 12; Woche 12; Kalenderwoche 12
    semaine 12
    semana 12
    第12周
    第12週
first week of may 2018
    erste Woche im Mai 2018; die erste Woche des Mai 2018
    première semaine de mai 2018
    primera semana de mayo de 2018; la primera semana de mayo de 2018
    2018年5月第一周; 2018年5月的第一周
    2018年5月の第1週; 2018年5月第1週
last week of 2018
    letzte Woche 2018; die letzte Woche von 2018
    dernière semaine de 2018; la dernière semaine de 2018
    última semana de 2018; la última semana de 2018
    2018年最后一周; 2018年的最后一周
    2018年の最後の週; 2018年最後の週
the week of april 10
    die Woche vom 10. April; Woche des 10. April
    la semaine du 10 avril
    la semana del 10 de abril
    4月10日那周; 4月10日的那一周
    4月10日の週
early may 2018
    Anfang Mai 2018
    début mai 2018
    principios de mayo de 2018; a principios de mayo de 2018
    2018年5月初
    2018年5月初め; 2018年5月上旬
mid may 2018
    Mitte Mai 2018
    mi-mai 2018
    mediados de mayo de 2018
    2018年5月中旬; 2018年5月中
    2018年5月中旬; 2018年5月半ば
late may 2018
    Ende Mai 2018
    fin mai 2018
    finales de mayo de 2018; fines de mayo de 2018
    2018年5月底; 2018年5月末
    2018年5月末; 2018年5月下旬
end of 2018
    Ende 2018
    fin 2018; la fin de 2018; fin de l'année 2018
    finales de 2018; fines de 2018
    2018年底; 2018年年底; 2018年末
    2018年末; 2018年の終わり
end of this month
    Ende dieses Monats; Ende des Monats
    fin du mois
    fin de mes; finales de este mes
    本月底; 月底
    今月末; 月末
beginning of this year
    Anfang dieses Jahres; Anfang des Jahres
    début de cette année
    principios de este año
    今年初; 今年年初
    今年の初め; 今年初め
since 2018
    seit 2018; ab 2018
    depuis 2018; à partir de 2018
    desde 2018; a partir de 2018
    2018年以来; 自2018年以来; 从2018年起; 2018年起; 从2018年开始
    2018年から; 2018年以来
before 2018
    vor 2018; vor dem Jahr 2018
    avant 2018
    antes de 2018
    2018年之前; 2018年以前; 2018年前
    2018年以前; 2018年前; 2018年より前
after 2018
    nach 2018
    après 2018
    después de 2018
    2018年之后; 2018年以后; 2018年后
    2018年後; 2018年より後
until 2018
    bis 2018
    jusqu'en 2018; jusqu'à 2018
    hasta 2018
since march
    seit März
    depuis mars
    desde marzo
    三月以来; 从三月起
    3月から
before 5 may 2018
    vor dem 5. Mai 2018
    avant le 5 mai 2018
    antes del 5 de mayo de 2018
    2018年5月5日之前
    2018年5月5日以前; 2018年5月5日より前
since last week
    seit letzter Woche
    depuis la semaine dernière
    desde la semana pasada
    上周以来; 从上周开始
    先週から
from 2014 to 2018
    von 2014 bis 2018
    de 2014 à 2018
    de 2014 a 2018; desde 2014 hasta 2018
    从2014年到2018年; 2014年到2018年; 2014年至2018年
    2014年から2018年まで; 2014年から2018年
between 2014 and 2018
    zwischen 2014 und 2018
    entre 2014 et 2018
    entre 2014 y 2018
    2014年和2018年之间; 2014年到2018年之间
    2014年から2018年の間; 2014年と2018年の間
2014-2018
    2014-2018
    2014-2018
    2014-2018
    2014-2018年; 2014年-2018年
    2014年-2018年; 2014〜2018年
from march to may
    von März bis Mai; März bis Mai
    de mars à mai
    de marzo a mayo
    从三月到五月; 三月到五月; 3月至5月
    3月から5月まで
from march to may 2018
    von März bis Mai 2018
    de mars à mai 2018
    de marzo a mayo de 2018
    从2018年3月到5月; 2018年三月到五月
    2018年3月から5月まで
between 3 and 7 may
    zwischen dem 3. und 7. Mai; zwischen dem 3. und dem 7. Mai; vom 3. bis 7. Mai; vom 3. bis zum 7. Mai
    entre le 3 et le 7 mai; du 3 au 7 mai
    entre el 3 y el 7 de mayo; del 3 al 7 de mayo
    5月3日到7日; 从5月3日到7日; 五月三日至七日
    5月3日から7日まで; 5月3日から7日の間
from 3 may 2018 to 2 june 2018
    vom 3. Mai 2018 bis zum 2. Juni 2018
    du 3 mai 2018 au 2 juin 2018
    del 3 de mayo de 2018 al 2 de junio de 2018
    从2018年5月3日到2018年6月2日
    2018年5月3日から2018年6月2日まで
between may 3 and today
    zwischen dem 3. Mai und heute; vom 3. Mai bis heute
    entre le 3 mai et aujourd'hui; du 3 mai à aujourd'hui
    entre el 3 de mayo y hoy; desde el 3 de mayo hasta hoy
    从5月3日到今天; 5月3日至今天
    5月3日から今日まで
the 90s
    die 90er; die 90er Jahre; die Neunziger; die neunziger Jahre
    les années 90
    los años 90; los años noventa
    90年代; 九十年代
    90年代; 1990年代
the 1990s
    die 1990er; die 1990er Jahre
    les années 1990
    los años 1990; la década de 1990
    1990年代
    1990年代
15th century
    15. Jahrhundert; das fünfzehnte Jahrhundert
    15e siècle
    siglo XV; siglo 15
    15世纪; 十五世纪
    15世紀
christmas 2018
    Weihnachten 2018
    Noël 2018
    Navidad 2018; navidad de 2018
    2018年圣诞节
    2018年のクリスマス; 2018年クリスマス
easter 2018
    Ostern 2018
    Pâques 2018
    Pascua 2018
    2018年复活节
    2018年のイースター
christmas eve
    Heiligabend
    la veille de Noël; réveillon de Noël
    Nochebuena
    平安夜
    クリスマスイブ
monday 20 may 2019
    Montag, 20. Mai 2019; Montag, den 20. Mai 2019; Mo 20.05.2019
    lundi 20 mai 2019; le lundi 20 mai 2019
    lunes 20 de mayo de 2019; lunes, 20 de mayo de 2019
    2019年5月20日星期一; 2019年5月20日 周一
    2019年5月20日月曜日
two days after tomorrow
    zwei Tage nach morgen
    deux jours après demain
    dos días después de mañana
three weeks from tomorrow
    drei Wochen ab morgen
    trois semaines à partir de demain
    tres semanas a partir de mañana
    明日から3週間後
2 weeks before christmas
    2 Wochen vor Weihnachten; zwei Wochen vor Weihnachten
    2 semaines avant Noël
    2 semanas antes de Navidad
    圣诞节前两周; 圣诞节前2周
    クリスマスの2週間前
3 days after january 12
    3 Tage nach dem 12. Januar
    3 jours après le 12 janvier
    3 días después del 12 de enero
    1月12日后三天; 1月12日之后3天
    1月12日の3日後; 1月12日から3日後
later this week
    später diese Woche
    plus tard cette semaine
    más tarde esta semana
    今週後半; 今週の後半
second half of this week
    下半周
    今週の後半
2018 or later
    2018 oder später
    2018 ou plus tard
    2018 o más tarde
    2018年またはそれ以降; 2018年以降
in 2012 or before
    2012 ou avant
    2012 o antes
    2012年及以前; 2012年或之前
    2012年またはその前
first 3 months of 2018
    die ersten drei Monate 2018; die ersten 3 Monate von 2018
    les trois premiers mois de 2018; les 3 premiers mois de 2018
    los primeros tres meses de 2018; los tres primeros meses de 2018
    2018年前三个月; 2018年头三个月
    2018年の最初の3か月
last day of may
    letzter Tag im Mai; der letzte Tag des Mai
    le dernier jour de mai
    el último día de mayo
    五月的最后一天; 5月最后一天
    5月の最後の日; 5月最終日
last monday of april
    letzter Montag im April; der letzte Montag im April
    le dernier lundi d'avril
    el último lunes de abril
    四月的最后一个星期一; 4月最后一个周一
    4月の最後の月曜日; 4月最終月曜日
earlier this year
    plus tôt cette année
    más temprano este año
21st of this month
    der 21. dieses Monats; am 21. dieses Monats
    le 21 de ce mois; le 21 de ce mois-ci
    el 21 de este mes; el día 21 de este mes
    本月21日; 这个月21号
    今月21日; 今月の21日
year to date
    depuis le début de l'année
    en lo que va de año; en lo que va del año
    今年以来; 年初至今
    年初来
last century
    letztes Jahrhundert; im vorigen Jahrhundert
    le siècle dernier
    el siglo pasado
    上个世纪; 上世纪
    前世紀
last decade
    letztes Jahrzehnt
    la décennie dernière; la dernière décennie
    la década pasada; la última década
next 4 business days
    die nächsten 4 Werktage; die nächsten vier Arbeitstage
    les 4 prochains jours ouvrables
    los próximos 4 días hábiles; los próximos 4 días laborables
    未来4个工作日
    今後4営業日
"""


def phrases() -> list[tuple[str, str]]:
    """Return (other, English) of the table, in which English stands at the margin."""
    pairs, english = [], ""
    for line in SAME.strip().splitlines():
        if line.startswith(" "):
            pairs += [(phrase.strip(), english) for phrase in line.split(";")]
        else:
            english = line
    return pairs


@pytest.mark.parametrize(("phrase", "english"), phrases())
def test_a_phrase_means_what_its_english_means(phrase: str, english: str) -> None:
    expected = resolve(english, NOW)
    assert expected is not None
    found = resolve(phrase, NOW)
    assert found is not None
    assert (found.since, found.until) == (expected.since, expected.until)


@pytest.mark.parametrize("phrase", [phrase for phrase, english in phrases() if english != "the 18th"])
def test_what_is_a_time_is_found_as_one(phrase: str) -> None:
    """But a bare ordinal is not: it counts anything."""
    expected = resolve(phrase, NOW)
    assert [found.span for found in find(phrase, NOW)] == [expected]
