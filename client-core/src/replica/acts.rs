//! Acts: lowering and resolving are edits with a reason; other names are commands for the centre.
//! Also signatures and checkouts.

use doorstep_protocol::documents::{Edit, Field, Record, View, signing};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::Command;
use doorstep_protocol::{DocumentId, Hash, limits};
use serde_json::json;

use super::hydrate::Document;
use super::{EditFailure, Made, Replica};
use crate::source::Source;
use crate::store::{HeldCheckout, Op, Store, Stored};

/// What a signature carries beside the signer's own word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seal {
    /// Hash of the attached photo of a signature on paper.
    pub paper: Option<Hash>,
    /// Who else saw it.
    pub witness: Option<String>,
}

/// What became of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acted {
    /// It was an edit.
    Edited(Made),
    /// It waits for the centre, under this id.
    Queued([u8; 16]),
}

/// The command that says which decision it was given after.
const REFER: &str = "refer";
/// The argument that does.
const SEEN: &str = "seen";

type Args = [(String, String)];

fn argument<'a>(
    command: &'static str,
    args: &'a Args,
    argument: &'static str,
) -> Result<&'a str, EditFailure> {
    let found = args.iter().find(|(name, _)| name == argument);
    found.map(|(_, value)| value.as_str()).ok_or(EditFailure::Missing { command, argument })
}

fn or_cleared(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

/// Number of the last decision of a case that this device knows of; 0: of none.
fn known(stored: &Stored) -> u32 {
    stored.decisions.iter().map(|decision| decision.n).max().unwrap_or(0)
}

impl<S: Store, R: Source> Replica<S, R> {
    /// Does `name` on a case: `lower` and `resolve` here and now, everything else at the centre.
    pub async fn act(
        &mut self,
        document: DocumentId,
        name: &str,
        args: Vec<(String, String)>,
    ) -> Result<Acted, EditFailure> {
        let edit = match name {
            "lower" => self.lowering(document, &args).await?,
            "resolve" => self.resolution(document, &args).await?,
            _ => return self.queue(document, name, args).await,
        };
        let (edit, heads) = edit;
        self.edit(document, Some(&heads), vec![edit]).await.map(Acted::Edited)
    }

    async fn seen(&self, id: DocumentId, name: &str) -> Result<(Document, Field), EditFailure> {
        let author = self.author().await?;
        let document = Document::shown(&self.editable(id).await?, &author)?;
        let unknown = || doorstep_protocol::documents::EditError::UnknownField {
            kind: document.kind.name(),
            field: name.chars().take(80).collect(),
        };
        let field = document.kind.field(name).ok_or_else(unknown)?;
        Ok((document, field))
    }

    async fn lowering(&self, id: DocumentId, args: &Args) -> Result<(Edit, Vec<Hash>), EditFailure> {
        let argument = |name| argument("lower", args, name);
        let (name, to, reason) = (argument("field")?, argument("to")?, argument("reason")?);
        let (document, field) = self.seen(id, name).await?;
        let stands = match document.table.view(field) {
            View::Is(value) => value,
            View::Unset | View::Disputed(_) => None,
        };
        let to = or_cleared(to);
        if field.severity(to.as_deref()) >= field.severity(stands.as_deref()) {
            let text = |value: Option<String>| value.unwrap_or_else(|| "nothing".into());
            return Err(EditFailure::NotLower { field: name.into(), from: text(stands), to: text(to) });
        }
        let record = Record::Lowering { field: name.into(), from: stands, to, reason: reason.into() };
        Ok((Edit::Record { record }, document.heads()))
    }

    async fn resolution(&self, id: DocumentId, args: &Args) -> Result<(Edit, Vec<Hash>), EditFailure> {
        let argument = |name| argument("resolve", args, name);
        let (name, value, reason) = (argument("field")?, argument("value")?, argument("reason")?);
        let (document, field) = self.seen(id, name).await?;
        let row = document.table.rows().remove(&field);
        let row = row.ok_or_else(|| EditFailure::NothingOpen(name.into()))?;
        let of = row.sides.into_keys().collect();
        let record =
            Record::Resolution { field: name.into(), of, value: or_cleared(value), reason: reason.into() };
        Ok((Edit::Record { record }, document.heads()))
    }

    async fn queue(
        &mut self,
        document: DocumentId,
        name: &str,
        args: Vec<(String, String)>,
    ) -> Result<Acted, EditFailure> {
        self.author().await?;
        let stored = self.editable(document).await?;
        let long = |(key, value): &(String, String)| {
            key.len() > 64 || value.chars().count() > limits::MAX_LINE_CHARS
        };
        if name.len() > 64 || args.len() > limits::MAX_COMMAND_ARGS || args.iter().any(long) {
            return Err(EditFailure::CommandTooLarge);
        }
        let (id, made) = (self.source.bytes(), self.source.now());
        let mut args = args;
        if name == REFER && args.iter().all(|(key, _)| key != SEEN) {
            // What this device knew of the case: another referral may be under way that it has not heard of.
            let last = Some(known(&stored)).filter(|n| *n > 0);
            args.extend(last.map(|n| (SEEN.to_owned(), n.to_string())));
        }
        let command = Command { id, document, name: name.into(), args, made };
        self.store.apply(vec![Op::Command(command)]).await?;
        Ok(Acted::Queued(id))
    }

    /// Appends a signature in `role` over what the document says now: the matter, its outcome, the evidence.
    pub async fn sign(&mut self, id: DocumentId, role: &str, seal: Seal) -> Result<Made, EditFailure> {
        if role.trim().is_empty() {
            return Err(EditFailure::Missing { command: "sign", argument: "role" });
        }
        let meta = self.store.meta().await?;
        let author = self.author().await?;
        let stored = self.editable(id).await?;
        let document = Document::shown(&stored, &author)?;
        let fields =
            doorstep_protocol::documents::view::fields(document.kind, &document.doc, &document.table);
        let identity = meta.identity.ok_or(EditFailure::NotEnrolled)?;
        let at = self.source.now().saturating_add(author.offset);
        let item = signing::Item {
            role: role.to_owned(),
            worker: identity.worker.to_string(),
            unit: identity.unit,
            by_role: identity.role,
            projection: signing::PROJECTION,
            digest: signing::current(&fields),
            paper: seal.paper,
            witness: seal.witness,
            seen: Some(known(&stored)),
        };
        let item = item.written(&identity.name, Some(&super::read::rfc3339(at)));
        let edit = Edit::Append { field: "signatures".into(), item };
        let heads = document.heads();
        self.edit(id, Some(&heads), vec![edit]).await
    }

    /// Writes down what the person said at a callback: at the door, with no network.
    pub async fn answered(
        &mut self,
        id: DocumentId,
        answer: &str,
        note: Option<&str>,
    ) -> Result<Made, EditFailure> {
        let meta = self.store.meta().await?;
        let author = self.author().await?;
        let known = known(&self.editable(id).await?);
        let identity = meta.identity.ok_or(EditFailure::NotEnrolled)?;
        let at = self.source.now().saturating_add(author.offset);
        let mut item = json!({
            "answer": answer,
            "by": identity.name,
            "worker": identity.worker.to_string(),
            "unit": identity.unit,
            "at": super::read::rfc3339(at),
            "seen": known,
        });
        if let Some(note) = note {
            item["note"] = json!(note);
        }
        let edit = Edit::Append { field: signing::CALLBACK.into(), item: item.to_string() };
        self.edit(id, None, vec![edit]).await
    }

    /// Asks the centre not to decide on these cases until `until`: they are about to be visited.
    pub async fn checkout(
        &mut self,
        documents: Vec<DocumentId>,
        until: Millis,
    ) -> Result<HeldCheckout, EditFailure> {
        let author = self.author().await?;
        let now = self.source.now().saturating_add(author.offset);
        if until <= now || until - now > limits::MAX_CHECKOUT_MS {
            return Err(EditFailure::CheckoutUntil);
        }
        for document in &documents {
            self.editable(*document).await?;
        }
        let live = self.store.checkouts().await?.into_iter().filter(|checkout| checkout.until > now).count();
        if live >= limits::MAX_CHECKOUTS || documents.len() > limits::MAX_CHECKOUT_DOCUMENTS {
            return Err(EditFailure::CheckoutTooLarge);
        }
        let checkout = HeldCheckout { id: self.source.bytes(), documents, until, announced: 0 };
        self.store.apply(vec![Op::Checkout(checkout.clone())]).await?;
        Ok(checkout)
    }

    /// Ends all checkouts; the centre hears of it in the next session. Returns how many ended.
    pub async fn checkin(&mut self) -> Result<usize, EditFailure> {
        let held = self.store.checkouts().await?;
        self.store.apply(held.iter().map(|checkout| Op::EndCheckout(checkout.id)).collect()).await?;
        Ok(held.len())
    }
}
