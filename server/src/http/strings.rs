//! The desk's strings in its languages, with those of the packs beside them.
//!
//! A string that is missing shows as `⟦id⟧`, which no test lets pass.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use axum::http::{HeaderMap, header};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::auth::cookie;
use crate::policies::Packs;

/// Name of the cookie that remembers the language.
pub(super) const COOKIE: &str = "doorstep-lang";

/// A language of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// Simplified Chinese; also where nothing is asked for.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// All of them.
    pub(super) const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// As in `<html lang>` and in names of string files.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// The language for a tag of any precision.
    pub fn named(tag: &str) -> Option<Lang> {
        let primary = tag.trim().split(['-', '_']).next()?;
        match primary.to_ascii_lowercase().as_str() {
            "zh" => Some(Lang::Zh),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    /// What a browser asks for: the address, else the cookie, else Accept-Language, else Chinese.
    pub(super) fn of(query: Option<&str>, headers: &HeaderMap) -> Lang {
        let remembered = || cookie(headers, COOKIE).and_then(|tag| Lang::named(&tag));
        let accepted = || Lang::accepted(headers);
        query.and_then(Lang::named).or_else(remembered).or_else(accepted).unwrap_or(Lang::Zh)
    }

    /// What `Accept-Language` asks for; `None` where it asks for no language known here.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Lang> {
        accepted(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?)
    }

    /// The strings of the desk, for what says them on the command line.
    pub fn strings(self) -> Bundle {
        Bundle::of(self, self.text())
    }

    /// All strings of the desk. A page area has a file of its own, of the same name in each language.
    pub(super) fn text(self) -> &'static str {
        macro_rules! texts {
            ($lang:literal) => {
                concat!(
                    include_str!(concat!("../../console/strings/", $lang, "/frame.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/account.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/review.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/admin.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/backups.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/case.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/cases.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/cover.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/hooks.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/inbox.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/paper.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/supervision.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/coverage.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/values.ftl")),
                    include_str!(concat!("../../console/strings/", $lang, "/problems.ftl")),
                )
            };
        }
        match self {
            Lang::Zh => texts!("zh-CN"),
            Lang::En => texts!("en"),
        }
    }
}

/// The known language of the highest weight; the first of those (RFC 9110, 12.5.4).
fn accepted(list: &str) -> Option<Lang> {
    let mut best: Option<(Lang, f32)> = None;
    for part in list.split(',') {
        let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
        let weight = rest.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(1.0_f32);
        if let Some(lang) = Lang::named(tag)
            && weight > best.map_or(0.0, |(_, weight)| weight)
        {
            best = Some((lang, weight));
        }
    }
    best.map(|(lang, _)| lang)
}

/// One file of strings.
pub struct Bundle(FluentBundle<FluentResource>);

impl Bundle {
    /// What reads of the text is taken; a pack's files were checked when it was loaded.
    fn of(lang: Lang, text: &str) -> Self {
        let mut bundle =
            FluentBundle::new_concurrent(vec![lang.tag().parse().expect("a constant language tag")]);
        bundle.set_use_isolating(false);
        let mut bundle = Bundle(bundle);
        bundle.add(text);
        bundle
    }

    fn add(&mut self, text: &str) {
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
        self.0.add_resource_overriding(resource);
    }

    /// A string, if there is one. An argument `n` is a count, the others are texts.
    pub fn get(&self, id: &str, args: &[(&str, &str)]) -> Option<String> {
        let pattern = self.0.get_message(id)?.value()?;
        let value = |name: &str, text: &str| match name {
            "n" => text.parse::<f64>().map_or_else(|_| FluentValue::from(text.to_owned()), FluentValue::from),
            _ => FluentValue::from(text.to_owned()),
        };
        let args: FluentArgs<'_> =
            args.iter().map(|(name, text)| ((*name).to_owned(), value(name, text))).collect();
        let mut errors = Vec::new();
        let text = self.0.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }
}

/// All strings: the desk's, and each district's own.
pub(super) struct Strings {
    desk: BTreeMap<Lang, Bundle>,
    districts: BTreeMap<(String, Lang), Bundle>,
}

impl Strings {
    /// The strings of the desk and of these packs.
    pub(super) fn of(packs: &Packs) -> Self {
        let desk = Lang::ALL.into_iter().map(|lang| (lang, lang.strings())).collect();
        let mut districts: BTreeMap<(String, Lang), Bundle> = BTreeMap::new();
        for district in packs.districts() {
            // Earlier versions first: a rule that only they name keeps its name in the decisions that quote it.
            for (version, lang) in packs.schedule(district).iter().flat_map(|v| Lang::ALL.map(|l| (v, l))) {
                let Some(text) = version.pack.strings().get(lang.tag()) else { continue };
                match districts.entry((district.to_owned(), lang)) {
                    Entry::Vacant(place) => {
                        place.insert(Bundle::of(lang, text));
                    }
                    Entry::Occupied(mut place) => place.get_mut().add(text),
                }
            }
        }
        Strings { desk, districts }
    }

    /// The desk's own.
    pub(super) fn desk(&self, lang: Lang) -> &Bundle {
        &self.desk[&lang]
    }

    /// A district's.
    pub(super) fn district(&self, district: &str, lang: Lang) -> Option<&Bundle> {
        self.districts.get(&(district.to_owned(), lang))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Ids with the names of their arguments.
    fn ids(text: &str) -> BTreeMap<String, BTreeSet<String>> {
        FluentResource::try_new(text.to_owned()).expect("the file of strings parses");
        let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut last = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((id, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                assert!(!ids.contains_key(id), "{id} appears twice");
                id.clone_into(&mut last);
            }
            let args = line.split('$').skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            ids.entry(last.clone()).or_default().extend(args.flatten().map(str::to_owned));
        }
        ids
    }

    #[test]
    fn every_language_has_the_same_strings_with_the_same_arguments() {
        assert_eq!(ids(Lang::Zh.text()), ids(Lang::En.text()));
    }

    #[test]
    fn every_field_is_named_and_every_question_asked() {
        use doorstep_protocol::documents::{Class, Kind};
        let strings = ids(Lang::Zh.text());
        for field in Kind::ALL.into_iter().flat_map(Kind::fields) {
            let name = field.name.replace('.', "-");
            assert!(strings.contains_key(&format!("field-{name}")), "field-{name}");
            assert!(
                field.class != Class::Review || strings.contains_key(&format!("question-{name}")),
                "question-{name}"
            );
        }
    }

    #[test]
    fn the_language_is_the_one_asked_for() {
        let headers = |accept: &str, cookie: &str| {
            let set = [(header::ACCEPT_LANGUAGE, accept), (header::COOKIE, cookie)];
            set.into_iter()
                .map(|(name, value)| (name, value.parse().expect("a header")))
                .collect::<HeaderMap>()
        };
        assert_eq!(Lang::of(None, &HeaderMap::new()), Lang::Zh);
        assert_eq!(Lang::of(None, &headers("fr, en-GB;q=0.8, zh;q=0.3", "")), Lang::En);
        assert_eq!(Lang::of(None, &headers("en", "doorstep-lang=zh-CN")), Lang::Zh);
        assert_eq!(Lang::of(Some("en"), &headers("zh", "doorstep-lang=zh-CN")), Lang::En);
        assert_eq!(Lang::of(Some("tlh"), &headers("ja", "")), Lang::Zh);
    }
}
