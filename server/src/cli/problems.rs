//! What `doorstep policy check` shows of a pack, in Chinese or English.
//!
//! Owns the choice of the language: the one asked for; else people read that of the environment (`LC_ALL`, `LC_MESSAGES` or
//! `LANG`, in this order), and programs read English. Never decides what is wrong.

use comfy_table::Table;
use doorstep_policy::Problem;
use fluent_bundle::{FluentBundle, FluentResource};
use serde_json::json;

use super::Answer;

/// A language of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lang {
    #[value(name = "en")]
    En,
    #[value(name = "zh-CN", alias = "zh")]
    Zh,
}

impl Lang {
    /// The language of the environment; English where it asks for neither.
    pub(crate) fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        let language = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        if language.starts_with("zh") { Self::Zh } else { Self::En }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    fn strings(self) -> FluentBundle<FluentResource> {
        let text = match self {
            Self::En => include_str!("../../strings/en.ftl"),
            Self::Zh => include_str!("../../strings/zh-CN.ftl"),
        };
        let resource = FluentResource::try_new(text.into()).expect("a test parses the embedded strings");
        let mut bundle = FluentBundle::new(vec![self.tag().parse().expect("a constant language tag")]);
        bundle.add_resource(resource).expect("a test finds no id twice");
        bundle
    }
}

/// The problems as people and as programs read them.
pub(crate) fn shown(problems: &[Problem], asked: Option<Lang>, environment: Lang) -> Answer {
    let told = |lang: Lang| problems.iter().map(|p| p.in_language(lang.tag())).collect::<Vec<_>>();
    let ok = problems.is_empty();
    let lang = asked.unwrap_or(environment);
    let strings = lang.strings();
    let word = |id: &str| {
        let pattern = strings.get_message(id).and_then(|message| message.value());
        pattern.map_or_else(
            || id.to_owned(),
            |pattern| strings.format_pattern(pattern, None, &mut Vec::new()).into_owned(),
        )
    };
    let heads = ["check-file", "check-line", "check-column", "check-code", "check-what", "check-remedy"];
    let mut table = Table::new();
    table.set_header(heads.map(word));
    for p in told(lang) {
        table.add_row([p.file, p.line.to_string(), p.column.to_string(), p.code, p.message, p.remedy]);
    }
    let text = if ok { word("check-none") } else { table.to_string() };
    Answer { json: json!({ "ok": ok, "problems": told(asked.unwrap_or(Lang::En)) }), text, ok }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad() -> Vec<Problem> {
        let mut files = doorstep_policy::embedded_bazhou();
        files.0.remove("units.csv");
        doorstep_policy::check(&files)
    }

    #[test]
    fn people_read_their_language_and_programs_english_unless_they_ask() {
        let message = |answer: &Answer| answer.json["problems"][0]["message"].as_str().map(str::to_owned);
        let plain = shown(&bad(), None, Lang::En);
        assert!(
            plain.text.contains("units.csv is missing") && plain.text.contains("remedy"),
            "{}",
            plain.text
        );
        let chinese = shown(&bad(), None, Lang::Zh);
        assert!(
            chinese.text.contains("缺文件 units.csv") && chinese.text.contains("改法"),
            "{}",
            chinese.text
        );
        assert_eq!(chinese.json, plain.json, "the environment is not for programs");
        let asked = shown(&bad(), Some(Lang::Zh), Lang::En);
        assert_eq!(message(&asked).as_deref(), Some("缺文件 units.csv"));
        assert_eq!(asked.text, chinese.text);
        let names =
            |answer: &Answer| answer.json["problems"][0].as_object().map(|p| p.keys().cloned().collect());
        let shape: Option<Vec<String>> = names(&asked);
        assert_eq!(shape, names(&plain));
        assert_eq!(
            shape.expect("an object"),
            ["code", "column", "file", "line", "message", "remedy"].map(str::to_owned)
        );
        assert_eq!(shown(&[], None, Lang::Zh).text, "没有问题。");
    }

    #[test]
    fn both_languages_have_every_string() {
        let ids = |text: &'static str| {
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            lines.filter_map(|line| Some(line.split_once(" = ")?.0)).collect::<Vec<_>>()
        };
        let english = ids(include_str!("../../strings/en.ftl"));
        assert_eq!(english, ids(include_str!("../../strings/zh-CN.ftl")));
        for lang in [Lang::En, Lang::Zh] {
            let strings = lang.strings();
            assert!(english.iter().all(|id| strings.has_message(id)), "{lang:?}");
        }
    }
}
