//! Edits to changes: one where it fits, several where the gate's bounds ask for it.
//!
//! Never stores. A part follows the part before it, under the same actor.

use automerge::{Automerge, Change};
use doorstep_protocol::documents::view::fields;
use doorstep_protocol::documents::{Edit, EditError, Kind, Table, edit_at};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash};
use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

/// What an edit led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    /// The document.
    #[serde(rename = "id")]
    pub document: DocumentId,
    /// The changes, in order. None where the document already said so.
    pub hashes: Vec<Hash>,
    /// The document's heads.
    pub heads: Vec<Hash>,
}

/// One change with its intent.
pub(super) struct Part {
    pub(super) change: Change,
    pub(super) intent: Vec<Edit>,
    pub(super) base: Vec<Hash>,
}

/// Where and as whom changes are made.
pub(super) struct Place<'a> {
    pub(super) kind: Kind,
    pub(super) doc: &'a mut Automerge,
    pub(super) actor: [u8; 16],
    pub(super) now: Millis,
}

impl Place<'_> {
    /// Makes the edits at these heads. On an error the document may have some of them: throw it away.
    pub(super) fn make(&mut self, heads: Vec<Hash>, edits: Vec<Edit>) -> Result<Vec<Part>, EditError> {
        let mut parts = Vec::new();
        self.commit(heads, edits, &mut parts)?;
        Ok(parts)
    }

    /// Returns where the next part goes.
    fn commit(
        &mut self,
        heads: Vec<Hash>,
        mut edits: Vec<Edit>,
        parts: &mut Vec<Part>,
    ) -> Result<Vec<Hash>, EditError> {
        match edit_at(self.doc, self.kind, &heads, (&self.actor, self.now), &edits) {
            Ok(None) => Ok(heads),
            Ok(Some(change)) => {
                let next = vec![change.hash().into()];
                parts.push(Part { change, intent: edits, base: heads });
                Ok(next)
            }
            Err(error @ (EditError::TooLarge { .. } | EditError::TooLong { .. })) => {
                let second = match edits.len() {
                    0 | 1 => {
                        let edit = edits.pop().ok_or(EditError::UnknownHeads)?;
                        let (first, second) = self.halves(&heads, edit).ok_or(error)?;
                        edits.push(first);
                        vec![second]
                    }
                    n => edits.split_off(n / 2),
                };
                let between = self.commit(heads, edits, parts)?;
                self.commit(between, second, parts)
            }
            Err(error) => Err(error),
        }
    }

    /// One edit of a text as two: a long deletion in halves, what is inserted with the last.
    fn halves(&self, heads: &[Hash], edit: Edit) -> Option<(Edit, Edit)> {
        let (field, at, delete, insert) = match edit {
            Edit::Splice { field, at, delete, insert } => (field, at, delete, insert),
            Edit::SetText { field, text } => {
                let (at, delete, insert) = difference(&self.text_at(heads, &field)?, &text);
                (field, at, delete, insert)
            }
            _ => return None,
        };
        let half = delete.div_ceil(2);
        let splice = |delete, insert| Edit::Splice { field: field.clone(), at, delete, insert };
        (delete > 0).then(|| (splice(half, String::new()), splice(delete - half, insert.clone())))
    }

    fn text_at(&self, heads: &[Hash], field: &str) -> Option<String> {
        let heads: Vec<_> = heads.iter().map(|hash| automerge::ChangeHash::from(*hash)).collect();
        let fork = self.doc.fork_at(&heads).ok()?;
        let shown = fields(self.kind, &fork, &Table::default());
        Some(shown.get(field).and_then(|text| text.as_str()).unwrap_or_default().to_owned())
    }
}

/// The graphemes before the first difference, those that go, and what takes their place.
fn difference(old: &str, new: &str) -> (usize, usize, String) {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.graphemes(true).collect(), new.graphemes(true).collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    (start, old.len() - start - end, new[start..new.len() - end].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_keeps_what_both_texts_share() {
        assert_eq!(difference("冰沟很深", "冰沟不深"), (2, 1, "不".into()));
        assert_eq!(difference("aa", "a"), (1, 1, String::new()));
        assert_eq!(difference("", "新"), (0, 0, "新".into()));
    }
}
