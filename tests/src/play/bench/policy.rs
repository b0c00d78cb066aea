//! Deciding a case by the larger pack, beside one change applied by Automerge in the same run.

use std::collections::BTreeMap;
use std::time::Instant;

use doorstep_policy::{Cause, FieldView, Pack, Projection, decide, embedded_bazhou};
use doorstep_protocol::Hash;
use doorstep_protocol::documents::{Edit, Kind, edit_at, genesis::new_document};

use super::Row;

const CASES: usize = 2_000;
const CATEGORIES: [&str; 6] = ["water", "roads", "health", "dispute", "conduct", "other"];
const SEVERITIES: [&str; 3] = ["light", "medium", "heavy"];

pub(super) fn rows() -> Result<Vec<Row>, String> {
    let pack = Pack::load(&embedded_bazhou()).map_err(|problems| format!("{problems:?}"))?;
    let decided = deciding(&pack)?;
    Ok(vec![Row::new("policy: intake and settled decision of one case", (decided, "us"), applying()?)])
}

/// Microseconds for the two decisions that every case gets.
fn deciding(pack: &Pack) -> Result<f64, String> {
    let villages: Vec<String> = pack.units().filter(|u| u.code.len() == 12).map(|u| u.code.clone()).collect();
    let registered_at = jiff::Timestamp::from_second(1_740_000_000).map_err(|error| error.to_string())?;
    let case = |n: usize| {
        let field = |name: &str, value: &str| (name.to_owned(), FieldView::Is(value.to_owned()));
        let fields = BTreeMap::from([
            field("category", CATEGORIES[n % CATEGORIES.len()]),
            field("severity", SEVERITIES[n % SEVERITIES.len()]),
            field("place", &villages[n % villages.len()]),
        ]);
        Projection {
            kind: "case".into(),
            fields,
            author_unit: Some(villages[0].clone()),
            registered_at,
            ..Projection::default()
        }
    };
    let cases: Vec<Projection> = (0..CASES).map(case).collect();
    let from = Instant::now();
    for case in &cases {
        let intake = decide(pack, case, &[], Cause::Intake, registered_at);
        let intake = intake.map_err(|refused| refused.to_string())?.ok_or("intake decides")?;
        let digest = case.digest(pack.reads());
        decide(pack, case, &[intake], Cause::Settled { digest }, registered_at)
            .map_err(|refused| refused.to_string())?
            .ok_or("a settled case is decided")?;
    }
    Ok(micros(from))
}

/// Microseconds for applying one change of one field to a case of ten changes.
fn applying() -> Result<f64, String> {
    let actor = [7; 16];
    let mut doc = new_document(Kind::Case);
    let mut last = None;
    for n in 0..10 {
        let heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
        let edit = Edit::Put { field: "place".into(), value: Some(format!("51190210523{n}")) };
        let before = doc.clone();
        let change = edit_at(&mut doc, Kind::Case, &heads, (&actor, 1_740_000_000_000 + n), &[edit])
            .map_err(|error| error.to_string())?
            .ok_or("the edit changes nothing")?;
        last = Some((before, change));
    }
    let (before, change) = last.ok_or("ten changes were made")?;
    let mut docs: Vec<_> = (0..CASES).map(|_| before.clone()).collect();
    let from = Instant::now();
    for doc in &mut docs {
        doc.apply_changes([change.clone()]).map_err(|error| error.to_string())?;
    }
    Ok(micros(from))
}

fn micros(from: Instant) -> f64 {
    (from.elapsed().as_secs_f64() * 1e7 / CASES as f64).round() / 10.0
}
