//! What is said of a pack: the id of a wording with what it names, and the words for it in each language.
//!
//! Owns the putting together. The words are in `strings/`, in as much of Fluent as fits on a line: `{ $name }`,
//! `{ "..." }` and an attribute `.remedy`. Never knows who reads: the language is passed in.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

/// The languages in which problems are said. The first is the one that they are kept in, and that programs read.
pub const LANGUAGES: [&str; 2] = ["en", "zh-CN"];

macro_rules! texts {
    ($language:literal) => {
        concat!(
            include_str!(concat!("../strings/", $language, "/reading.ftl")),
            include_str!(concat!("../strings/", $language, "/rules.ftl")),
            include_str!(concat!("../strings/", $language, "/lists.ftl")),
            include_str!(concat!("../strings/", $language, "/examples.ftl")),
            include_str!(concat!("../strings/", $language, "/refusals.ftl")),
        )
    };
}

static EN: LazyLock<Texts> = LazyLock::new(|| Texts::read(texts!("en")));
static ZH: LazyLock<Texts> = LazyLock::new(|| Texts::read(texts!("zh-CN")));

/// The wordings of one language by id, each with its remedy where it has one.
pub(crate) struct Texts(BTreeMap<&'static str, (&'static str, &'static str)>);

impl Texts {
    /// Those of a language; the first language's where it is another.
    pub(crate) fn of(language: &str) -> &'static Texts {
        if language.starts_with("zh") { &ZH } else { &EN }
    }

    fn read(text: &'static str) -> Self {
        let mut found: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        let mut last = "";
        for line in text.lines() {
            if let Some(remedy) = line.strip_prefix("    .remedy = ") {
                found.entry(last).or_default().1 = remedy;
            } else if let Some((id, text)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
                last = id;
                found.insert(id, (text, ""));
            }
        }
        Self(found)
    }
}

/// A word that stands in sentences and differs by language, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) &'static str);

/// One thing said: which wording, and what is put into it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Said {
    id: &'static str,
    args: Vec<(&'static str, Arg)>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Arg {
    Text(String),
    Said(Said),
    List(Vec<Arg>),
}

/// The wording of this id, still without what it names.
pub(crate) fn said(id: &'static str) -> Said {
    Said { id, args: Vec::new() }
}

impl Said {
    fn arg(mut self, name: &'static str, arg: Arg) -> Self {
        self.args.push((name, arg));
        self
    }

    /// A number, a code, or what is shown as it is written.
    pub(crate) fn with(self, name: &'static str, value: impl Display) -> Self {
        self.arg(name, Arg::Text(value.to_string()))
    }

    /// A name that the wording puts in quotation marks: what nobody would see in it is written out.
    pub(crate) fn name(self, name: &'static str, value: &str) -> Self {
        self.arg(name, Arg::Text(visible(value)))
    }

    /// A word of the language.
    pub(crate) fn word(self, name: &'static str, word: Word) -> Self {
        self.say(name, said(word.0))
    }

    /// Part of the sentence that is said by itself.
    pub(crate) fn say(self, name: &'static str, part: Said) -> Self {
        self.arg(name, Arg::Said(part))
    }

    /// Words, numbers or codes, listed.
    pub(crate) fn list<T: Display>(self, name: &'static str, items: impl IntoIterator<Item = T>) -> Self {
        let items = items.into_iter().map(|item| Arg::Text(item.to_string()));
        self.arg(name, Arg::List(items.collect()))
    }

    /// Words of the language, listed.
    pub(crate) fn words(self, name: &'static str, items: impl IntoIterator<Item = Word>) -> Self {
        let items = items.into_iter().map(|word| Arg::Said(said(word.0)));
        self.arg(name, Arg::List(items.collect()))
    }

    /// Names, each in quotation marks, listed.
    pub(crate) fn names<'n>(self, name: &'static str, items: impl IntoIterator<Item = &'n str>) -> Self {
        let items = items.into_iter().map(|item| Arg::Said(said("quoted").name("name", item)));
        self.arg(name, Arg::List(items.collect()))
    }

    /// Whether nothing is said.
    pub(crate) fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// Message and remedy.
    pub(crate) fn in_words(&self, texts: &Texts) -> (String, String) {
        let (message, remedy) = texts.0.get(self.id).copied().unwrap_or_default();
        debug_assert!(!message.is_empty(), "{} has no words", self.id);
        (self.filled(message, texts), self.filled(remedy, texts))
    }

    fn filled(&self, pattern: &str, texts: &Texts) -> String {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("{ ") {
            out.push_str(before);
            rest = if let Some((literal, after)) = after.strip_prefix('"').and_then(|l| l.split_once("\" }"))
            {
                out.push_str(literal);
                after
            } else {
                let (name, after) = after.split_once(" }").unwrap_or((after, ""));
                out.push_str(&self.named(name.trim_start_matches('$'), texts));
                after
            };
        }
        out + rest
    }

    fn named(&self, name: &str, texts: &Texts) -> String {
        let arg = self.args.iter().find(|(is, _)| *is == name);
        debug_assert!(arg.is_some(), "{} is said without ${name}", self.id);
        arg.map_or_else(|| format!("⟦{name}⟧"), |(_, arg)| arg.in_words(texts))
    }
}

impl Arg {
    fn in_words(&self, texts: &Texts) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Said(part) => part.in_words(texts).0,
            Self::List(items) => {
                let joint = said("joint").in_words(texts).0;
                items.iter().map(|item| item.in_words(texts)).collect::<Vec<_>>().join(&joint)
            }
        }
    }
}

/// As a literal in code would be written, without its quotation marks.
fn visible(text: &str) -> String {
    let literal = format!("{text:?}");
    literal.get(1..literal.len() - 1).unwrap_or("").to_owned()
}

#[cfg(test)]
mod tests {
    use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};

    use super::*;

    /// The names between `{ $` and ` }`.
    fn args(pattern: &'static str) -> impl Iterator<Item = &'static str> {
        pattern.split("{ $").skip(1).filter_map(|rest| Some(rest.split_once(" }")?.0))
    }

    #[test]
    fn every_wording_reads_in_fluent_as_it_does_here() {
        for (language, text) in [("en", texts!("en")), ("zh-CN", texts!("zh-CN"))] {
            let resource = FluentResource::try_new(text.to_owned()).expect("the files are Fluent");
            let mut bundle = FluentBundle::new(vec![language.parse().expect("a tag")]);
            bundle.set_use_isolating(false);
            bundle.add_resource(resource).expect("no id is there twice");
            for (id, (message, remedy)) in &Texts::of(language).0 {
                let names: Vec<&str> = args(message).chain(args(remedy)).collect();
                let here = names.iter().fold(said(id), |said, name| said.with(name, format!("<{name}>")));
                let there: FluentArgs<'_> = names.iter().map(|name| (*name, format!("<{name}>"))).collect();
                let whole = bundle.get_message(id).expect("Fluent has the id");
                let attribute = whole.get_attribute("remedy").map(|attribute| attribute.value());
                let mut wrong = Vec::new();
                let mut fluent =
                    |pattern| bundle.format_pattern(pattern, Some(&there), &mut wrong).into_owned();
                let expected = (
                    whole.value().map(&mut fluent).unwrap_or_default(),
                    attribute.map(&mut fluent).unwrap_or_default(),
                );
                assert_eq!(here.in_words(Texts::of(language)), expected, "{language}: {id}");
                assert!(wrong.is_empty(), "{language}: {id}: {wrong:?}");
            }
        }
    }

    #[test]
    fn both_languages_say_the_same_things_and_chinese_names_nothing_that_english_does_not() {
        assert_eq!(EN.0.keys().collect::<Vec<_>>(), ZH.0.keys().collect::<Vec<_>>());
        for (id, (message, remedy)) in &EN.0 {
            let (chinese, mends) = ZH.0[id];
            assert_eq!(remedy.is_empty(), mends.is_empty(), "{id}: a remedy in one language only");
            let named: Vec<&str> = args(message).chain(args(remedy)).collect();
            let other = args(chinese).chain(args(mends)).filter(|name| !named.contains(name));
            assert_eq!(other.collect::<Vec<_>>(), Vec::<&str>::new(), "{id}");
            assert!(chinese != *message || chinese.starts_with("{ "), "{id} stands in English");
        }
    }

    #[test]
    fn names_are_shown_with_what_nobody_would_see_in_them() {
        let said = said("unknown-unit").name("unit", "水\u{200b}\"");
        assert_eq!(said.in_words(&EN).0, "there is no unit \"水\\u{200b}\\\"\" in units.csv");
        assert!(said.in_words(&ZH).0.contains("“水\\u{200b}"), "{:?}", said.in_words(&ZH));
    }
}
