//! Mistakes in units, calendars and strings; and that a mistake comes before what follows from it.

use doorstep_policy::{Pack, Problem, check, embedded_bazhou};

use crate::mistakes::{POLICY, each, first};
use crate::packs::read;
use crate::story::changed;

const UNITS: &str = "units.csv";
const YEAR: &str = "calendars/cn-2025.ics";

#[test]
fn units_that_end_before_they_begin_or_before_what_is_under_them() {
    let town = "曾口镇,town,511902,,";
    each(&[
        (
            UNITS,
            town,
            "曾口镇,town,511902,2024-01-01,2023-01-01",
            "period",
            "2023-01-01",
            "ends before it begins",
        ),
        (UNITS, town, "曾口镇,town,511902,,2024-01-01", "units-ended", "511902105", "although 511902105"),
        (UNITS, town, "曾口镇,town,511902,,9999-12-31", "units-date", "9999-12-31", "leave it empty"),
        (
            UNITS,
            town,
            "曾口镇,town,511902,,2024-01-01\n511902105,曾口,town,511902,2024-01-01,2022-01-01",
            "period",
            "2022-01-01",
            "ends before",
        ),
        (
            UNITS,
            town,
            "曾口镇,town,511902,2024-01-01,\n511902105,曾口,town,511902,2020-01-01,2024-01-01",
            "units-order",
            "511902105",
            "order of time",
        ),
        (UNITS, town, " 曾口镇,town,511902,,", "units-cell", " 曾口镇", "take out the space"),
        (UNITS, town, "\"曾口镇\",town,511902,,", "units-cell", "\"曾口镇\"", "quotation marks"),
        (UNITS, town, "曾口\u{200b}镇,town,511902,,", "units-cell", "曾口", "nobody sees"),
        (UNITS, town, "曾口镇,town,,,", "units-parent", ",,", "under no unit"),
        (UNITS, town, "曾口镇,town,511902105238,,", "units-loop", "511902105,", "above itself"),
        (UNITS, town, "曾口镇,town,511902101201,,", "units-parent", "511902101201", "no unit above it"),
        (UNITS, "511902105,曾口镇", "51190210,曾口镇", "units-code", "51190210,", "has 8 digits"),
        (UNITS, "511902104,化成镇,", "511902104,曾口镇,", "duplicate", "曾口镇", "in line"),
        (UNITS, "code,name,level,parent,from,until,also\n", "", "units-header", "", "line 1"),
        (UNITS, town, "曾口镇,town,511902,,,曾口;曾", "units-also", "曾口;曾", "two characters"),
        (UNITS, town, "曾口镇,town,511902,,,曾口,曾", "units-row", "511902105,", "6 or 7"),
        (UNITS, "code,name", "code;name", "units-header", "", "line 1"),
    ]);
}

#[test]
fn calendars_are_whole_and_each_year_is_there_once() {
    let mut cut = embedded_bazhou();
    let text = cut.0.get_mut(YEAR).expect("a year");
    *text = text.lines().take(150).collect::<Vec<_>>().join("\r\n");
    let (problem, _) = first(&cut);
    assert_eq!((problem.code.as_str(), problem.file.as_str()), ("calendar-cut", YEAR), "{problem:?}");
    assert!(problem.line > 100 && problem.remedy.contains("cut off"), "{problem:?}");

    let mut twice = embedded_bazhou();
    let year = twice.0[YEAR].clone();
    twice.0.insert("calendars/holidays.ics".into(), year);
    let (problem, _) = first(&twice);
    assert_eq!(problem.code, "calendar-twice");
    assert!(problem.message.contains("2025") && problem.message.contains(YEAR), "{problem:?}");

    let mut none = embedded_bazhou();
    none.0.retain(|file, _| !file.starts_with("calendars/"));
    assert_eq!(first(&none).0.file, "calendars/");

    let mut gap = embedded_bazhou();
    gap.0.remove(YEAR);
    let (problem, _) = first(&gap);
    assert_eq!(
        (problem.code.as_str(), problem.message.contains("2024 and 2026")),
        ("calendar-gap", true),
        "{problem:?}"
    );

    each(&[
        (YEAR, "END:VCALENDAR", "", "calendar-cut", "", "ends before VCALENDAR"),
        (YEAR, "END:VEVENT\r\n", "", "calendar-cut", "BEGIN", "begins where it cannot"),
        (
            YEAR,
            "DTEND;VALUE=DATE:20250102",
            "DTEND;VALUE=DATE:20270102",
            "calendar-event",
            "END:VEVENT",
            "DTEND is the day after",
        ),
        (
            YEAR,
            "DTEND;VALUE=DATE:20250205",
            "DTEND;VALUE=DATE:20250128",
            "calendar-event",
            "END:VEVENT",
            "DTEND is the day after",
        ),
        (
            YEAR,
            "DTSTART;VALUE=DATE:20250128",
            "DTSTART;VALUE=DATE:20250101",
            "calendar-twice",
            "END:VEVENT",
            "two events",
        ),
        (YEAR, "DESCRIPTION:休", "DESCRIPTION:班", "calendar-event", "END:VEVENT", "休 and 班"),
        (
            YEAR,
            "DTSTART;VALUE=DATE:20250126",
            "DTSTART;VALUE=DATE:20250127",
            "calendar-event",
            "END:VEVENT",
            "worked anyway",
        ),
    ]);
}

#[test]
fn names_that_people_read_are_there_once_and_say_something() {
    let file = "strings/en.ftl";
    let text = &embedded_bazhou().0[file];
    let water =
        text.lines().find(|line| line.starts_with("category-water")).expect("water has a name").to_owned();
    let (problem, at) = first(&changed(file, "category-water =", "category-watre ="));
    assert_eq!(problem.code, "string-missing");
    assert!(at.starts_with("category-watre") && problem.remedy.contains("correct"), "{problem:?}");
    let mut other = embedded_bazhou();
    other.0.insert("strings/zh.ftl".into(), text.clone());
    assert_eq!((first(&other).0.code.as_str(), first(&other).0.file.as_str()), ("unused", "strings/zh.ftl"));
    for (to, code) in [
        ("category-water =".to_owned(), "string-empty"),
        (format!("{water}\n{water}"), "duplicate"),
        (water.replace(" = ", " "), "string-syntax"),
    ] {
        let (problem, at) = first(&changed(file, &water, &to));
        assert_eq!((problem.code.as_str(), problem.file.as_str()), (code, file), "{problem:?}");
        assert!(at.starts_with("category-water"), "{at}");
    }
}

#[test]
fn a_row_that_does_not_read_is_one_mistake_and_the_first() {
    for (from, to) in [
        ("511902-water,巴州区水利局,department,511902,,", "511902-water,巴州区水利局,departement,511902,,"),
        ("511902105,曾口镇,town,511902,,", "511902105,曾口镇,town,511902"),
        ("511902,巴州区,district,,,", "511902,巴州区,district,,"),
    ] {
        let problems = check(&changed(UNITS, from, to));
        let codes: Vec<&str> = problems.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, ["units-row"], "{problems:?}");
    }
    let without = changed(UNITS, "511902105,曾口镇,town,511902,,\n", "");
    let problems = check(&without);
    assert_eq!(
        (problems[0].file.as_str(), problems[0].code.as_str()),
        (UNITS, "unknown-unit"),
        "{problems:?}"
    );
    assert_eq!(problems.iter().filter(|p| p.file == UNITS).count(), 1, "{problems:?}");
    let mut none = embedded_bazhou();
    none.0.remove(UNITS);
    let codes: Vec<String> = check(&none).into_iter().map(|p| p.code).collect();
    assert_eq!(codes, ["missing-file"]);
}

#[test]
fn a_list_of_what_is_read_that_is_wrong_is_said_once() {
    let files =
        changed(POLICY, "\"severity\", \"urgency\", \"channel\"]", "\"severety\", \"urgency\", \"channel\"]");
    let problems: Vec<Problem> = check(&files).into_iter().filter(|p| p.file == POLICY).collect();
    assert_eq!(
        problems.iter().map(|p| p.code.as_str()).collect::<Vec<_>>(),
        ["unknown-field"],
        "{problems:?}"
    );
}

#[test]
fn an_old_version_with_figures_that_are_out_of_range_still_loads() {
    let files = changed(POLICY, "any = { hours = 24 }", "any = { hours = 0 }");
    assert!(Pack::load(&files).is_ok(), "stores and stories have such packs");
    assert!(!check(&files).is_empty());
    assert!(["bazhou", "ziliujing", "zhalainuoer"].iter().all(|name| check(&read(name)).is_empty()));
}

#[test]
fn a_condition_as_long_as_is_allowed_overflows_nothing() {
    let from = "when = \"urgency == 'danger' && category == 'water'\"";
    let long = [
        format!("{}true", "!".repeat(19_990)),
        format!("{}1 == 1", "-".repeat(19_900)),
        vec!["true"; 2_400].join(" || "),
        vec!["place==''"; 1_700].join("||"),
        format!("place in [{}]", vec!["'100000000000'"; 1_300].join(",")),
        "true || ".repeat(10_000),
    ];
    for text in long {
        let problems = check(&changed(POLICY, from, &format!("when = '''{text}'''")));
        assert!(!problems.is_empty(), "{}", &text[..40]);
    }
}
