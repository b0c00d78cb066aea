//! Finding: a question becomes one match on the index of words and tags.
//!
//! In the order of registration the match itself is the page: it is read from its end. By what is due or changed, few
//! matches are put in order; of many the order's own index is walked, and what does not match is passed over: the more
//! there are, the sooner a page is full. Either way who may see what is inside the question.

use std::collections::HashMap;

use doorstep_protocol::DocumentId;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::SqliteStore;
use super::columns::{clamped, each, id, ids};
use super::filing::{file, gist, unfiled, unpack};
use crate::finding::{After, Ask, Expr, Filed, Found, Gist, Hit, Mark, Order, Tag, Total, due};
use crate::limits;
use crate::store::Kept;
use crate::store::finding::Finding;

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The match, from its end.
    Stream,
    /// All matches, put in order; where there are more, those that came in last.
    Sort,
    /// The order's own index.
    Walk,
}

impl Finding for SqliteStore {
    async fn find(&self, ask: Ask) -> Kept<Found> {
        let mut reading = self.readers.begin().await?;
        let found = find(&mut reading, &ask).await?;
        reading.rollback().await?;
        Ok(found)
    }

    async fn count(&self, ask: Ask, limit: usize) -> Kept<Total> {
        let mut reading = self.readers.begin().await?;
        let total = count(&mut reading, &ask, limit).await?;
        reading.rollback().await?;
        Ok(total)
    }

    async fn gather(&self, ask: Ask, limit: usize) -> Kept<Option<Vec<Filed>>> {
        gather(&mut *self.readers.acquire().await?, &ask, limit).await
    }

    async fn hits(&self, documents: Vec<DocumentId>) -> Kept<Vec<Hit>> {
        hits(&mut *self.readers.acquire().await?, &documents).await
    }

    async fn unfiled(&self, after: Option<DocumentId>, limit: usize) -> Kept<Vec<DocumentId>> {
        unfiled(&mut *self.readers.acquire().await?, after, limit).await
    }

    async fn file(&self, document: DocumentId, gist: Gist) -> Kept<()> {
        let mut writing = self.begin().await?;
        file(&mut writing.connection, document, &gist).await?;
        writing.commit().await
    }
}

/// The rows that answer.
pub(super) async fn find(connection: &mut SqliteConnection, ask: &Ask) -> Kept<Found> {
    let (way, cut) = way(connection, ask).await?;
    let after = match ask.after {
        None => None,
        Some(after) => Some((after.at, number(connection, after).await?)),
    };
    let mut statement = page(ask, way, after);
    let rows = statement.build().fetch_all(connection).await?;
    let mut hits = each(&rows, |columns| {
        let (n, at): (i64, i64) = (columns.take()?, columns.take()?);
        let row = columns.case()?;
        let here = After { at, document: row.document };
        Ok(((at, n), Hit { row, gist: gist(columns)?.unwrap_or_default(), here }))
    })?;
    hits.sort_by_key(|(place, _)| *place);
    if ask.order != Order::Due {
        hits.reverse();
    }
    let more = hits.len() > ask.limit;
    hits.truncate(ask.limit);
    Ok(Found { hits: hits.into_iter().map(|(_, hit)| hit).collect(), more, cut })
}

/// Everything that answers, in one match.
async fn gather(connection: &mut SqliteConnection, ask: &Ask, limit: usize) -> Kept<Option<Vec<Filed>>> {
    let rows = gathering(ask, limit + 1).build().fetch_all(connection).await?;
    if rows.len() > limit {
        return Ok(None);
    }
    let mut found = each(&rows, |columns| {
        let (n, updated): (i64, i64) = (columns.take()?, columns.take()?);
        let (document, due) = (columns.document()?, columns.take()?);
        let filed = Filed { document, due, tags: unpack(columns.take()?) };
        let at = match ask.order {
            Order::Registered => 0,
            Order::Due => due.unwrap_or_default(),
            Order::Updated => updated,
        };
        Ok(((at, n), filed))
    })?;
    // The match knows nothing of spans.
    found.retain(|(_, filed)| ask.holds(&filed.tags, filed.due));
    found.sort_unstable_by_key(|(place, _)| *place);
    if ask.order != Order::Due {
        found.reverse();
    }
    Ok(Some(found.into_iter().map(|(_, filed)| filed).collect()))
}

/// `n, updated, document, due, tags` of the first matches.
fn gathering(ask: &Ask, limit: usize) -> QueryBuilder<Sqlite> {
    let mut statement = QueryBuilder::new(
        "SELECT l.n, l.updated, l.document, l.due, l.tags
         FROM (SELECT rowid AS n FROM found WHERE found MATCH ",
    );
    statement.push_bind(text(ask)).push(" LIMIT ").push_bind(clamped(limit as u64));
    statement.push(") f CROSS JOIN listed l ON l.n = f.n");
    statement
}

async fn hits(connection: &mut SqliteConnection, documents: &[DocumentId]) -> Kept<Vec<Hit>> {
    let rows = sqlx::query(
        "SELECT d.body, d.version, d.seq, l.keys, l.gist
         FROM documents d CROSS JOIN listed l ON l.document = d.document
         WHERE d.document IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(ids(documents))
    .fetch_all(connection)
    .await?;
    let found = each(&rows, |columns| {
        let row = columns.case()?;
        let here = After { at: due(&row).unwrap_or_default(), document: row.document };
        Ok((row.document, Hit { row, gist: gist(columns)?.unwrap_or_default(), here }))
    })?;
    let mut found: HashMap<DocumentId, Hit> = found.into_iter().collect();
    Ok(documents.iter().filter_map(|document| found.remove(document)).collect())
}

/// How many answer, up to a limit.
pub(super) async fn count(connection: &mut SqliteConnection, ask: &Ask, limit: usize) -> Kept<Total> {
    let way = if ask.is_spanned() { way(connection, ask).await?.0 } else { Way::Stream };
    let mut statement = counting(ask, way, limit + 1);
    let counted: i64 = statement.build_query_scalar().fetch_one(connection).await?;
    let counted = usize::try_from(counted).unwrap_or(0);
    Ok(Total { counted: counted.min(limit), more: counted > limit })
}

/// Few matches are sorted, many walked. With words there is nothing to walk by: then the newest are sorted.
async fn way(connection: &mut SqliteConnection, ask: &Ask) -> Kept<(Way, bool)> {
    if ask.order == Order::Registered && !ask.is_spanned() {
        return Ok((Way::Stream, false));
    }
    let whole = Ask { due_from: None, due_before: None, ..ask.clone() };
    let limit = limits::SORTED_MATCHES + 1;
    let matches: i64 =
        counting(&whole, Way::Stream, limit).build_query_scalar().fetch_one(connection).await?;
    let many = matches as usize >= limit;
    Ok(match (many, &ask.words) {
        (false, _) => (Way::Sort, false),
        (true, Some(_)) => (Way::Sort, true),
        (true, None) => (Way::Walk, false),
    })
}

async fn number(connection: &mut SqliteConnection, after: After) -> Kept<i64> {
    let n = sqlx::query_scalar("SELECT n FROM listed WHERE document = ?1").bind(id(&after.document));
    Ok(n.fetch_optional(connection).await?.unwrap_or(0))
}

/// One page and a row more. `n, at, body, version, seq, keys, gist`.
pub(super) fn page(ask: &Ask, way: Way, after: Option<(i64, i64)>) -> QueryBuilder<Sqlite> {
    let mut statement = QueryBuilder::new("WITH page AS (");
    let (at, direction) = match ask.order {
        Order::Registered => ("0", "DESC"),
        Order::Due => ("l.due", "ASC"),
        Order::Updated => ("l.updated", "DESC"),
    };
    statement.push("SELECT l.n AS n, ").push(at).push(" AS at");
    from(&mut statement, ask, way);
    if let Some((value, n)) = after {
        match (ask.order, way) {
            (Order::Registered, Way::Stream) => statement.push(" AND f.rowid < ").push_bind(n),
            (Order::Registered, _) => statement.push(" AND l.n < ").push_bind(n),
            (Order::Due, _) => {
                statement.push(" AND (l.due, l.n) > (").push_bind(value).push(", ").push_bind(n).push(")")
            }
            (Order::Updated, _) => {
                statement.push(" AND (l.updated, l.n) < (").push_bind(value).push(", ").push_bind(n).push(")")
            }
        };
    }
    statement.push(" ORDER BY ");
    match (ask.order, way) {
        (Order::Registered, Way::Stream) => statement.push("f.rowid DESC"),
        (Order::Registered, _) => statement.push("l.n DESC"),
        _ => statement.push(at).push(" ").push(direction).push(", l.n ").push(direction),
    };
    statement.push(" LIMIT ").push_bind(clamped(ask.limit as u64).saturating_add(1));
    statement.push(
        ") SELECT page.n, page.at, d.body, d.version, d.seq, l.keys, l.gist
         FROM page CROSS JOIN listed l ON l.n = page.n CROSS JOIN documents d ON d.document = l.document",
    );
    statement
}

/// How many, up to a limit.
pub(super) fn counting(ask: &Ask, way: Way, limit: usize) -> QueryBuilder<Sqlite> {
    let mut statement = QueryBuilder::new("SELECT count(*) FROM (SELECT 1");
    if way == Way::Stream && !ask.is_spanned() && ask.order != Order::Due {
        statement.push(" FROM found f WHERE f.found MATCH ").push_bind(text(ask));
    } else {
        from(&mut statement, ask, way);
    }
    statement.push(" LIMIT ").push_bind(clamped(limit as u64)).push(")");
    statement
}

/// The tables and conditions of a question.
fn from(statement: &mut QueryBuilder<Sqlite>, ask: &Ask, way: Way) {
    match way {
        Way::Stream => {
            statement.push(" FROM found f CROSS JOIN listed l INDEXED BY listed_times ON l.n = f.rowid WHERE f.found MATCH ");
            statement.push_bind(text(ask));
        }
        Way::Sort => {
            statement.push(" FROM (SELECT rowid AS n FROM found WHERE found MATCH ").push_bind(text(ask));
            statement.push(" ORDER BY rowid DESC LIMIT ").push_bind(clamped(limits::SORTED_MATCHES as u64));
            statement.push(") f CROSS JOIN listed l INDEXED BY listed_times ON l.n = f.n WHERE true");
        }
        Way::Walk => {
            let index = if ask.order == Order::Updated { "listed_updated" } else { "listed_due" };
            statement.push(" FROM listed l INDEXED BY ").push(index).push(" WHERE l.district = ");
            statement.push_bind(ask.district.clone());
            walked(statement, ask);
        }
    }
    if let Some(from) = ask.due_from {
        statement.push(" AND l.due >= ").push_bind(from);
    }
    if let Some(before) = ask.due_before {
        statement.push(" AND l.due < ").push_bind(before);
    }
    if (ask.order == Order::Due || ask.is_spanned()) && way != Way::Stream {
        statement.push(" AND l.due IS NOT NULL");
    }
}

/// The tags of a question, looked for in the row's own.
fn walked(statement: &mut QueryBuilder<Sqlite>, ask: &Ask) {
    for group in &ask.all {
        statement.push(" AND (false");
        for tag in group {
            statement.push(" OR instr(l.tags, ").push_bind(tag.0.to_vec()).push(") > 0");
        }
        statement.push(")");
    }
    for tag in &ask.none {
        statement.push(" AND instr(l.tags, ").push_bind(tag.0.to_vec()).push(") = 0");
    }
    if !ask.lacks.is_empty() {
        statement.push(" AND (false");
        for tag in &ask.lacks {
            statement.push(" OR instr(l.tags, ").push_bind(tag.0.to_vec()).push(") = 0");
        }
        statement.push(")");
    }
}

/// A question as the index of words takes it. Every word is quoted, and none holds a quote.
fn text(ask: &Ask) -> String {
    let mut all: Vec<String> = ask.all.iter().map(|group| any(group)).collect();
    if ask.order == Order::Due || ask.is_spanned() {
        all.push(quoted(&Tag::of(&ask.district, Mark::Running, "").token()));
    }
    all.extend(ask.words.as_ref().map(worded));
    let all = all.join(" AND ");
    let mut not: Vec<String> = ask.none.iter().map(|tag| quoted(&tag.token())).collect();
    if !ask.lacks.is_empty() {
        let together: Vec<String> = ask.lacks.iter().map(|tag| quoted(&tag.token())).collect();
        not.push(format!("({})", together.join(" AND ")));
    }
    if not.is_empty() { all } else { format!("({all}) NOT ({})", not.join(" OR ")) }
}

fn any(tags: &[Tag]) -> String {
    let words: Vec<String> = tags.iter().map(|tag| quoted(&tag.token())).collect();
    format!("({})", words.join(" OR "))
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', ""))
}

fn worded(expr: &Expr) -> String {
    let joined = |all: &[Expr], with: &str| {
        let all: Vec<String> = all.iter().map(worded).collect();
        format!("({})", all.join(with))
    };
    match expr {
        Expr::Word(word) => quoted(word),
        Expr::Prefix(begin) => format!("{} *", quoted(begin)),
        Expr::All(all) => joined(all, " AND "),
        Expr::Any(any) => joined(any, " OR "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks() -> Vec<Ask> {
        let tag = |value: &str| Tag::of("east", Mark::Unit, value);
        let base = Ask {
            district: "east".into(),
            all: vec![vec![tag("a"), tag("b")], vec![tag("c")]],
            none: vec![tag("d")],
            lacks: vec![tag("e"), tag("f")],
            limit: 50,
            ..Ask::default()
        };
        let words = Expr::All(vec![Expr::Prefix("wab".into()), Expr::Word("水沟".into())]);
        let mut all = Vec::new();
        for order in [Order::Registered, Order::Due, Order::Updated] {
            for due_before in [None, Some(5)] {
                for words in [None, Some(words.clone())] {
                    all.push(Ask { order, due_before, words, ..base.clone() });
                }
            }
        }
        all
    }

    /// Nothing is read but by an index: a match on the words, a search, or a walk along an index of one district.
    #[tokio::test]
    async fn every_question_is_answered_by_an_index() {
        let folder = std::env::temp_dir().join(format!("doorstep-plans-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let store = SqliteStore::open(&folder.join("doorstep.db")).await.expect("opens");
        let mut connection = store.readers.acquire().await.expect("a connection");
        let mut seen = 0;
        for ask in asks() {
            // The order of registration is walked within a span only, and words not at all.
            let walked = (ask.order != Order::Registered || ask.is_spanned()) && ask.words.is_none();
            for way in [Some(Way::Stream), Some(Way::Sort), walked.then_some(Way::Walk)].into_iter().flatten()
            {
                for after in [None, Some((7, 7))] {
                    let page = page(&ask, way, after).into_string();
                    let counting = counting(&ask, way, 9).into_string();
                    let gathering = gathering(&ask, 9).into_string();
                    for text in [page, counting, gathering] {
                        let plan: Vec<(i64, i64, i64, String)> =
                            sqlx::query_as(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}")))
                                .fetch_all(&mut *connection)
                                .await
                                .expect("explains");
                        for (.., step) in plan {
                            let scans = step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE INDEX");
                            let ours = ["SCAN page", "SCAN f", "SCAN (subquery", "SCAN CONSTANT"];
                            assert!(!scans || ours.iter().any(|of| step.starts_with(of)), "{step}: {text}");
                            seen += 1;
                        }
                    }
                }
            }
        }
        assert!(seen > 100);
        std::fs::remove_dir_all(&folder).expect("goes");
    }
}
