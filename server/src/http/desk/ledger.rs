//! `/cases/ledger`: the lines of a list as a ledger, on paper and as XLSX, in the columns that every office keeps.
//!
//! Owns the columns. Numbers of people and telephones are masked here as everywhere; what is not the reader's is not in
//! it. Every cell of the file is text: nothing that somebody wrote is ever a formula.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorstep_protocol::WorkerId;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, XlsxError};

use super::filter::{Filter, KIND};
use super::frame::Frame;
use super::listed::{title, value};
use super::words::{When, Words};
use super::{Visitor, html};
use crate::finding::{Ask, Hit, due, stage};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::Params;
use crate::limits;
use crate::store::Store;

/// Id of each column, and how wide it is in the file, in characters.
const COLUMNS: [(&str, f64); 15] = [
    ("number", 18.0),
    ("date", 18.0),
    ("person", 12.0),
    ("contact", 15.0),
    ("place", 22.0),
    ("matter", 48.0),
    ("class", 12.0),
    ("unit", 24.0),
    ("worker", 10.0),
    ("due", 18.0),
    ("progress", 18.0),
    ("result", 32.0),
    ("satisfaction", 10.0),
    ("struck", 18.0),
    ("urgency", 8.0),
];

#[derive(Template)]
#[template(path = "ledger.html")]
struct Page<'a> {
    frame: Frame<'a>,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    printed: When,
    more: bool,
    query: String,
}

/// The ledger on paper.
pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(filter): Params<Filter>,
) -> Result<Response, Problem> {
    let query = filter.query();
    let here = format!("{}?{query}", visitor.here);
    let frame = Frame::new(&app, visitor.lang, &here, Some(&visitor.signed));
    let (rows, more) = rows(&app, &visitor, &filter, (&frame.w, limits::LEDGER_LINES)).await?;
    let columns = columns(&frame.w);
    let printed = frame.w.when(frame.w.now);
    html(StatusCode::OK, &Page { columns, rows, printed, more, query, frame })
}

/// The ledger as a file.
pub(super) async fn file<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(filter): Params<Filter>,
) -> Result<Response, Problem> {
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let (rows, more) = rows(&app, &visitor, &filter, (w, limits::LEDGER_ROWS)).await?;
    let note = more.then(|| w.with("ledger-cut", &[("n", &rows.len().to_string())]));
    let (columns, title) = (columns(w), w.t("ledger-title"));
    tracing::info!(rows = rows.len(), worker = %visitor.signed.person.worker, "a ledger was exported");
    let made = tokio::task::spawn_blocking(move || sheet(&title, &columns, &rows, note.as_deref())).await;
    let bytes = made.ok().and_then(Result::ok).ok_or_else(Problem::internal)?;
    let name = format!("attachment; filename=\"ledger-{}.xlsx\"", crate::finding::day(w.now));
    let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let headers = [(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, bytes).into_response())
}

fn columns(w: &Words<'_>) -> Vec<String> {
    COLUMNS.iter().map(|(id, _)| w.t(&format!("ledger-{id}"))).collect()
}

/// The lines of a filter, at most `limit`, and whether there are more.
async fn rows<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    filter: &Filter,
    (w, limit): (&Words<'_>, usize),
) -> Result<(Vec<Vec<String>>, bool), Problem> {
    let (centre, person) = (&app.centre, &visitor.signed.person);
    let people = centre.store().people(&person.district).await?;
    let people: BTreeMap<String, String> =
        people.into_iter().map(|person| (worker(person.worker), person.name)).collect();
    let typed = filter.typed(person, centre.keys());
    if typed.is_none() && !filter.q.trim().is_empty() {
        return Ok((Vec::new(), false));
    }
    let mut ask = filter.ask(person, typed.as_ref(), w);
    let mut rows = Vec::new();
    loop {
        ask.limit = limits::LEDGER_PAGE.min(limit - rows.len());
        let found = centre.find(person, KIND, Ask { ..ask.clone() }, typed.as_ref()).await?;
        ask.after = found.hits.last().map(|hit| hit.here);
        rows.extend(found.hits.iter().map(|hit| line(hit, &people, w)));
        if !found.more || found.hits.is_empty() || rows.len() >= limit {
            return Ok((rows, found.more));
        }
    }
}

fn worker(worker: WorkerId) -> String {
    worker.to_string()
}

/// One line, column by column.
fn line(hit: &Hit, people: &BTreeMap<String, String>, w: &Words<'_>) -> Vec<String> {
    let (row, gist, life) = (&hit.row, &hit.gist, &hit.row.life);
    let when = |at: jiff::Timestamp| w.when(at.as_millisecond()).plain();
    let matter = [title(row, w).plain(), gist.description.as_str()].join("\n").trim().to_owned();
    let closed = life.closed.map(|closed| {
        let how = w.named("how", closed.how.code());
        w.with("ledger-closed", &[("how", &how), ("when", &when(closed.at))])
    });
    let step = row.step.as_deref().map(|step| w.named("step", step)).unwrap_or_default();
    let progress = w.with("ledger-at", &[("stage", &w.t(&format!("stage-{}", stage(row)))), ("step", &step)]);
    vec![
        row.number(),
        w.when(row.registered).plain(),
        gist.person.clone(),
        gist.contact.clone(),
        value(row, "place", row.place.as_deref(), w).plain().to_owned(),
        matter,
        value(row, "category", row.category.as_deref(), w).plain().to_owned(),
        row.unit.as_deref().map(|unit| w.unit(unit)).unwrap_or_default(),
        life.worker.as_ref().and_then(|worker| people.get(worker)).cloned().unwrap_or_default(),
        due(row).map(|due| w.when(due).plain()).unwrap_or_default(),
        progress,
        gist.outcome.clone(),
        life.satisfaction.map(|answer| w.named("choice", answer.code())).unwrap_or_default(),
        closed.unwrap_or_else(|| w.t("ledger-not-closed")),
        row.urgency.as_deref().map(|urgency| w.named("urgency", urgency)).unwrap_or_default(),
    ]
}

/// Rows of text as a workbook.
fn sheet(
    title: &str,
    columns: &[String],
    rows: &[Vec<String>],
    note: Option<&str>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center);
    let cell = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_num_format("@");
    // What begins like a formula stays text also after somebody has edited the cell.
    let guarded = cell.clone().set_quote_prefix();
    let sheet = book.add_worksheet();
    sheet.set_name(title)?;
    sheet.set_landscape();
    sheet.set_paper_size(9);
    sheet.set_freeze_panes(1, 1)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_print_fit_to_pages(1, 0);
    for (at, (name, (_, width))) in (0u16..).zip(columns.iter().zip(COLUMNS)) {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(0, at, name, &head)?;
    }
    for (at, row) in (1u32..).zip(rows) {
        for (column, text) in (0u16..).zip(row) {
            let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
            sheet.write_string_with_format(at, column, text, if risky { &guarded } else { &cell })?;
        }
    }
    if let Some(note) = note {
        sheet.write_string(u32::try_from(rows.len()).unwrap_or(u32::MAX - 1) + 1, 0, note)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_text_and_numbers_keep_their_digits() {
        let row = ["=1+1", "510***********1234", "00123", "@x", "行\n行"].map(str::to_owned).to_vec();
        let columns: Vec<String> = COLUMNS.iter().map(|(id, _)| (*id).to_owned()).collect();
        let bytes = sheet("台账", &columns, &[row], Some("note")).expect("a workbook");
        assert!(bytes.starts_with(b"PK"), "an archive");
        // The sheet's own part is compressed; that no formula is made is what `write_string` promises.
        assert!(bytes.len() > 2_000);
    }
}
