//! Measurements beside their baselines, in one run on one machine.
//!
//! Bytes hold anywhere; rates are those of this machine, so each has its baseline measured beside it.

mod desk;
mod evening;
mod first_sync;
mod fleet;
mod floor;
mod growth;
mod held;
mod idle;
mod ingest;
mod made;
mod page;
mod peers;
mod policy;
mod raw;
mod reconnect;
mod usage;

use comfy_table::Table;
use serde::Serialize;

pub use made::{Author, Made};
pub use page::page;

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// What it is held against, in the same unit.
    pub baseline: f64,
    /// value / baseline.
    pub ratio: f64,
    /// For a reconnect: the documents held and changed.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub at: Option<Point>,
    /// Whose it is, where it was not measured in this run but before, and published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<&'static str>,
}

/// Where a reconnect stands in the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Documents held.
    pub held: usize,
    /// Of them changed since the last time.
    pub changed: usize,
}

impl Row {
    fn new(name: &str, (value, unit): (f64, &'static str), baseline: f64) -> Self {
        let ratio = (value / baseline * 10_000.0).round() / 10_000.0;
        Row { name: name.into(), value, unit, baseline, ratio, at: None, peer: None }
    }

    fn at(self, held: usize, changed: usize) -> Self {
        Row { at: Some(Point { held, changed }), ..self }
    }
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Minutes: what shows that nothing has become worse.
    Short,
    /// As the targets say: up to a million cases.
    Full,
}

type Bench = fn(Size) -> Result<Vec<Row>, String>;

const ALL: [(&str, Bench); 9] = [
    ("peers", |_| Ok(peers::rows())),
    ("reconnect", reconnect::rows),
    ("first-sync", first_sync::rows),
    ("idle", idle::rows),
    ("ingest", |_| ingest::rows()),
    ("evening", evening::rows),
    ("growth", growth::rows),
    ("policy", |_| policy::rows()),
    ("desk", desk::rows),
];

/// Whether there are such measurements; if not, which there are.
pub fn check(names: &[String]) -> Result<(), String> {
    let Some(unknown) = names.iter().find(|name| ALL.iter().all(|(known, _)| known != name)) else {
        return Ok(());
    };
    let known = ALL.map(|(name, _)| name).join(", ");
    Err(format!("there is no measurement {unknown:?}; there are {known}"))
}

/// Runs the named measurements, or all.
pub fn run(names: &[String], size: Size) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (name, bench) in
        ALL.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name))
    {
        eprintln!("{name} ...");
        rows.extend(bench(size)?);
    }
    Ok(rows)
}

/// The rows for people.
pub fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.set_header(["measurement", "value", "unit", "baseline", "ratio"]);
    for row in rows {
        let number = |value: f64| format!("{value:.0}");
        table.add_row([
            row.name.clone(),
            number(row.value),
            row.unit.into(),
            number(row.baseline),
            format!("{:.4}", row.ratio),
        ]);
    }
    table.to_string()
}
