//! Volumes: how many cases come when, how many of them are closed by the cut-off, and what was published of that.
//!
//! Owns the file's form and its checks. Those that ship are in `deploy/scenarios`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use doorstep_policy::Pack;
use doorstep_protocol::documents::schema::{SEVERITY, URGENCY};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value as Json, json};

const SHIPPED: [(&str, &str); 4] = [
    ("S-BZ-4Y", include_str!("../../../../deploy/scenarios/S-BZ-4Y.toml")),
    ("S-BZ-APR", include_str!("../../../../deploy/scenarios/S-BZ-APR.toml")),
    ("S-BZ-ST", include_str!("../../../../deploy/scenarios/S-BZ-ST.toml")),
    ("S-ZL", include_str!("../../../../deploy/scenarios/S-ZL.toml")),
];

/// A scenario's numbers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Volumes {
    pub(super) scenario: String,
    /// `bazhou`, which is built in, or a pack's folder.
    pub(super) pack: String,
    pub(super) seed: u64,
    /// What is decided later does not count; the run ends here.
    pub(super) cutoff: Timestamp,
    #[serde(rename = "span", default)]
    pub(super) spans: Vec<Span>,
    #[serde(default)]
    pub(super) visits: Vec<Visits>,
    #[serde(default)]
    pub(super) published: Vec<Published>,
    /// Field to value to weight.
    #[serde(default)]
    pub(super) weights: BTreeMap<String, BTreeMap<String, u32>>,
    #[serde(default)]
    pub(super) course: Course,
}

/// Cases that come within some days.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    /// The first day.
    pub(super) from: Date,
    /// The first day after it.
    pub(super) to: Date,
    pub(super) collected: u64,
    /// Of these, closed by the cut-off.
    pub(super) resolved: u64,
    /// All of one category; drawn by weight otherwise.
    pub(super) category: Option<String>,
    /// Of these, leads that are filed as cases of discipline.
    #[serde(default)]
    pub(super) filed: u64,
    /// Of those, for which somebody is punished.
    #[serde(default)]
    pub(super) punished: u64,
}

/// Rounds of visits of one mode, and what they come to in all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Visits {
    pub(super) mode: String,
    /// The first day.
    pub(super) from: Date,
    /// The first day after it.
    pub(super) to: Date,
    pub(super) rounds: u32,
    pub(super) leaders: u32,
    pub(super) teams: Vec<String>,
    /// The coverage plan whose villages are visited.
    pub(super) plan: Option<String>,
    /// So many towns; 0: as it comes.
    pub(super) towns: u32,
    pub(super) villages: u32,
    pub(super) households: u32,
    pub(super) people: u32,
    pub(super) firms: u32,
    pub(super) problems: u32,
    pub(super) rectified: u32,
}

/// Of a thousand cases that are resolved, how many take another course.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Course {
    /// Not verified at first.
    pub(super) verified_twice: u32,
    /// Closed, and opened again by the person's answer.
    pub(super) not_satisfied: u32,
    /// Closed without the person.
    pub(super) unusual: u32,
}

/// A figure as the district published it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Published {
    pub(super) measure: String,
    pub(super) cohort: String,
    pub(super) numerator: u64,
    pub(super) denominator: Option<u64>,
    pub(super) percent: Option<f64>,
    #[serde(skip)]
    pub(super) cutoff: String,
}

impl Published {
    pub(super) fn json(&self) -> Json {
        json!({
            "measure": self.measure, "cohort": self.cohort, "cutoff": self.cutoff,
            "numerator": self.numerator, "denominator": self.denominator, "percent": self.percent,
        })
    }
}

impl Volumes {
    /// The shipped volumes of a scenario, or those of a file.
    pub(super) fn of(id: &str, file: Option<&Path>) -> Result<Volumes, String> {
        let text = match file {
            Some(path) => fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?,
            None => shipped(id)?.to_owned(),
        };
        let mut volumes: Volumes = toml::from_str(&text).map_err(|error| format!("volumes: {error}"))?;
        if volumes.scenario != id {
            return Err(format!("these volumes are of {}, not of {id}", volumes.scenario));
        }
        let cutoff = volumes.cutoff.to_string();
        volumes.published.iter_mut().for_each(|one| one.cutoff.clone_from(&cutoff));
        volumes.check().map(|()| volumes)
    }

    fn check(&self) -> Result<(), String> {
        for span in &self.spans {
            let Span { from, to, collected, resolved, .. } = span;
            if from >= to || from.year() != to.yesterday().map_err(|e| e.to_string())?.year() {
                return Err(format!("the span from {from} to {to} must lie in one year and not be empty"));
            }
            let led = span.category.as_deref() == Some("conduct")
                && span.punished <= span.filed
                && span.filed <= *collected;
            if span.filed > 0 && !led {
                return Err(format!("from {from}: what is filed is of a span of category \"conduct\""));
            }
            if resolved > collected {
                return Err(format!("from {from}: {resolved} resolved of {collected} collected"));
            }
        }
        for field in
            ["category", "channel", "severity", "urgency"].into_iter().filter(|_| !self.spans.is_empty())
        {
            let sum: u32 = self.weights.get(field).into_iter().flat_map(BTreeMap::values).sum();
            if sum == 0 {
                return Err(format!("the weights of {field} are missing, or all are 0"));
            }
        }
        Ok(())
    }

    /// Whether every value that is drawn is one of the pack's, or of the schema's: a slip of the pen would be a case that
    /// nobody counts.
    pub(super) fn fits(&self, pack: &Pack) -> Result<(), String> {
        for (field, weights) in &self.weights {
            let known: Vec<&str> = match field.as_str() {
                "category" => categories(pack),
                // A pack need not name its channels.
                "channel" if pack.channels().next().is_none() => continue,
                "channel" => pack.channels().collect(),
                "severity" => SEVERITY.to_vec(),
                "urgency" => URGENCY.to_vec(),
                _ => {
                    let fields = "category, channel, severity, urgency";
                    return Err(format!(
                        "weights of {field:?}: nothing of that name is drawn; there are {fields}"
                    ));
                }
            };
            if let Some(value) = weights.keys().find(|value| !known.contains(&value.as_str())) {
                let known = known.join(", ");
                return Err(format!(
                    "the weights of {field} name {value:?}, which there is not; there are {known}"
                ));
            }
        }
        let strange =
            |span: &&Span| span.category.as_ref().is_some_and(|of| !categories(pack).contains(&of.as_str()));
        match self.spans.iter().find(strange) {
            None => Ok(()),
            Some(span) => {
                let (from, known) = (span.from, categories(pack).join(", "));
                let category = span.category.as_deref().unwrap_or_default();
                Err(format!("from {from}: there is no category {category:?}; there are {known}"))
            }
        }
    }

    /// The first day on which anything comes.
    pub(super) fn first_day(&self) -> Option<Date> {
        let spans = self.spans.iter().map(|span| span.from);
        spans.chain(self.visits.iter().map(|visits| visits.from)).min()
    }

    /// Every number of cases times this, rounded. Visits stay as they are: they are few.
    pub(super) fn scale(&mut self, scale: f64) -> Result<(), String> {
        if !(scale > 0.0 && scale <= 100.0) {
            return Err(format!("a scale is above 0 and at most 100; {scale} is not"));
        }
        for span in &mut self.spans {
            let times = |count: u64| (count as f64 * scale).round() as u64;
            span.collected = times(span.collected);
            span.resolved = times(span.resolved).min(span.collected);
            span.filed = times(span.filed).min(span.collected);
            span.punished = times(span.punished).min(span.filed);
        }
        Ok(())
    }

    /// What these volumes make of a figure: numerator and denominator, where they say so.
    pub(super) fn expected(&self, published: &Published, pack: &Pack) -> Option<(u64, u64)> {
        let by_time =
            ["year", "campaign"].map(|name| published.cohort.split_once('=').is_some_and(|(n, _)| n == name));
        if published.cohort != "all" && by_time == [false, false] {
            return None;
        }
        let of: Vec<&Span> = self.spans.iter().filter(|span| is_in(span, &published.cohort, pack)).collect();
        let collected = of.iter().map(|span| span.collected).sum();
        let resolved: u64 = of.iter().map(|span| span.resolved).sum();
        match published.measure.as_str() {
            "collected" => Some((collected, collected)),
            "resolved" => Some((resolved, collected)),
            "open" => Some((collected - resolved, collected)),
            "filed" => Some((of.iter().map(|span| span.filed).sum(), collected)),
            "punished" => Some((of.iter().map(|span| span.punished).sum(), collected)),
            _ => None,
        }
    }
}

fn categories(pack: &Pack) -> Vec<&str> {
    pack.categories().iter().map(|category| category.code.as_str()).collect()
}

fn is_in(span: &Span, cohort: &str, pack: &Pack) -> bool {
    let midnight = |day: Date| day.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    match cohort.split_once('=') {
        None => true,
        Some(("year", year)) => year.parse() == Ok(span.from.year()),
        Some(("campaign", id)) => midnight(span.from).is_ok_and(|from| {
            let from = from.timestamp();
            pack.campaigns().any(|campaign| campaign.id == id && campaign.from <= from && from < campaign.to)
        }),
        Some(_) => false,
    }
}

fn shipped(id: &str) -> Result<&'static str, String> {
    let found = SHIPPED.iter().find(|(known, _)| *known == id).map(|(_, text)| *text);
    let known: Vec<&str> = SHIPPED.iter().map(|(known, _)| *known).collect();
    found.ok_or_else(|| format!("there is no scenario {id}; there are {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use doorstep_policy::embedded_bazhou;

    use super::*;

    #[test]
    fn weights_name_what_the_pack_has_and_a_slip_of_the_pen_is_told() {
        let pack = Pack::load(&embedded_bazhou()).expect("it loads");
        let volumes = Volumes::of("S-BZ-4Y", None).expect("it ships");
        assert_eq!(volumes.fits(&pack), Ok(()));
        for field in ["category", "channel", "severity", "urgency"] {
            let mut slip = volumes.clone();
            slip.weights.get_mut(field).expect("weights").insert("watr".into(), 16);
            let said = slip.fits(&pack).expect_err("there is no such value");
            assert!(said.contains(field) && said.contains("\"watr\""), "{said}");
            let known = volumes.weights[field].keys().next().expect("a value");
            assert!(said.contains(known.as_str()), "{said}");
        }
        let mut slip = volumes.clone();
        slip.weights.insert("colour".into(), BTreeMap::new());
        assert!(slip.fits(&pack).is_err_and(|said| said.contains("\"colour\"")));
        let mut slip = volumes;
        slip.spans[0].category = Some("watr".into());
        assert!(slip.fits(&pack).is_err_and(|said| said.contains("2021-01-01") && said.contains("water")));
    }
}
