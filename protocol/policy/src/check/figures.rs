//! The figures of a pack against what each may be.
//!
//! Owns the comparing, for all figures alike; what is allowed is in `limits`. Never knows what a figure is for.

use jiff::{SignedDuration, Timestamp};
use toml::de::DeValue;
use toml::value::Datetime;

use super::document::Entry;
use crate::clock::{beijing_date, parse_duration};
use crate::limits::{Figure, YEARS};
use crate::problem::{Problem, Source};
use crate::said::{Said, said};

/// Reports every figure that is not what it may be, and every number that nobody has bounded.
pub(super) fn check(
    entries: &[Entry<'_>],
    figures: &[(&str, Figure)],
    source: Source<'_>,
    problems: &mut Vec<Problem>,
) {
    for entry in entries {
        let figure = figures.iter().find(|(path, _)| entry.is(path)).map(|(_, figure)| *figure);
        match (figure, entry.value) {
            (Some(figure), value) => {
                let Err(wrong) = fits(figure, value, source.text.get(entry.span.clone()).unwrap_or(""))
                else {
                    continue;
                };
                problems.push(source.at(entry.span.clone(), "figure", wrong.with("key", entry.key)));
            }
            (None, DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_)) => {
                let said = said("unknown-figure").with("key", entry.key);
                problems.push(source.at(entry.span.clone(), "unknown-figure", said));
            }
            _ => {}
        }
    }
}

/// Says what is wrong with a value; `written` is how it stands in the file.
fn fits(figure: Figure, value: &DeValue<'_>, written: &str) -> Result<(), Said> {
    let is = |what: Said| what.with("written", short(written));
    match figure {
        Figure::Whole(least, most, of) => {
            let is = |what| is(what).with("least", least).with("most", most).word("of", of);
            let DeValue::Integer(number) = value else { return Err(is(said("figure-not-whole"))) };
            let digits = number.as_str().replace('_', "");
            // What does not even read is too large.
            match i64::from_str_radix(&digits, number.radix()) {
                Ok(n) if (least..=most).contains(&n) => Ok(()),
                _ => Err(is(said("figure-whole"))),
            }
        }
        Figure::Time(least, most) => {
            let is = |what| is(what).with("least", least).with("most", most);
            let time = value.as_str().and_then(parse_duration);
            let Some(time) = time else { return Err(is(said("figure-not-time"))) };
            if length(least) <= time && time <= length(most) {
                return Ok(());
            }
            Err(is(said("figure-time")))
        }
        Figure::Along(most) => {
            let is = |what| is(what).with("most", most);
            let wrong = || Err(is(said("figure-not-along")));
            let Some((percent, after)) = value.as_str().and_then(|text| text.split_once('%')) else {
                return wrong();
            };
            let along = percent.parse::<u8>().is_ok_and(|percent| (1..=100).contains(&percent));
            match after.strip_prefix('+').map(parse_duration) {
                None if along && after.is_empty() => Ok(()),
                Some(Some(time)) if percent == "100" && time <= length(most) => Ok(()),
                Some(Some(_)) if percent == "100" => Err(is(said("figure-along"))),
                _ => wrong(),
            }
        }
        Figure::Hour => match value.as_str().map(str::parse::<jiff::civil::Time>) {
            Some(Ok(_)) => Ok(()),
            _ => Err(is(said("figure-hour"))),
        },
        Figure::Moment => {
            let (first, last) = YEARS;
            moment(value.as_datetime()).map_err(|what| is(what).with("first", first).with("last", last))
        }
    }
}

fn moment(written: Option<&Datetime>) -> Result<(), Said> {
    let Some(written) = written else { return Err(said("figure-moment")) };
    if written.offset.is_none() || written.date.is_none() || written.time.is_none() {
        return Err(said("figure-moment-part"));
    }
    let (first, last) = YEARS;
    let year = written.to_string().parse::<Timestamp>().map(|at| beijing_date(at).year());
    if year.is_ok_and(|year| (first..=last).contains(&year)) {
        return Ok(());
    }
    Err(said("figure-moment-year"))
}

/// A bound, which is written by us.
fn length(text: &str) -> SignedDuration {
    parse_duration(text).unwrap_or_default()
}

/// A value as it is written, cut where it is long.
fn short(written: &str) -> String {
    const MOST: usize = 40;
    let line = written.lines().next().unwrap_or("");
    if line.chars().count() <= MOST && line.len() == written.len() {
        return line.to_owned();
    }
    format!("{}…", line.chars().take(MOST).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{EXAMPLE_FIGURES, POLICY_FIGURES};
    use crate::said::Texts;

    #[test]
    fn bounds_read_and_are_in_order() {
        for (path, figure) in POLICY_FIGURES.iter().chain(EXAMPLE_FIGURES) {
            match figure {
                Figure::Whole(least, most, of) => assert!(least < most && !of.0.is_empty(), "{path}"),
                Figure::Time(least, most) => {
                    let read = (parse_duration(least), parse_duration(most));
                    assert!(read.0.is_some() && read.0 < read.1, "{path}: {read:?}");
                    // What a remedy proposes is let in wherever it is proposed.
                    for language in crate::said::LANGUAGES {
                        let said = said("figure-time").with("key", path).with("written", "");
                        let (_, remedy) =
                            said.with("least", "").with("most", "").in_words(Texts::of(language));
                        let words = remedy.split(|c: char| !c.is_ascii_alphanumeric());
                        for such in words.filter_map(parse_duration) {
                            assert!(read.0 <= Some(such) && Some(such) <= read.1, "{path}: {such:?}");
                        }
                    }
                }
                Figure::Along(most) => assert!(parse_duration(most).is_some(), "{path}"),
                Figure::Hour | Figure::Moment => {}
            }
        }
    }
}
