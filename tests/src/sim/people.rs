//! What people do, on devices and at the desk. Every edit carries a token of its own in the log, so that
//! its fate can be told whatever becomes of its bytes.

use doorstep_client::replica::EditFailure;
use doorstep_client::store::{StoreError, immediate};
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::{Edit, Kind};
use doorstep_protocol::wire::ActOutcome;
use doorstep_server::pipeline::DeskError;
use doorstep_server::store::Query;

use super::events::{HOUR, Sim};
use crate::harness::{CENTRE, DISTRICT, NEIGHBOUR, Stop, VILLAGE, WATER, put};

const CATEGORIES: [&str; 6] = ["water", "roads", "housing", "facilities", "dispute", "other"];
const COMMANDS: [&str; 6] = ["accept", "claim", "return", "refer", "group", "ungroup"];

impl Sim {
    /// Somebody does something on their device, connected or not.
    pub(super) fn work(&mut self, device: usize) {
        if self.posts[device].dead || self.posts[device].gone {
            return;
        }
        let items = immediate(self.posts[device].handset.replica.list(None)).expect("memory reads");
        let case = (!items.is_empty()).then(|| self.rng.pick(&items).id);
        match (self.rng.below(20), case) {
            (0..=4, _) | (_, None) => self.new_document(device),
            (5, Some(case)) => self.command(device, case),
            (6, Some(case)) => self.checkout(device, case),
            (7, Some(case)) => self.review_on_the_device(device, case),
            (8, Some(case)) => {
                let shown =
                    immediate(self.posts[device].handset.replica.show(case)).expect("listed, so shown");
                self.posts[device].form = Some((case, shown.heads));
            }
            (9, Some(_)) => self.save_form(device),
            (_, Some(case)) => self.edit(device, case),
        }
    }

    fn token(&mut self) -> String {
        self.tokens += 1;
        format!("<{}>", self.tokens)
    }

    /// Some fields, and the token.
    fn edits(&mut self) -> (Vec<Edit>, String) {
        let token = self.token();
        let mut edits = vec![put("log", &token)];
        let edit = match self.rng.below(10) {
            0 | 1 => put("category", self.rng.word(&CATEGORIES)),
            2 => put("place", self.rng.word(&[VILLAGE, NEIGHBOUR])),
            3 => put("severity", self.rng.word(&["medium", "heavy"])),
            4 if self.rng.one_in(3) => put("urgency", self.rng.word(&["soon", "urgent", "danger"])),
            5 if self.rng.one_in(3) => {
                let named = self.rng.below(self.posts.len());
                put("subject", &self.posts[named].handset.person.name.clone())
            }
            6 if self.rng.one_in(6) => put("category", "conduct"),
            7 => put("category", ""),
            6 => put("outcome", self.rng.word(&["已疏通", "无人在家", "已转交"])),
            8 => put("description", self.rng.word(&["水沟堵了。", "水沟堵了，下雨就满。", "看过了。"])),
            _ => put("contact_phone", self.rng.word(&["13500000001", "13500000002", ""])),
        };
        edits.push(edit);
        (edits, token)
    }

    fn new_document(&mut self, device: usize) {
        let token = self.token();
        let mut edits = vec![put("log", &token), put("title", "一件事"), put("place", VILLAGE)];
        let kind = if self.rng.one_in(8) { Kind::Visit } else { Kind::Case };
        if kind == Kind::Case {
            edits.push(put("category", self.rng.word(&CATEGORIES)));
            edits.push(put("severity", self.rng.word(&["light", "light", "medium"])));
        }
        let made = immediate(self.posts[device].handset.replica.new_document(kind, edits));
        self.made(device, token, made.map(|_| ()));
    }

    fn save_form(&mut self, device: usize) {
        let Some((case, heads)) = self.posts[device].form.take() else { return };
        let (edits, token) = self.edits();
        let made = self.posts[device].handset.edit_at(case, &heads, edits);
        self.made(device, token, made.map(|_| ()));
    }

    /// What was made is owed for ever; what was not made must be nowhere.
    fn made(&mut self, device: usize, token: String, made: Result<(), EditFailure>) {
        match made {
            Ok(()) => drop(self.checks.tokens.insert(token)),
            Err(EditFailure::Store(StoreError::Failed(_))) => self.stopped_at_work(device),
            Err(
                failure @ (EditFailure::Unreadable(_) | EditFailure::Store(_) | EditFailure::NotEnrolled),
            ) => {
                self.checks.fail(9, &format!("device {device} cannot edit: {failure}"));
            }
            Err(_) => {}
        }
    }

    fn stopped_at_work(&mut self, device: usize) {
        if let Some(id) = self.posts[device].on
            && let Some(wire) = self.wires.get_mut(&id)
        {
            wire.line.abandon();
        }
        self.stopped(device, &Stop::Crashed);
    }

    fn command(&mut self, device: usize, case: DocumentId) {
        let name = *self.rng.pick(&COMMANDS);
        let unit = *self.rng.pick(&[WATER, VILLAGE, NEIGHBOUR]);
        let args = [("unit", unit), ("reason", "现场核实")];
        let done = self.posts[device].handset.act(case, name, &args);
        self.nothing_made(device, &done.map(|_| ()));
    }

    fn checkout(&mut self, device: usize, case: DocumentId) {
        use doorstep_client::Source;
        let hours = self.rng.between(1, 30);
        let replica = &mut self.posts[device].handset.replica;
        let meta = immediate(doorstep_client::Store::meta(replica.store())).expect("memory reads");
        let until = replica.source().now() + meta.offset + hours * HOUR;
        let done = immediate(replica.checkout(vec![case], until));
        self.nothing_made(device, &done.map(|_| ()));
    }

    /// Workers may neither resolve nor lower: the centre refuses it, in the middle of what else they do.
    /// Reviewers with devices may.
    fn review_on_the_device(&mut self, device: usize, case: DocumentId) {
        let shown = immediate(self.posts[device].handset.replica.show(case)).expect("listed, so shown");
        let handset = &mut self.posts[device].handset;
        let done = match shown.conflicts.first() {
            Some(conflict) => {
                let side = self.rng.below(conflict.sides.len());
                let value = conflict.sides[side].value.clone().unwrap_or_default();
                let args = [("field", conflict.field), ("value", value.as_str()), ("reason", "我看见的")];
                handset.act(case, "resolve", &args)
            }
            None => handset.act(case, "lower", &[("field", "severity"), ("to", "light"), ("reason", "不重")]),
        };
        self.nothing_made(device, &done.map(|_| ()));
        if !self.posts[device].dead {
            self.edit(device, case);
        }
    }

    fn edit(&mut self, device: usize, case: DocumentId) {
        let (edits, token) = self.edits();
        let made = self.posts[device].handset.edit(case, edits);
        self.made(device, token, made.map(|_| ()));
    }

    fn nothing_made(&mut self, device: usize, done: &Result<(), EditFailure>) {
        if matches!(done, Err(EditFailure::Store(StoreError::Failed(_)))) {
            self.stopped_at_work(device);
        }
    }

    /// A reviewer resolves what was shown a while ago, or what stands now, and opens another form.
    pub(super) fn review(&mut self) {
        let node = self.rng.below(2);
        let centre = &self.world.nodes[node];
        if let Some((case, field, heads)) = self.form.take() {
            let resolution = doorstep_server::pipeline::Resolution {
                value: Some(if field == "place" { VILLAGE.into() } else { "water".into() }),
                reason: "电话核实".into(),
                heads: self.rng.one_in(2).then_some(heads),
                ..Default::default()
            };
            let late = resolution.heads.is_some();
            match immediate(centre.resolve(&self.reviewer, (case, &field), resolution)) {
                Ok(hash) => {
                    let name = if late { "late_resolution" } else { "resolution" };
                    *self.faults.entry(name).or_default() += 1;
                    self.checks.acked(case, [hash]);
                }
                Err(DeskError::Store(error)) if !self.failing => {
                    self.checks.fail(9, &format!("a resolution failed: {error}"));
                }
                Err(_) => {}
            }
        }
        let Ok(open) = immediate(centre.conflicts(&self.reviewer, 20)) else { return };
        if open.is_empty() {
            return;
        }
        let view = self.rng.pick(&open);
        let field = view.conflicts.first().map(|conflict| conflict.field.clone());
        self.form = field.map(|field| (view.row.document, field, view.heads.clone()));
    }

    /// Somebody at the desk edits a case or gives a command.
    pub(super) fn desk(&mut self) {
        let node = self.rng.below(2);
        let who = if self.rng.one_in(2) { self.clerk.clone() } else { self.reviewer.clone() };
        let query =
            Query { district: DISTRICT.into(), kind: Some(Kind::Case), limit: 50, ..Query::default() };
        let rows = immediate(self.world.nodes[node].list(&who, query)).expect("memory reads");
        if rows.is_empty() {
            return;
        }
        let case = self.rng.pick(&rows).document;
        if self.rng.one_in(2) {
            let name = *self.rng.pick(&COMMANDS);
            let unit = *self.rng.pick(&[WATER, VILLAGE, NEIGHBOUR, CENTRE]);
            let lead = self.rng.pick(&rows).document;
            self.desk_command(node, (&who, case), (name, unit, lead));
            return;
        }
        let Ok(view) = immediate(self.world.nodes[node].view(&who, case)) else { return };
        let (edits, token) = self.edits();
        match immediate(self.world.nodes[node].desk_edit(&who, case, &view.heads, &edits)) {
            Ok(hash) => {
                self.checks.tokens.insert(token);
                self.checks.acked(case, [hash]);
            }
            Err(DeskError::Store(error)) if !self.failing => {
                self.checks.fail(9, &format!("an edit at the desk failed: {error}"));
            }
            Err(_) => {}
        }
    }
}

impl Sim {
    fn desk_command(
        &mut self,
        node: usize,
        (who, case): (&doorstep_server::store::Person, DocumentId),
        (name, unit, lead): (&str, &str, DocumentId),
    ) {
        let mut id = [0; 16];
        self.rng.fill(&mut id);
        let args = vec![
            ("unit".to_owned(), unit.to_owned()),
            ("reason".to_owned(), "台账".to_owned()),
            ("lead".to_owned(), lead.to_string()),
        ];
        let command = doorstep_protocol::wire::Command {
            id,
            document: case,
            name: name.into(),
            args,
            made: self.world.now(),
        };
        let done = immediate(self.world.nodes[node].act(who, command));
        match done {
            Ok(ActOutcome::Decided { .. }) if name == "group" => self.fault("grouped"),
            Ok(ActOutcome::Decided { .. }) if name == "ungroup" => self.fault("ungrouped"),
            Err(error) if !self.failing => self.checks.fail(9, &format!("a command failed: {error}")),
            _ => {}
        }
    }
}
