//! Mistakes in single entries: figures and dates of no size that anybody can mean, texts that say nothing.

use crate::mistakes::{CASES, POLICY, each};

#[test]
fn figures_are_of_a_size_that_somebody_can_mean() {
    let small = "due = { village = { days = 15 }, any = { days = 30 } }";
    each(&[
        (
            POLICY,
            "any = { hours = 24 }",
            "any = { hours = 4294967295 }",
            "figure",
            "4294967295",
            "from 1 to 43920",
        ),
        (POLICY, small, "due = { any = { days = 0 } }", "figure", "0", "1 to 1830 days"),
        (POLICY, small, "due = { any = { days = -3 } }", "figure", "-3", "1 to 1830 days"),
        (
            POLICY,
            small,
            "due = { any = { days = 99999999999999999999999999999999999999999999 } }",
            "figure",
            "999",
            "1 to 1830",
        ),
        (POLICY, small, "due = { any = { days = 0x7fffffff } }", "figure", "0x7fffffff", "1 to 1830"),
        (POLICY, small, "due = { any = { days = 1.5 } }", "figure", "1.5", "not a whole number"),
        (POLICY, small, "due = { any = { days = \"15\" } }", "figure", "\"15\"", "not a whole number"),
        (
            POLICY,
            small,
            "due = { any = { working_days = 2000 } }",
            "figure",
            "2000",
            "1 to 1250 working days",
        ),
        (POLICY, small, "due = { any = { working_hours = 0 } }", "figure", "0", "working hours"),
        (POLICY, small, "due = { any = { same_day = \"27:00\" } }", "figure", "\"27:00\"", "an hour such as"),
        (POLICY, "at_least = { hours = 24 }", "at_least = { hours = 0 }", "figure", "0", "1 to 43920 hours"),
        (POLICY, "quiet = \"PT2M\"", "quiet = \"P90D\"", "figure", "\"P90D\"", "PT1S to P7D"),
        (POLICY, "max = \"P3D\"", "max = \"PT0S\"", "figure", "\"PT0S\"", "PT1M to P60D"),
        (POLICY, "100%+P10D", "100%+P2920000D", "figure", "\"100%+P2920000D\"", "P1830D after the due time"),
        (POLICY, "at = \"75%\"", "at = \"75%+P1D\"", "figure", "\"75%+P1D\"", "\"100%+P3D\""),
        (POLICY, "repeat = \"P7D\"", "repeat = \"PT1S\"", "figure", "\"PT1S\"", "PT1H to P366D"),
        (POLICY, "limit = 2", "limit = 2000", "figure", "2000", "0 to 20 referrals"),
        (POLICY, "[extension]\ndays = 30", "[extension]\ndays = 30000", "figure", "30000", "1 to 366 days"),
        (POLICY, "[suspension]\ndays = 90", "[suspension]\ndays = 0", "figure", "0", "1 to 366 days"),
        (POLICY, "times = 2", "times = 200", "figure", "200", "1 to 20 times"),
        (POLICY, "attempts = 3\nhidden", "attempts = 0\nhidden", "figure", "0", "1 to 20 attempts"),
        (POLICY, "attempts = 3\nwitness", "attempts = 300\nwitness", "figure", "300", "1 to 20 attempts"),
        (POLICY, "near = \"P3D\"", "near = \"P3000D\"", "figure", "\"P3000D\"", "PT1H to P90D"),
        (POLICY, "days = 15\nsize", "days = 0\nsize", "figure", "0", "1 to 366 days"),
        (POLICY, "size = 20", "size = 2000000", "figure", "2000000", "1 to 1000 cases"),
        (POLICY, "notice = \"PT10M\"", "notice = \"P900D\"", "figure", "\"P900D\"", "PT1M to P30D"),
        (POLICY, "repeat_days = 90", "repeat_days = 90000", "figure", "90000", "1 to 1830 days"),
        (POLICY, "percent = 50", "percent = 500", "figure", "500", "1 to 100 percent"),
        (POLICY, "least = 3", "least = 1", "figure", "1", "2 to 1000 cases"),
        (POLICY, "until = \"18:00\"", "until = \"6 pm\"", "figure", "\"6 pm\"", "an hour such as"),
        (POLICY, "evidence = 1", "evidence = 1000", "figure", "1000", "0 to 100 pieces"),
        (POLICY, "below = 60", "below = 600", "figure", "600", "1 to 100 percent"),
        (POLICY, "red = 3", "red = 1000", "figure", "1000", "0 to 100 units"),
        (POLICY, "weight = 50", "weight = 5000000000", "figure", "5000000000", "-100 to 100"),
        (POLICY, "weight = 50", "weight = 0", "figure", "[list]", "other than 0"),
    ]);
}

#[test]
fn dates_have_an_offset_and_lie_in_our_time() {
    let from = "effective_from = 2021-01-01T00:00:00+08:00";
    each(&[
        (
            POLICY,
            from,
            "effective_from = 9999-12-31T23:59:59-08:00",
            "figure",
            "9999",
            "in the years 1949 to 2199",
        ),
        (POLICY, from, "effective_from = 2021-01-01T00:00:00", "figure", "2021", "an offset"),
        (POLICY, from, "effective_from = 2021-01-01", "figure", "2021", "+08:00"),
        (POLICY, from, "effective_from = \"2021-01-01\"", "figure", "\"2021", "without quotation marks"),
        (
            POLICY,
            "to = 2022-01-01T00:00:00+08:00",
            "to = 9999-01-01T00:00:00+08:00",
            "figure",
            "9999",
            "1949 to 2199",
        ),
        (
            CASES,
            "due = 2024-02-29T23:59:59+08:00",
            "due = 9999-12-31T23:59:59-08:00",
            "figure",
            "9999",
            "1949 to 2199",
        ),
    ]);
}

#[test]
fn nothing_is_blank_that_somebody_reads_or_that_is_a_name() {
    each(&[
        (POLICY, "id = \"danger-water\"", "id = \"\"", "blank", "\"\"", "`id` is empty"),
        (POLICY, "id = \"danger-water\"", "id = \"danger water\"", "bad-id", "\"danger water\"", "a to z"),
        (POLICY, "name = \"bazhou\"", "name = \"\"", "blank", "\"\"", "`name` is empty"),
        (POLICY, "version = \"2026.6\"", "version = \" \"", "blank", "\" \"", "`version` is empty"),
        (POLICY, "version = \"2026.6\"", "version = \"2026@3\"", "bad-id", "\"2026@3\"", "cannot be a code"),
        (POLICY, "basis = \"BZ-4\"", "basis = \"\"", "no-basis", "\"\"", "quotes no basis"),
        (POLICY, "basis = \"BZ-4\"", "basis = \"BZ\\u200b4\"", "invisible", "\"BZ", "nobody sees"),
        (
            POLICY,
            "unit = \"511902-discipline\"",
            "unit = \" 511902-discipline\"",
            "spaces",
            "\" 511902",
            "take out the space",
        ),
        (
            POLICY,
            "locales = [\"zh-CN\", \"en\"]",
            "locales = []",
            "empty-list",
            "[]",
            "`locales` is an empty list",
        ),
        (
            POLICY,
            "who = [\"owner\"]\nbasis = \"BZ-7\"",
            "who = []\nbasis = \"BZ-7\"",
            "empty-list",
            "[]",
            "`who`",
        ),
        (
            POLICY,
            "reasons = [\"litigation\",",
            "reasons = [\"appraisal\",",
            "duplicate",
            "\"appraisal\"",
            "twice",
        ),
        (CASES, "basis = \"", "basis = \"\" # \"", "no-basis", "\"\"", "quotes no basis"),
    ]);
}
