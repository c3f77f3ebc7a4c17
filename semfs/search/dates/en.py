"""English."""

from semfs.search.dates import lexicon as x
from semfs.search.dates.lexicon import Language, numbered

_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)

ENGLISH = Language(
    "en",
    {
        x.DROPPED: {
            "the": "the this_very",
            None: (
                "throughout in_the_course_of morning afternoon evening night of on at for_the"
                " during 's dated calendar cy about around as_early_as as_of of_the , ( ) ="
                " in_the a.d."
            ),
        },
        x.MONTH: numbered(
            "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug"
            " september/sept/sep october/oct november/nov december/dec"
        ),
        x.WEEKDAY: numbered(
            "monday/mon/mondays tuesday/tue/tues wednesday/wed/weds thursday/thu/thurs/thur"
            " friday/fri saturday/sat sunday/sun",
            0,
        ),
        x.SEASON: numbered("winter/wintertime spring/springtime summer/summertime autumn/fall", 0),
        x.ONE: {1: "a an"},
        x.NUMBER: {
            **numbered(
                "one two/couple/couple_of/a_couple_of three/few/a_few four five six seven eight"
                " nine"
                " ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
                " twenty"
            ),
            **{10 * n: w for n, w in numbered("thirty forty fifty sixty seventy eighty ninety", 3).items()},
            100: "hundred",
            1000: "thousand",
        },
        x.ORDINAL: {
            **numbered(_ORDINALS),
            30: "thirtieth",
        },
        x.UNIT: {
            "day": "day days",
            "week": "week weeks wk w/c",
            "weekend": "weekend weekends",
            "fortnight": "fortnight fortnights",
            "month": "month months",
            "quarter": "quarter quarters",
            "half": "half",
            "year": "year years yr yrs cy",
            "decade": "decade decades",
            "workday": (
                "business_day business_days working_day working_days workday workdays work_day"
                " work_days"
                " weekday weekdays"
            ),
            "workweek": "working_week workweek work_week business_week",
            "century": "centuries",
        },
        x.CENTURY: {None: "century"},
        x.DECADE: {None: "s 's"},
        x.SHIFT: {
            "previous": "previous preceding prior",
            "past": "past this_past",
            "this": "this current same that",
            "next": "next following coming",
            "coming": "upcoming this_coming this_upcoming",
        },
        x.LAST: {"last": "last final"},
        x.NEAR: {
            0: (
                "today now tonight this_morning this_afternoon this_evening current_date otd"
                " right_now"
                " later_today earlier_today"
            ),
            -1: "yesterday last_night yesterday_morning yesterday_evening",
            1: "tomorrow tmr tmrw",
            -2: "day_before_yesterday the_day_before_yesterday",
            2: "day_after_tomorrow the_day_after_tomorrow",
            "date": "to_date till_date",
            "to year": "year_to_date ytd",
            "to month": "month_to_date mtd",
            "end year": "eoy",
            "end month": "eom",
        },
        x.RELATED: {
            ("week", 2): "week_after_next",
            ("week", -2): "week_before_last",
            ("month", -2): "month_before_last",
            ("year", -2): "year_before_last",
        },
        x.PART: {
            ("start", True): "start_of beginning_of start beginning",
            ("mid", True): "middle_of",
            ("end", True): "end_of end",
            ("start", False): "early",
            ("mid", False): "mid",
            ("end", False): "late",
            ("rest", False): "rest_of remainder_of remaining remaining_of rest",
            ("earlier", False): "earlier_in earlier_in_the",
            ("later", False): "later_in later_in_the",
        },
        x.QUARTER: {"quarter": "q", "half": "h"},
        x.BETWEEN: {None: "between in_between"},
        x.AND: {None: "and &"},
        x.TO: {None: "- to through thru"},
        x.UNTIL: {
            None: ("until till til up_to by by_the as_late_as no_later_than not_later_than <_= not_after")
        },
        x.FROM: {None: "from"},
        x.SINCE: {
            None: (
                "since starting starting_from beginning starting_on beginning_on >_="
                " as_early_as as_of"
                " not_before commencing no_earlier_than"
            )
        },
        x.BEFORE: {None: "before earlier_than older_than prior_to <"},
        x.AFTER: {None: "after later_than newer_than > greater_than later_than"},
        x.WITHIN: {None: "in within in_the"},
        x.FOR: {None: "for"},
        x.MORE: {None: "more_than"},
        x.LESS: {None: "less_than"},
        x.ONWARDS: {
            None: (
                "or_later or_newer or_after and_later and_after and_greater onwards onward on_wards"
                " or_greater"
            )
        },
        x.OR_BEFORE: {None: "or_earlier or_before and_before and_earlier or_older"},
        x.AGO: {None: "ago earlier back"},
        x.LATER: {None: "later from_now hence"},
        x.FEAST: {
            "new year": "new_year new_years_day new_year's_day new_year_day new_year's new_years",
            "new year's eve": "new_year's_eve new_years_eve nye",
            "valentine": "valentine's_day valentines_day",
            "patrick": "saint_patrick saint_patrick's_day st_patrick's_day st_patrick st_patricks_day",
            "april fool": "april_fool's_day april_fools april_fools_day",
            "earth": "earth_day",
            "labour": "international_workers_'_day international_workers_day workers_day may_day",
            "cinco de mayo": "cinco_de_mayo",
            "juneteenth": "juneteenth freedom_day jubilee_day",
            "independence": "independence_day",
            "halloween": "halloween",
            "all saints": "all_saints_day all_saints_'_day",
            "veterans": "veterans_day veteran's_day",
            "christmas eve": "christmas_eve xmas_eve",
            "christmas": "christmas xmas christmas_day",
            "boxing": "boxing_day",
            "easter": "easter easter_sunday",
            "easter monday": "easter_monday",
            "good friday": "good_friday",
            "palm sunday": "palm_sunday",
            "ash wednesday": "ash_wednesday",
            "pentecost": "pentecost whitsun",
            "martin luther king": "martin_luther_king_day mlk_day",
            "presidents": "presidents_day presidents_'_day",
            "mother": "mother's_day mothers_day",
            "memorial": "memorial_day",
            "father": "father's_day fathers_day",
            "labor us": "labor_day labour_day",
            "columbus": "columbus_day",
            "thanksgiving": "thanksgiving thanksgiving_day",
            "black friday": "black_friday",
            "cyber monday": "cyber_monday",
            "women": "women's_day international_women's_day",
        },
    },
    order="mdy",
    more={
        form: (x.DECADE_WORD, tens)
        for tens, form in {
            20: "twenties",
            30: "thirties",
            40: "forties",
            50: "fifties",
            60: "sixties",
            70: "seventies",
            80: "eighties",
            90: "nineties",
        }.items()
    },
)
