//! Questions to the index, and their answers.

use doorstep_protocol::DocumentId;
use doorstep_protocol::ids::Millis;

use super::{Gist, Tag};
use crate::store::CaseRow;

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// As they came in, newest first.
    #[default]
    Registered,
    /// What is due first, first; only what somebody has to do.
    Due,
    /// What changed last, first.
    Updated,
}

/// What words must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// This word or tag.
    Word(String),
    /// A word that begins so.
    Prefix(String),
    /// All of them.
    All(Vec<Expr>),
    /// One of them.
    Any(Vec<Expr>),
}

impl Expr {
    /// Whether it holds of these words, in order.
    pub fn holds(&self, words: &[&str]) -> bool {
        match self {
            Expr::Word(word) => words.binary_search(&word.as_str()).is_ok(),
            Expr::Prefix(begin) => words.iter().any(|word| word.starts_with(begin.as_str())),
            Expr::All(all) => all.iter().all(|of| of.holds(words)),
            Expr::Any(any) => any.iter().any(|of| of.holds(words)),
        }
    }
}

/// Where a page ended: the value that orders its last row, and that row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// Due or updated; 0 in the order of registration.
    pub at: Millis,
    /// The row.
    pub document: DocumentId,
}

/// A question: of each group one tag, of `none` none, not all of `lacks`, the words, within the span.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// Division code.
    pub district: String,
    /// Of each group at least one.
    pub all: Vec<Vec<Tag>>,
    /// None of these.
    pub none: Vec<Tag>,
    /// Not all of these; where there are none, whatever.
    pub lacks: Vec<Tag>,
    /// And these words.
    pub words: Option<Expr>,
    /// Due at this time or later.
    pub due_from: Option<Millis>,
    /// Due before this time.
    pub due_before: Option<Millis>,
    /// In this order.
    pub order: Order,
    /// After this row.
    pub after: Option<After>,
    /// At most so many.
    pub limit: usize,
}

impl Ask {
    /// Only what is due within some span is wanted.
    pub fn is_spanned(&self) -> bool {
        self.due_from.is_some() || self.due_before.is_some()
    }

    /// Whether a document filed so answers, its words apart. `tags` are in order.
    pub fn holds(&self, tags: &[Tag], due: Option<Millis>) -> bool {
        let has = |tag: &Tag| tags.binary_search(tag).is_ok();
        self.all.iter().all(|group| group.iter().any(has))
            && !self.none.iter().any(has)
            && (self.lacks.is_empty() || !self.lacks.iter().all(has))
            && self.due_from.is_none_or(|from| due.is_some_and(|due| due >= from))
            && self.due_before.is_none_or(|before| due.is_some_and(|due| due < before))
            && (self.order != Order::Due || due.is_some())
    }
}

/// What is filed of a document that answers a question: enough to tell which narrower ones it answers, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// The document.
    pub document: DocumentId,
    /// By when somebody has to do something.
    pub due: Option<Millis>,
    /// Its tags, in order.
    pub tags: Vec<Tag>,
}

/// One row that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The materialised row.
    pub row: CaseRow,
    /// The gist beside it.
    pub gist: Gist,
    /// Where a page that ends here goes on.
    pub here: After,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// In the order asked for.
    pub hits: Vec<Hit>,
    /// There are rows beyond these.
    pub more: bool,
    /// More words matched than are put in order: those that came in last were.
    pub cut: bool,
}

/// How many there are, as far as somebody counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// So many were counted.
    pub counted: usize,
    /// Counting ended there.
    pub more: bool,
}
