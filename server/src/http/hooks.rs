//! What is told to addresses outside: which decisions, in which words, signed how. Nothing is sent here.
//!
//! A letter says codes, units and times, and leads to the desk: no title, no name, no number of a person, and nothing at all
//! of what lies in a compartment or was erased. It is made when it is sent, from what is so then. Signatures follow
//! Standard Webhooks 1.0: whoever receives one tells by its id whether it has come before.

use data_encoding::BASE64;
use doorstep_policy::{Decision, Directive};
use doorstep_protocol::ids::Millis;
use hmac::{Hmac, KeyInit, Mac};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use super::strings::{Lang, Strings};
use crate::clock::rfc3339;
use crate::limits;
use crate::pipeline::{Centre, timestamp};
use crate::store::deliveries::{DeliveryRow, Standing};
use crate::store::{CaseRow, Kept, Store};

/// What is told where nobody says otherwise: whose turn it became, and what is late.
pub const USUAL: [Directive; 10] = [
    Directive::Assign,
    Directive::Provisional,
    Directive::Refer,
    Directive::Entrust,
    Directive::Escalate,
    Directive::Return,
    Directive::Redo,
    Directive::Remind,
    Directive::Overdue,
    Directive::Urge,
];

/// What an address understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A program that reads JSON and knows what has come before by its id.
    Event,
    /// A robot of a WeCom group (企业微信群机器人).
    Wecom,
    /// A gateway for short messages, to fixed numbers.
    Sms,
}

impl Form {
    /// Whether a second telling does no harm.
    pub fn tells_twice(self) -> bool {
        self == Form::Event
    }
}

/// An address that the configuration names.
#[derive(Clone, Debug)]
pub struct Hook {
    /// Its name, in the journal and on the page.
    pub name: String,
    /// The district of which it is told.
    pub district: String,
    /// What it understands.
    pub form: Form,
    /// Where it is. May hold a key: never shown, never logged.
    pub url: String,
    /// With what letters are signed.
    pub secret: Option<Vec<u8>>,
    /// What it is told.
    pub events: Vec<Directive>,
    /// Of which units; of all, where none is named.
    pub units: Vec<String>,
    /// Numbers for short messages.
    pub to: Vec<String>,
    /// The desk's own address, for links.
    pub desk: Option<String>,
}

/// How far the feed was read for an address.
#[derive(Deserialize, Serialize)]
struct Read {
    epoch: u32,
    seq: u64,
}

/// Something to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Names and values, the media type apart.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

impl Hook {
    fn key(&self) -> String {
        format!("hooks/{}", self.name)
    }

    fn wants(&self, decision: &Decision) -> bool {
        let unit = decision.unit.as_deref().unwrap_or_default();
        self.events.contains(&decision.directive)
            && (self.units.is_empty() || self.units.iter().any(|known| known == unit))
    }

    /// Notes what this address is to be told of what was committed since. One that is new, or whose centre was restored
    /// since, begins with what comes now: what was told before cannot be known. Returns whether there may be more.
    pub async fn gather<S: Store>(&self, centre: &Centre<S>) -> Kept<bool> {
        let (store, epoch) = (&**centre.store(), centre.epoch());
        let known =
            store.setting(&self.key()).await?.and_then(|text| serde_json::from_str::<Read>(&text).ok());
        let Some(from) = known.filter(|read| read.epoch == epoch) else {
            let seq = store.head(&self.district).await?;
            return self.note(store, Vec::new(), Read { epoch, seq }).await.map(|()| false);
        };
        let feed = store.feed(&self.district, from.seq, limits::HOOK_FEED_ROWS).await?;
        let Some(last) = feed.last() else { return Ok(false) };
        let successors = store.erasures().await?;
        let mut documents: Vec<_> = feed.iter().map(|row| row.document).collect();
        documents.sort_unstable();
        documents.dedup();
        let mut rows = Vec::new();
        for document in documents {
            let Some(row) = store.row(document).await?.filter(may_be_told) else { continue };
            // What was decided on an erased case is decided again on its successor: it was told.
            let told =
                successors.iter().find(|erased| erased.successor == document).map_or(0, |erased| erased.at);
            let (_, decisions) = store.since(document, from.seq).await?;
            let new = decisions.into_iter().filter(|decided| decided.seq <= last.seq).map(|row| row.decision);
            let wanted = new.filter(|one| self.wants(one) && one.at.as_millisecond() > told);
            rows.extend(wanted.map(|decision| DeliveryRow {
                id: 0,
                hook: self.name.clone(),
                district: row.district.clone(),
                document,
                n: decision.n,
                event: decision.directive.code().to_owned(),
                at: decision.at.as_millisecond(),
                standing: Standing::Waiting,
                tries: 0,
                due: centre.now(),
                said: String::new(),
            }));
        }
        let more = feed.len() == limits::HOOK_FEED_ROWS;
        self.note(store, rows, Read { epoch, seq: last.seq }).await.map(|()| more)
    }

    async fn note<S: Store>(&self, store: &S, rows: Vec<DeliveryRow>, read: Read) -> Kept<()> {
        store.add_deliveries(rows, (self.key(), serde_json::to_string(&read)?)).await
    }

    /// The letter of a delivery, as things stand now; nothing where it may not be told any more.
    pub async fn letter<S: Store>(&self, centre: &Centre<S>, row: &DeliveryRow) -> Kept<Option<Letter>> {
        let Some(stored) = centre.store().load(row.document).await? else { return Ok(None) };
        if !may_be_told(&stored.row) {
            return Ok(None);
        }
        let found = stored.decisions.iter().map(|decided| &decided.decision).find(|one| one.n == row.n);
        let Some(decision) = found else { return Ok(None) };
        let body = self.body(centre, (&stored.row, row), decision);
        let headers = self.signed(&format!("{}.{}.{}", self.name, row.document, row.n), centre.now(), &body);
        Ok(Some(Letter { headers, body }))
    }

    fn body<S: Store>(
        &self,
        centre: &Centre<S>,
        (case, row): (&CaseRow, &DeliveryRow),
        decision: &Decision,
    ) -> String {
        let packs = centre.packs();
        let code = decision.unit.clone().unwrap_or_default();
        let pack = packs.of(&self.district, centre.now());
        let unit = pack.and_then(|pack| pack.unit(&code, timestamp(centre.now())));
        let unit = unit.map_or_else(|| code.clone(), |unit| unit.name.clone());
        let link =
            self.desk.as_ref().map(|desk| format!("{}/cases/{}", desk.trim_end_matches('/'), row.document));
        let due = decision.due.as_millisecond();
        if self.form == Form::Event {
            return json!({
                "type": format!("case.{}", row.event), "timestamp": rfc3339(row.at),
                "data": { "district": self.district, "case": row.document, "number": case.number(), "n": row.n,
                          "unit": code, "unit_name": unit, "step": decision.step, "due": rfc3339(due), "link": link },
            })
            .to_string();
        }
        let strings = Strings::of(&packs);
        let desk = strings.desk(Lang::Zh);
        let word = |id: &str| desk.get(id, &[]).unwrap_or_default();
        let due = timestamp(due).to_zoned(TimeZone::fixed(Offset::constant(8))).strftime("%Y-%m-%d %H:%M");
        let args = [
            ("what", word(&format!("directive-{}", row.event))),
            ("number", case.number()),
            ("whose", unit),
            ("step", word(&format!("step-{}", decision.step))),
            ("due", due.to_string()),
            ("link", link.unwrap_or_default()),
        ];
        let args: Vec<(&str, &str)> = args.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let text = desk.get("hook-text", &args).unwrap_or_default();
        match self.form {
            Form::Wecom => json!({"msgtype": "text", "text": {"content": text.trim()}}),
            _ => json!({"to": self.to, "text": text.trim()}),
        }
        .to_string()
    }

    fn signed(&self, id: &str, now: Millis, body: &str) -> Vec<(&'static str, String)> {
        let at = (now / 1000).to_string();
        let mut headers = vec![("webhook-id", id.to_owned()), ("webhook-timestamp", at.clone())];
        if let Some(secret) = &self.secret {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length is a key");
            mac.update(format!("{id}.{at}.{body}").as_bytes());
            let signature = BASE64.encode(&mac.finalize().into_bytes());
            headers.push(("webhook-signature", format!("v1,{signature}")));
        }
        headers
    }
}

/// Nothing leaves about what lies in a compartment, what was erased, and what nobody has decided yet.
fn may_be_told(row: &CaseRow) -> bool {
    row.erased.is_none() && row.audience.as_ref().is_some_and(|audience| audience.compartment.is_none())
}

/// When the next attempt is due after `tries` that failed; nothing: it is given up.
pub fn retry(tries: u32, now: Millis) -> Option<Millis> {
    let wait = limits::HOOK_WAITS_MS.get(usize::try_from(tries).ok()?.checked_sub(1)?)?;
    Some(now + wait)
}
