//! What people read, in Chinese or English, from Fluent files.
//!
//! The language comes from `LC_ALL`, `LC_MESSAGES` or `LANG`, in this order.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};

use crate::failure::Failure;

const EN: &str = include_str!("../strings/en.ftl");
const ZH: &str = include_str!("../strings/zh-CN.ftl");

/// The strings of one language.
pub(crate) struct Strings(FluentBundle<FluentResource>);

impl Strings {
    /// The language of the environment; English where it asks for neither.
    pub(crate) fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        let language = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        if language.starts_with("zh") { Self::of("zh-CN", ZH) } else { Self::of("en", EN) }
    }

    fn of(language: &str, text: &str) -> Self {
        let language = language.parse().expect("a constant language tag");
        let resource = FluentResource::try_new(text.into()).expect("a test parses the embedded strings");
        let mut bundle = FluentBundle::new(vec![language]);
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("a test finds no id twice");
        Strings(bundle)
    }

    /// A string with its arguments.
    pub(crate) fn with(&self, id: &str, args: &[(&'static str, String)]) -> String {
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.clone())).collect();
        let pattern = self.0.get_message(id).and_then(|message| message.value());
        pattern.map_or_else(
            || id.to_owned(),
            |pattern| self.0.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned(),
        )
    }

    /// A string without arguments.
    pub(crate) fn get(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// The name of a code, such as a directive's; the code itself where it has none here.
    pub(crate) fn named(&self, kind: &str, code: &str) -> String {
        let id = format!("{kind}-{code}");
        if self.0.has_message(&id) { self.get(&id) } else { code.to_owned() }
    }

    /// Why something was refused, by the rule, else by the rule's family, else as the centre says it.
    pub(crate) fn refusal(&self, rule: &str, message: &str) -> String {
        let family = rule.split('.').next().unwrap_or(rule);
        let ids = [rule, family].map(|rule| format!("refusal-{}", rule.replace('.', "-")));
        let Some(id) = ids.into_iter().find(|id| self.0.has_message(id)) else {
            return format!("{rule}: {message}");
        };
        let said = message.split_once(": ").map_or("", |(name, _)| name);
        let command = self.named("command", rule.strip_prefix("command.").unwrap_or(said));
        format!("{} ({rule})", self.with(&id, &[("command", command)]))
    }

    /// What happened, what was kept, what to do next.
    pub(crate) fn failure(&self, failure: &Failure) -> String {
        let id = format!("error-{}", failure.code.replace(['.', '_'], "-"));
        let id = if self.0.has_message(&id) { id } else { "error-other".into() };
        self.with(
            &id,
            &[
                ("message", failure.message.clone()),
                ("kept", failure.kept.clone()),
                ("next", failure.next.clone()),
            ],
        )
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
    fn both_languages_are_complete() {
        assert_eq!(ids(EN), ids(ZH));
        assert!(ids(EN).len() > 40);
    }

    /// Also that every id exists once, parses and formats with the arguments that are given.
    #[test]
    fn every_string_formats() {
        for (language, text) in [("en", EN), ("zh-CN", ZH)] {
            let strings = Strings::of(language, text);
            let names = [
                "message", "kept", "next", "id", "name", "device", "district", "count", "until", "sent",
                "received", "rejected", "pending", "held", "age", "hash", "field", "who", "when", "title",
                "kind", "state", "size", "command",
            ];
            let mut args = FluentArgs::new();
            for name in names {
                args.set(name, "x");
            }
            for id in ids(text) {
                let message =
                    strings.0.get_message(id).and_then(|message| message.value()).expect("has a value");
                let mut errors = Vec::new();
                strings.0.format_pattern(message, Some(&args), &mut errors);
                assert!(errors.is_empty(), "{language} {id}: {errors:?}");
            }
        }
    }

    #[test]
    fn a_refusal_is_said_in_the_language_of_who_reads_it() {
        let zh = Strings::of("zh-CN", ZH);
        let late = zh.refusal("extension.late", "extend: the case is overdue; an extension comes before");
        assert!(late.starts_with("案件已超期") && late.ends_with("(extension.late)"), "{late}");
        let role = zh.refusal("command.extend", "extend: takes one of the roles leader");
        assert!(role.starts_with("「延期」没有执行"), "{role}");
        assert!(zh.refusal("compartment.discipline", "x").starts_with("这是专办件"));
        assert_eq!(zh.refusal("schema.role", "not yours"), "schema.role: not yours", "an edit's, as it was");
    }
}
