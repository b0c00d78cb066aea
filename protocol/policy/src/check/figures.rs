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
                let message = format!("`{}` {wrong}", entry.key);
                problems.push(source.at(entry.span.clone(), "figure", message, &remedy(figure)));
            }
            (None, DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_)) => {
                let message = format!("`{}` is no figure that is known here", entry.key);
                let remedy = "remove it; the packs that ship show every entry";
                problems.push(source.at(entry.span.clone(), "unknown-figure", message, remedy));
            }
            _ => {}
        }
    }
}

/// Says what is wrong with a value; `written` is how it stands in the file.
fn fits(figure: Figure, value: &DeValue<'_>, written: &str) -> Result<(), String> {
    match figure {
        Figure::Whole(least, most, of) => {
            let DeValue::Integer(number) = value else {
                return Err(format!("is {}, not a whole number", short(written)));
            };
            let digits = number.as_str().replace('_', "");
            // What does not even read is too large.
            match i64::from_str_radix(&digits, number.radix()) {
                Ok(n) if (least..=most).contains(&n) => Ok(()),
                _ => Err(format!("is {}; {least} to {most} {of} are allowed", short(written))),
            }
        }
        Figure::Time(least, most) => {
            let time = value.as_str().and_then(parse_duration);
            let Some(time) = time else {
                return Err(format!("is {}, not a length of time", short(written)));
            };
            if length(least) <= time && time <= length(most) {
                return Ok(());
            }
            Err(format!("is {}; {least} to {most} is allowed", short(written)))
        }
        Figure::Along(most) => {
            let wrong = || Err(format!("is {}, not a time on a ladder", short(written)));
            let Some((percent, after)) = value.as_str().and_then(|text| text.split_once('%')) else {
                return wrong();
            };
            let along = percent.parse::<u8>().is_ok_and(|percent| (1..=100).contains(&percent));
            match after.strip_prefix('+').map(parse_duration) {
                None if along && after.is_empty() => Ok(()),
                Some(Some(time)) if percent == "100" && time <= length(most) => Ok(()),
                Some(Some(_)) if percent == "100" => {
                    Err(format!("is {}; at most {most} after the due time is allowed", short(written)))
                }
                _ => wrong(),
            }
        }
        Figure::Hour => match value.as_str().map(str::parse::<jiff::civil::Time>) {
            Some(Ok(_)) => Ok(()),
            _ => Err(format!("is {}, not an hour of the day", short(written))),
        },
        Figure::Moment => {
            moment(value.as_datetime()).map_err(|what| format!("is {}, {what}", short(written)))
        }
    }
}

fn moment(written: Option<&Datetime>) -> Result<(), String> {
    let Some(written) = written else {
        return Err("not a date and time (write it without quotation marks)".into());
    };
    if written.offset.is_none() || written.date.is_none() || written.time.is_none() {
        return Err("not a date, a time and an offset".into());
    }
    let (first, last) = YEARS;
    let year = written.to_string().parse::<Timestamp>().map(|at| beijing_date(at).year());
    if year.is_ok_and(|year| (first..=last).contains(&year)) {
        return Ok(());
    }
    Err(format!("which is not in the years {first} to {last}"))
}

fn remedy(figure: Figure) -> String {
    match figure {
        Figure::Whole(least, most, of) => format!("write a whole number from {least} to {most} ({of})"),
        Figure::Time(least, most) => {
            format!("write a length of time from {least} to {most}, such as PT30M, PT12H or P3D")
        }
        Figure::Along(most) => {
            format!(
                "write \"1%\" to \"100%\", or \"100%+\" and a length of time up to {most}, such as \"100%+P3D\""
            )
        }
        Figure::Hour => "write an hour such as \"17:00\"".into(),
        Figure::Moment => {
            let (first, last) = YEARS;
            format!("write it like 2025-03-03T10:00:00+08:00, in the years {first} to {last}")
        }
    }
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

    #[test]
    fn bounds_read_and_are_in_order() {
        for (path, figure) in POLICY_FIGURES.iter().chain(EXAMPLE_FIGURES) {
            match figure {
                Figure::Whole(least, most, of) => assert!(least < most && !of.is_empty(), "{path}"),
                Figure::Time(least, most) => {
                    let read = (parse_duration(least), parse_duration(most));
                    assert!(read.0.is_some() && read.0 < read.1, "{path}: {read:?}");
                }
                Figure::Along(most) => assert!(parse_duration(most).is_some(), "{path}"),
                Figure::Hour | Figure::Moment => {}
            }
        }
    }
}
