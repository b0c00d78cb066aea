//! What is told to addresses outside: which decisions, in which words, signed how. Nothing is sent here.
//!
//! A letter says codes, units and times, and leads to the desk: no title, no name, no number of a person, and nothing at all
//! of what lies in a compartment, was erased, or is about a unit that the address stands for. It is made when it is sent,
//! from what is so then. Signatures follow Standard Webhooks: the id of a letter follows from address, case and number of
//! the decision, so that whoever receives one can tell whether it has come before, whatever happened to this centre.

use data_encoding::BASE64;
use doorstep_policy::{Decision, Directive, Pack};
use doorstep_protocol::ids::Millis;
use hmac::{Hmac, KeyInit, Mac};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use super::strings::{Lang, Strings};
use crate::clock::rfc3339;
use crate::limits;
use crate::pipeline::{Centre, restored, timestamp};
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

/// What is written down where a restored store does not know whether it was told.
const RESTORED: &str = "restored";

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
    /// With what letters are signed: with each, so that a secret can be changed without losing one. Unsigned without any.
    pub secrets: Vec<Vec<u8>>,
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
        let named = |unit: &String| self.units.contains(unit);
        self.events.contains(&decision.directive)
            && (self.units.is_empty() || decision.unit.iter().chain(&decision.co_units).any(named))
    }

    /// Nothing leaves about what lies in a compartment, what was erased, what nobody has decided yet, and what is about a
    /// unit to which the address belongs, even where that unit is the one to handle it: a group reads what the robot says.
    fn may_tell(&self, row: &CaseRow, decision: &Decision, pack: Option<&Pack>) -> bool {
        let Some(audience) = &row.audience else { return false };
        let subjects = decision.projection.field("subject").values();
        let named = |name: &str| row.concerned.contains(name) || subjects.iter().any(|s| s.trim() == name);
        let is_about = |code: &String| {
            let names = pack.into_iter().flat_map(|pack| pack.units()).filter(|unit| unit.code == *code);
            let mut names = names.map(|unit| unit.name.as_str()).chain([code.as_str()]);
            let people = decision.projection.subject_units.contains(code);
            people || audience.excluded_units.contains(code) || names.any(named)
        };
        row.erased.is_none() && audience.compartment.is_none() && !self.units.iter().any(is_about)
    }

    /// Notes what this address is to be told of what was committed since. One that is new begins with what comes now.
    /// Returns whether there may be more.
    ///
    /// A restored store does not know what its address was told after the backup. So what was open in it, and what was
    /// decided as of a time before it was restored (given back or decided anew), is written down as not known and is not
    /// told: a person can have it sent again.
    pub async fn gather<S: Store>(&self, centre: &Centre<S>) -> Kept<bool> {
        let (store, epoch) = (&**centre.store(), centre.epoch());
        let known =
            store.setting(&self.key()).await?.and_then(|text| serde_json::from_str::<Read>(&text).ok());
        let Some(read) = known else {
            let seq = store.head(&self.district).await?;
            return self.note(store, Vec::new(), Read { epoch, seq }).await.map(|()| false);
        };
        if read.epoch != epoch {
            self.leave_open(store).await?;
        }
        let feed = store.feed(&self.district, read.seq, limits::HOOK_FEED_ROWS).await?;
        let Some(last) = feed.last().map(|row| row.seq) else {
            if read.epoch != epoch {
                self.note(store, Vec::new(), Read { epoch, ..read }).await?;
            }
            return Ok(false);
        };
        let mut documents: Vec<_> = feed.iter().map(|row| row.document).collect();
        documents.sort_unstable();
        documents.dedup();
        let decided = store.decided(documents.clone(), read.seq, last).await?;
        let cases = store.rows_of(documents).await?;
        let (restored, erased) = (restored(store).await?, store.erasures().await?);
        let packs = centre.packs();
        let pack = packs.of(&self.district, centre.now()).map(|pack| &**pack);
        let mut rows = Vec::new();
        for (document, decision) in decided.into_iter().filter(|(_, decision)| self.wants(decision)) {
            let at = decision.at.as_millisecond();
            // What was decided on an erased case is decided again on its successor: it was told.
            let again = erased.iter().any(|erased| erased.successor == document && at <= erased.at);
            if again || !cases.get(&document).is_some_and(|case| self.may_tell(case, &decision, pack)) {
                continue;
            }
            let lost = restored.is_some_and(|restored| at <= restored);
            rows.push(DeliveryRow {
                id: 0,
                hook: self.name.clone(),
                district: self.district.clone(),
                document,
                n: decision.n,
                event: decision.directive.code().to_owned(),
                at,
                standing: if lost { Standing::Unknown } else { Standing::Waiting },
                tries: 0,
                due: centre.now(),
                said: if lost { RESTORED.into() } else { String::new() },
            });
        }
        let more = feed.len() == limits::HOOK_FEED_ROWS;
        self.note(store, rows, Read { epoch, seq: last }).await.map(|()| more)
    }

    /// What was open when the backup was taken may have been told since.
    async fn leave_open<S: Store>(&self, store: &S) -> Kept<()> {
        for row in store.open_deliveries(Some(&self.name), Millis::MAX, usize::MAX).await? {
            let was = row.standing;
            let row = DeliveryRow { standing: Standing::Unknown, said: RESTORED.into(), ..row };
            store.put_delivery(row, was).await?;
        }
        Ok(())
    }

    async fn note<S: Store>(&self, store: &S, rows: Vec<DeliveryRow>, read: Read) -> Kept<()> {
        store.add_deliveries(rows, (self.key(), serde_json::to_string(&read)?)).await
    }

    /// The letter of a delivery, as things stand now; nothing where it may not be told any more.
    pub async fn letter<S: Store>(&self, centre: &Centre<S>, row: &DeliveryRow) -> Kept<Option<Letter>> {
        let Some(case) = centre.store().row(row.document).await? else { return Ok(None) };
        let packs = centre.packs();
        let decided = centre.store().decided(vec![row.document], 0, u64::MAX).await?;
        let Some((_, decision)) = decided.into_iter().find(|(_, one)| one.n == row.n) else {
            return Ok(None);
        };
        if !self.may_tell(&case, &decision, packs.of(&self.district, centre.now()).map(|pack| &**pack)) {
            return Ok(None);
        }
        let body = self.body(centre, (&case, row), &decision);
        let headers = self.signed(&format!("{}_{}_{}", self.name, row.document, row.n), centre.now(), &body);
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
        let own = strings.district(&self.district, Lang::Zh);
        let word =
            |id: &str| own.and_then(|own| own.get(id, &[])).or_else(|| desk.get(id, &[])).unwrap_or_default();
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
        let signature = |secret: &Vec<u8>| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length is a key");
            mac.update(format!("{id}.{at}.{body}").as_bytes());
            format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
        };
        if !self.secrets.is_empty() {
            let signatures: Vec<String> = self.secrets.iter().map(signature).collect();
            headers.push(("webhook-signature", signatures.join(" ")));
        }
        headers
    }
}

/// When the next attempt is due after `tries` that failed, and not before the address asked for; nothing: it is given up.
pub fn retry(tries: u32, now: Millis, not_before: Option<Millis>) -> Option<Millis> {
    let wait = limits::HOOK_WAITS_MS.get(usize::try_from(tries).ok()?.checked_sub(1)?)?;
    Some((now + wait).max(not_before.unwrap_or(now)))
}

/// Until when a `Retry-After` asks to be left alone: seconds, or a date (RFC 9110, 10.2.3). Nothing where it is neither, or
/// past; no longer than is granted.
pub fn retry_after(text: &str, now: Millis) -> Option<Millis> {
    let text = text.trim();
    let seconds = || text.parse::<u32>().ok().map(|seconds| now + i64::from(seconds) * 1000);
    let date = || jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp().as_millisecond());
    let until = seconds().or_else(date).filter(|until| *until > now)?;
    Some(until.min(now + limits::HOOK_RETRY_AFTER_MS))
}
