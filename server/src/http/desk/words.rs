//! Codes, times and values in words, in one language and for one district.
//!
//! Owns how things are said; what is said is in the string files. Times are those of Beijing (+08:00).

use std::collections::BTreeMap;

use askama::Template;
use askama::filters::HtmlSafe;
use doorstep_policy::{Pack, basis_id};
use doorstep_protocol::documents::is_blank;
use doorstep_protocol::ids::Millis;
use jiff::tz::{Offset, TimeZone};

use crate::http::mask;
use crate::http::strings::{Bundle, Lang};
use crate::pipeline::timestamp;

const MINUTE_MS: Millis = 60_000;
const HOUR_MS: Millis = 60 * MINUTE_MS;
const DAY_MS: Millis = 24 * HOUR_MS;
/// A due time this close is near.
const NEAR_MS: Millis = 3 * DAY_MS;

/// What stands between the bases of one reason.
const JOINT: &str = "; ";

/// A time as people read it.
#[derive(Clone, Template)]
#[template(source = r#"<time datetime="{{ iso }}">{{ text }}</time>"#, ext = "html")]
pub(super) struct When {
    iso: String,
    text: String,
}
impl HtmlSafe for When {}

impl When {
    /// The same as plain text.
    pub(super) fn plain(&self) -> String {
        self.text.clone()
    }
}

/// A field's value in words, with its code beside it where it has one.
#[derive(Clone, Template)]
#[template(
    source = r#"{% if unset %}<span class="unset">{{ text }}</span>{% else %}<bdi{% if own %} lang="zh-CN"{% endif %}>{{ text }}</bdi>{% if let Some(code) = code %} <code>{{ code }}</code>{% endif %}{% endif %}"#,
    ext = "html"
)]
pub(super) struct Shown {
    text: String,
    code: Option<String>,
    /// Somebody's own words or a name: Chinese on English pages too.
    own: bool,
    unset: bool,
}
impl HtmlSafe for Shown {}

impl Shown {
    /// The same as plain text, for a page's title.
    pub(super) fn plain(&self) -> &str {
        &self.text
    }
}

/// When something is due, and how that stands: shape, word and colour.
#[derive(Clone, Template)]
#[template(
    source = r#"<span class="status {{ class }}">{% if !shape.is_empty() %}<i aria-hidden="true">{{ shape }}</i> {% endif %}{{ word }}</span> <span class="at">{{ when }}</span>"#,
    ext = "html"
)]
pub(super) struct Due {
    class: &'static str,
    shape: &'static str,
    word: String,
    when: When,
}
impl HtmlSafe for Due {}

/// Words of one language, with a district's names.
pub(super) struct Words<'a> {
    pub(super) lang: Lang,
    pub(super) desk: &'a Bundle,
    /// The desk's strings in the language of the records.
    pub(super) record: &'a Bundle,
    pub(super) district: Option<&'a Bundle>,
    pub(super) pack: Option<&'a Pack>,
    pub(super) now: Millis,
    /// Names of people by their number, of those whom the page speaks of.
    pub(super) people: BTreeMap<String, String>,
}

impl Words<'_> {
    /// The name of a worker by their number, where the page knows it.
    pub(super) fn worker<'w>(&'w self, number: &'w str) -> &'w str {
        self.people.get(number).map_or(number, String::as_str)
    }

    /// The language as in `<html lang>`.
    pub(super) fn tag(&self) -> &'static str {
        self.lang.tag()
    }

    /// A string.
    pub(super) fn t(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// A string with arguments; `n` is a count.
    pub(super) fn with(&self, id: &str, args: &[(&str, &str)]) -> String {
        self.desk.get(id, args).unwrap_or_else(|| format!("⟦{id}⟧"))
    }

    /// A string as it stands in a record, which everybody reads in one language.
    pub(super) fn recorded(&self, id: &str, args: &[(&str, &str)]) -> String {
        self.record.get(id, args).unwrap_or_else(|| format!("⟦{id}⟧"))
    }

    /// The name of a code: the district's, else the desk's, else the code itself.
    pub(super) fn named(&self, kind: &str, code: &str) -> String {
        self.told(&format!("{kind}-{}", code.replace('.', "-"))).unwrap_or_else(|| code.to_owned())
    }

    /// A string of the district's, else of the desk's.
    fn told(&self, id: &str) -> Option<String> {
        let own = self.district.and_then(|bundle| bundle.get(id, &[]));
        own.or_else(|| self.desk.get(id, &[]))
    }

    /// What a rule is based on: in the reader's language where the pack or the desk has it, else as the pack writes it.
    /// A reason may rest on several, joined.
    pub(super) fn basis(&self, basis: &str) -> String {
        let parts: Vec<&str> = basis.split(JOINT).collect();
        let (mut said, mut from) = (Vec::new(), 0);
        while from < parts.len() {
            // The longest that has words: a basis may have the joint in itself.
            let ends = (from + 1..=parts.len()).rev();
            let mut whole = ends.map(|end| (end, parts[from..end].join(JOINT)));
            let found = whole.find_map(|(end, text)| Some((end, self.told(&basis_id(&text))?)));
            let (end, words) = found.unwrap_or_else(|| (from + 1, parts[from].to_owned()));
            said.push(words);
            from = end;
        }
        said.join(&self.t("basis-joint"))
    }

    /// The name of a command.
    pub(super) fn command(&self, code: &str) -> String {
        let rule = format!("command.{code}");
        let name = self.named("rule", &rule);
        if name == rule { code.to_owned() } else { name }
    }

    /// What somebody is told whose command was refused: why, and that nothing changed.
    pub(super) fn refusal(&self, rule: &str, command: &str) -> String {
        self.with("refusal-kept", &[("why", &self.forbids(rule, command))])
    }

    /// Why a command is refused, by the rule, else by its family, else by the rule's own name.
    pub(super) fn forbids(&self, rule: &str, command: &str) -> String {
        let family = rule.split('.').next().unwrap_or(rule);
        let said = |rule: &str| {
            let id = format!("refusal-{}", rule.replace('.', "-"));
            self.desk.get(&id, &[("command", &self.command(command))])
        };
        let by = || self.with("refusal-by", &[("rule", &self.named("rule", rule))]);
        said(rule).or_else(|| said(family)).unwrap_or_else(by)
    }

    /// The name of a field.
    pub(super) fn field(&self, name: &str) -> String {
        self.named("field", name)
    }

    /// The question that a conflict of this field asks.
    pub(super) fn question(&self, field: &str) -> String {
        let own = self.desk.get(&format!("question-{}", field.replace('.', "-")), &[]);
        own.unwrap_or_else(|| self.with("question-any", &[("field", &self.field(field))]))
    }

    /// The name of a unit, at present or when it last stood.
    pub(super) fn unit(&self, code: &str) -> String {
        self.unit_name(code).unwrap_or_else(|| code.to_owned())
    }

    fn unit_name(&self, code: &str) -> Option<String> {
        let pack = self.pack?;
        let last = || pack.units().filter(|unit| unit.code == code).last();
        pack.unit(code, timestamp(self.now)).or_else(last).map(|unit| unit.name.clone())
    }

    /// A field's value, masked where it must be.
    pub(super) fn value(&self, field: &str, value: Option<&str>) -> Shown {
        let Some(value) = value.filter(|value| !is_blank(value)) else {
            return Shown { text: self.t("value-unset"), code: None, own: false, unset: true };
        };
        let named = |text: String, own| Shown { text, code: Some(value.to_owned()), own, unset: false };
        match field {
            "place" | "subject" | "unit" => match self.unit_name(value) {
                Some(name) => named(name, true),
                None => self.own(value),
            },
            "category" => match self.named("category", value) {
                name if name == value => self.own(value),
                name => named(name, false),
            },
            "urgency" | "severity" | "channel" => Shown { own: false, ..self.own(&self.named(field, value)) },
            _ => self.own(&mask::shown(field, value)),
        }
    }

    /// The title of a document, or a word for its absence: what it stands in is often a link.
    pub(super) fn title(&self, title: Option<&str>) -> Shown {
        match title.filter(|title| !is_blank(title)) {
            Some(title) => self.own(title),
            None => Shown { text: self.t("title-none"), code: None, own: false, unset: true },
        }
    }

    /// Somebody's own words.
    #[expect(clippy::unused_self, reason = "it stands beside the other ways to show a value")]
    pub(super) fn own(&self, text: &str) -> Shown {
        Shown { text: text.to_owned(), code: None, own: true, unset: false }
    }

    /// A time.
    pub(super) fn when(&self, at: Millis) -> When {
        self.moment(at, ("time", "%Y-%m-%dT%H:%M:%S+08:00"))
    }

    /// A day, without the time of it.
    pub(super) fn day(&self, at: Millis) -> When {
        self.moment(at, ("date", "%Y-%m-%d"))
    }

    /// A month of a year, from `2026-10`; anything else stays as it is.
    pub(super) fn month(&self, code: &str) -> String {
        let Some((year, month)) = code.split_once('-') else { return code.to_owned() };
        let name = self.desk.get(&format!("month-{}", month.trim_start_matches('0')), &[]);
        name.map_or_else(|| code.to_owned(), |month| self.with("month", &[("year", year), ("month", &month)]))
    }

    fn moment(&self, at: Millis, (wording, iso): (&str, &str)) -> When {
        let time = timestamp(at).to_zoned(TimeZone::fixed(Offset::constant(8)));
        let month = self.t(&format!("month-{}", time.month()));
        let (year, day) = (time.year().to_string(), time.day().to_string());
        let parts = [("year", &*year), ("month", &month), ("day", &day), ("clock", &self.clock(at))];
        When { iso: time.strftime(iso).to_string(), text: self.with(wording, &parts) }
    }

    /// The time of a day: 14:02.
    pub(super) fn clock(&self, at: Millis) -> String {
        timestamp(at).to_zoned(TimeZone::fixed(Offset::constant(8))).strftime("%H:%M").to_string()
    }

    /// How long something takes or took, to two places.
    pub(super) fn span(&self, span: Millis) -> String {
        let span = span.max(0);
        let count = |id: &str, n: Millis| self.with(id, &[("n", &n.to_string())]);
        let (days, hours, minutes) = (span / DAY_MS, span % DAY_MS / HOUR_MS, span % HOUR_MS / MINUTE_MS);
        let pair = |a: String, b: String| self.with("span-pair", &[("a", &a), ("b", &b)]);
        match (days, hours, minutes) {
            (0, 0, 0) => self.t("span-moment"),
            (0, 0, _) => count("span-minutes", minutes),
            (0, _, 0) => count("span-hours", hours),
            (0, ..) => pair(count("span-hours", hours), count("span-minutes", minutes)),
            (1, 1.., _) => pair(count("span-days", days), count("span-hours", hours)),
            _ => count("span-days", days),
        }
    }

    /// When something is due and how that stands.
    pub(super) fn due(&self, at: Millis) -> Due {
        let left = at - self.now;
        let (class, shape, id) = match left {
            ..=0 => ("overdue", "▲", "due-overdue"),
            1..=NEAR_MS => ("near", "◆", "due-near"),
            _ => ("later", "", "due-later"),
        };
        Due { class, shape, word: self.with(id, &[("span", &self.span(left.abs()))]), when: self.when(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::strings::Strings;
    use crate::policies::Packs;

    #[test]
    fn times_and_spans_read_naturally() {
        let strings = Strings::of(&Packs::default());
        let words = |lang| Words {
            lang,
            desk: strings.desk(lang),
            record: strings.desk(Lang::Zh),
            district: None,
            pack: None,
            now: 1_795_000_000_000,
            people: BTreeMap::new(),
        };
        let (zh, en) = (words(Lang::Zh), words(Lang::En));
        assert_eq!(
            zh.when(1_795_255_200_000).to_string(),
            "<time datetime=\"2026-11-21T18:00:00+08:00\">2026年11月21日 18:00</time>"
        );
        assert_eq!(en.when(1_795_255_200_000).text, "21 Nov 2026, 18:00");
        assert_eq!((zh.month("2026-10"), en.month("2026-01")), ("2026年10月".into(), "Jan 2026".into()));
        assert_eq!(zh.span(2 * HOUR_MS + 10 * MINUTE_MS), "2小时10分");
        assert_eq!(en.span(2 * HOUR_MS + 10 * MINUTE_MS), "2 h 10 min");
        assert_eq!(en.span(DAY_MS), "1 day");
        assert_eq!(en.span(5 * DAY_MS + HOUR_MS), "5 days");
        assert_eq!(en.span(-4), "a moment");
        assert_eq!(en.due(en.now - HOUR_MS).class, "overdue");
        assert_eq!(en.due(en.now + DAY_MS).class, "near");
        let of_two = zh.basis("what nobody has put into words; triage decides; units.csv");
        assert_eq!(of_two, "what nobody has put into words；由研判决定；单位表");
    }
}
