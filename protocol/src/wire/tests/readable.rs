//! Frames as JSON for people: fields by name, bytes as hex, ids as text.

use serde_json::{Value as Json, json};

use crate::wire::{Acked, ActOutcome, Brief, Down, Entry, Hello, Sent, Up, Welcome};

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}

/// Bytes of hex.
pub(super) fn unhex(text: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex digits");
    (0..text.len()).step_by(2).map(pair).collect()
}

/// What a device says.
pub(super) fn up(frame: &Up) -> Json {
    match frame {
        Up::Hello(frame) => json!({ "hello": hello(frame) }),
        Up::Push { document, changes } => {
            let changes: Vec<_> = changes.iter().map(|change| hex(change)).collect();
            json!({ "push": { "document": document, "changes": changes } })
        }
        Up::Act(command) => json!({ "act": {
            "id": hex(&command.id), "document": command.document, "name": command.name,
            "args": command.args, "made": command.made,
        } }),
        Up::Stored { cursor, purged } => json!({ "stored": { "cursor": hex(cursor), "purged": purged } }),
        Up::Return { document, changes, decisions } => {
            let changes: Vec<_> = changes.iter().map(sent).collect();
            let decisions: Vec<_> = decisions.iter().map(|decision| hex(decision)).collect();
            json!({ "return": { "document": document, "changes": changes, "decisions": decisions } })
        }
        Up::Returned => json!("returned"),
    }
}

fn hello(hello: &Hello) -> Json {
    let unsent = hello.unsent.iter().map(|a| json!({ "document": a.document, "hashes": a.hashes }));
    let checkouts = hello.checkouts.iter();
    let checkouts =
        checkouts.map(|c| json!({ "id": hex(&c.id), "documents": c.documents, "until": c.until }));
    let mut told = json!({
        "version": hello.version,
        "schema": hello.schema,
        "counter": hello.counter,
        "now": hello.now,
        "cursor": hello.cursor.as_ref().map(|cursor| hex(cursor)),
        "unsent": unsent.collect::<Vec<_>>(),
        "checkouts": checkouts.collect::<Vec<_>>(),
        "purged": hello.purged,
        "live": hello.live,
        "commands": hello.commands,
        "prefix": hello.prefix,
        "marks": hello.marks,
        "heard": hello.heard.as_ref().map(|heard| {
            let Acked { hash, made, received, receipt } = heard.acked;
            json!({ "document": heard.document, "hash": hash, "made": made, "received": received, "receipt": receipt })
        }),
    });
    if let Some(granted) = hello.granted {
        told["granted"] = json!(granted);
    }
    told
}

/// What the centre says.
pub(super) fn down(frame: &Down) -> Json {
    match frame {
        Down::Welcome(frame) => json!({ "welcome": welcome(frame) }),
        Down::Ack { push, without, facts, receipts } => {
            let facts = facts.iter();
            let facts = facts.map(|f| json!({ "count": f.count, "skew": f.skew, "received": f.received }));
            let facts: Vec<_> = facts.collect();
            json!({ "ack": { "push": push, "without": without, "facts": facts, "receipts": receipts } })
        }
        Down::Reject { document, changes } => {
            let changes = changes.iter();
            let changes = changes.map(|c| json!({ "hash": c.hash, "code": c.code, "message": c.message }));
            json!({ "reject": { "document": document, "changes": changes.collect::<Vec<_>>() } })
        }
        Down::Held { document, changes } => {
            let changes = changes.iter();
            let changes = changes.map(|c| json!({ "hash": c.hash, "code": c.code, "message": c.message }));
            json!({ "held": { "document": document, "changes": changes.collect::<Vec<_>>() } })
        }
        Down::Acted { id, outcome } => json!({ "acted": { "id": hex(id), "outcome": match outcome {
            ActOutcome::Decided { n } => json!({ "decided": { "n": n } }),
            ActOutcome::Refused { rule, message } => json!({ "refused": { "rule": rule, "message": message } }),
        } } }),
        Down::Page { cursor, entries, names, last } => {
            let names = names.iter().map(|n| json!({ "worker": n.worker, "name": n.name }));
            json!({ "page": {
                "cursor": hex(cursor),
                "entries": entries.iter().map(entry).collect::<Vec<_>>(),
                "names": names.collect::<Vec<_>>(),
                "last": last,
            } })
        }
        Down::Fault { code, message } => json!({ "fault": { "code": code, "message": message } }),
    }
}

fn welcome(welcome: &Welcome) -> Json {
    let limits = &welcome.limits;
    json!({
        "epoch": welcome.epoch,
        "scope": welcome.scope,
        "now": welcome.now,
        "limits": { "frame": limits.frame, "change": limits.change, "push": limits.push },
        "prefix": welcome.prefix,
        "last": welcome.last,
        "reoffer": welcome.reoffer,
    })
}

fn sent(sent: &Sent) -> Json {
    json!({
        "bytes": hex(&sent.bytes), "worker": sent.worker, "device": sent.device,
        "made": sent.made, "received": sent.received, "receipt": sent.receipt,
    })
}

fn brief(brief: &Brief) -> Json {
    json!({
        "n": brief.n, "epoch": brief.epoch, "at": brief.at, "due": brief.due, "rest": hex(&brief.rest),
    })
}

fn entry(entry: &Entry) -> Json {
    match entry {
        Entry::Document { document, grant, changes, decisions, settled, briefs } => {
            let changes = changes.iter().map(sent);
            json!({ "document": {
                "document": document,
                "grant": grant,
                "changes": changes.collect::<Vec<_>>(),
                "decisions": decisions.iter().map(|decision| hex(decision)).collect::<Vec<_>>(),
                "settled": settled.as_ref().map(|settled| hex(settled)),
                "briefs": briefs.as_ref().map(|briefs| briefs.iter().map(brief).collect::<Vec<_>>()),
            } })
        }
        Entry::Revoke { document } => json!({ "revoke": { "document": document } }),
    }
}
