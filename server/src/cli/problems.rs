//! What the command line shows of a pack that is not fit for use, in Chinese or English.
//!
//! Owns the choice of the language: the one asked for; else people read that of the environment (`LC_ALL`, `LC_MESSAGES` or
//! `LANG`, in this order), and programs read English. Never decides what is wrong.

use comfy_table::Table;
use doorstep_policy::Problem;
use doorstep_server::http::strings::Lang;
use serde_json::json;

use super::Answer;

/// The language that `--lang` names.
pub(crate) fn named(tag: &str) -> Result<Lang, String> {
    Lang::named(tag).ok_or_else(|| "write zh-CN or en".to_owned())
}

/// The language of the environment; English where it asks for neither.
pub(crate) fn of_environment() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let language = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
    Lang::named(&language).unwrap_or(Lang::En)
}

/// The problems as people and as programs read them.
pub(crate) fn shown(problems: &[Problem], asked: Option<Lang>, environment: Lang) -> Answer {
    let told = |lang: Lang| problems.iter().map(|p| p.in_language(lang.tag())).collect::<Vec<_>>();
    let ok = problems.is_empty();
    let lang = asked.unwrap_or(environment);
    let strings = lang.strings();
    let word = |id: &str| strings.get(id, &[]).unwrap_or_else(|| id.to_owned());
    let heads = ["check-file", "check-line", "check-column", "check-code", "check-what", "check-remedy"];
    let mut table = Table::new();
    table.set_header(heads.map(word));
    for p in told(lang) {
        table.add_row([p.file, p.line.to_string(), p.column.to_string(), p.code, p.message, p.remedy]);
    }
    let text = if ok { word("check-none") } else { table.to_string() };
    Answer { json: json!({ "ok": ok, "problems": told(asked.unwrap_or(Lang::En)) }), text, ok }
}

/// A line for each, as a compiler writes them.
pub(crate) fn lines(problems: &[Problem], lang: Lang) -> impl Iterator<Item = String> {
    problems.iter().map(move |problem| {
        let p = problem.in_language(lang.tag());
        format!("{}:{}:{}: {}: {} {}", p.file, p.line, p.column, p.code, p.message, p.remedy)
    })
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
}
