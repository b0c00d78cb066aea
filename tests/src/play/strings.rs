//! What people read of stories, in Chinese or English, from Fluent files.
//!
//! The language comes from `LC_ALL`, `LC_MESSAGES` or `LANG`, in this order.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};

const EN: &str = include_str!("../../strings/en.ftl");
const ZH: &str = include_str!("../../strings/zh-CN.ftl");

/// The strings of one language.
pub struct Strings {
    bundle: FluentBundle<FluentResource>,
    /// `en` or `zh-CN`.
    pub language: &'static str,
}

impl Strings {
    /// The language of the environment; English where it asks for neither.
    pub fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        let language = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        if language.starts_with("zh") { Self::of("zh-CN", ZH) } else { Self::of("en", EN) }
    }

    fn of(language: &'static str, text: &str) -> Self {
        let tag = language.parse().expect("a constant language tag");
        let resource = FluentResource::try_new(text.into()).expect("a test parses the embedded strings");
        let mut bundle = FluentBundle::new(vec![tag]);
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("a test finds no id twice");
        Strings { bundle, language }
    }

    /// A string with its arguments.
    pub fn with(&self, id: &str, args: &[(&'static str, &str)]) -> String {
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, *value)).collect();
        let pattern = self.bundle.get_message(id).and_then(|message| message.value());
        pattern.map_or_else(
            || id.to_owned(),
            |pattern| self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned(),
        )
    }

    /// Whether there is such a string.
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// The one of two texts that is in this language.
    pub fn pick<'a>(&self, told: &'a super::story::Told) -> &'a str {
        if self.language == "en" { &told.en } else { &told.zh }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ids(text: &str) -> BTreeSet<&str> {
        let starts = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        starts.filter_map(|line| line.split_once(" =")).map(|(id, _)| id).collect()
    }

    #[test]
    fn both_languages_are_complete_and_parse() {
        assert_eq!(ids(EN), ids(ZH));
        for (language, text) in [("en", EN), ("zh-CN", ZH)] {
            let strings = Strings::of(language, text);
            assert!(ids(text).iter().all(|id| strings.has(id)));
        }
    }
}
