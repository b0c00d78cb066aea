//! Edits on the command line, in the order in which they are given, and what they mean for a field.
//!
//! Never judges a value; the document's own edit does.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use doorstep_protocol::documents::schema::Type;
use doorstep_protocol::documents::{Edit, Kind};
use serde_json::Value as Json;

use crate::args::pair;

/// One edit as asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    Set(String, String),
    SetJson(String, Json),
    Unset(String, Option<String>),
    Append(String, String),
    Splice { field: String, at: usize, delete: usize, insert: String },
}

/// All edits, in the order of the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct EditArgs(pub(crate) Vec<Asked>);

type Parse = fn(&str) -> Result<Asked, String>;

const OPTIONS: [(&str, &str, &str, Parse); 5] = [
    ("set", "FIELD=TEXT", "Write a field", set),
    ("set-json", "FIELD=JSON", "Write a text or null, or append each item of an array", set_json),
    ("unset", "FIELD[=LABEL]", "Clear a field, or take a label away", unset),
    ("append", "FIELD=TEXT|JSON", "Append to a list, a set or a text", append),
    (
        "splice",
        "FIELD=POS,DEL,TEXT",
        "Replace part of a text; counted in characters as people see them",
        splice,
    ),
];

impl FromArgMatches for EditArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut asked: Vec<(usize, Asked)> = Vec::new();
        for (name, ..) in OPTIONS {
            let places = matches.indices_of(name).into_iter().flatten();
            asked.extend(places.zip(matches.get_many::<Asked>(name).into_iter().flatten().cloned()));
        }
        asked.sort_by_key(|(place, _)| *place);
        Ok(EditArgs(asked.into_iter().map(|(_, asked)| asked).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for EditArgs {
    fn augment_args(command: Command) -> Command {
        OPTIONS.into_iter().fold(command, |command, (name, value, help, parse)| {
            let arg = Arg::new(name).long(name).value_name(value).help(help).action(ArgAction::Append);
            command.arg(arg.value_parser(parse).allow_hyphen_values(true))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn set(text: &str) -> Result<Asked, String> {
    pair(text).map(|(field, value)| Asked::Set(field, value))
}

fn set_json(text: &str) -> Result<Asked, String> {
    let (field, value) = pair(text)?;
    match serde_json::from_str(&value) {
        Ok(value @ (Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_))) => {
            Ok(Asked::SetJson(field, value))
        }
        Ok(_) => Err(format!("{field} takes a JSON text, null, or an array of items")),
        Err(error) => Err(format!("not JSON: {error}")),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one signature for all options")]
fn unset(text: &str) -> Result<Asked, String> {
    Ok(match text.split_once('=') {
        Some((field, label)) => Asked::Unset(field.into(), Some(label.into())),
        None => Asked::Unset(text.into(), None),
    })
}

fn append(text: &str) -> Result<Asked, String> {
    pair(text).map(|(field, value)| Asked::Append(field, value))
}

fn splice(text: &str) -> Result<Asked, String> {
    let (field, value) = pair(text)?;
    let mut parts = value.splitn(3, ',');
    let mut number = || parts.next().and_then(|part| part.trim().parse().ok());
    let (Some(at), Some(delete)) = (number(), number()) else {
        return Err(format!("{value:?} is not POS,DEL,TEXT"));
    };
    Ok(Asked::Splice { field, at, delete, insert: parts.next().unwrap_or_default().into() })
}

/// What was asked for as edits of a kind of document. `labels` are those that it has now.
pub(crate) fn edits(kind: Kind, labels: &[String], asked: Vec<Asked>) -> Vec<Edit> {
    asked.into_iter().flat_map(|asked| edits_of(kind, labels, asked)).collect()
}

fn edits_of(kind: Kind, labels: &[String], asked: Asked) -> Vec<Edit> {
    let ty = |field: &str| kind.field(field).map(|field| field.ty);
    match asked {
        Asked::Set(field, text) if ty(&field) == Some(Type::Text) => vec![Edit::SetText { field, text }],
        Asked::Set(field, text) => vec![Edit::Put { field, value: Some(text) }],
        Asked::SetJson(field, Json::String(text)) => edits_of(kind, labels, Asked::Set(field, text)),
        Asked::SetJson(field, Json::Array(items)) => items
            .into_iter()
            .map(|item| Edit::Append {
                field: field.clone(),
                item: item.as_str().map_or_else(|| item.to_string(), str::to_owned),
            })
            .collect(),
        Asked::SetJson(field, Json::Object(item)) => {
            vec![Edit::Append { field, item: Json::Object(item).to_string() }]
        }
        Asked::SetJson(field, _) => edits_of(kind, labels, Asked::Unset(field, None)),
        Asked::Unset(field, Some(label)) => vec![Edit::Unlabel { field, label }],
        Asked::Unset(field, None) => match ty(&field) {
            Some(Type::Text) => vec![Edit::SetText { field, text: String::new() }],
            Some(Type::Labels) => labels
                .iter()
                .map(|label| Edit::Unlabel { field: field.clone(), label: label.clone() })
                .collect(),
            _ => vec![Edit::Put { field, value: None }],
        },
        Asked::Append(field, item) => {
            // The same object is the same text, however it was spaced.
            let object = serde_json::from_str::<serde_json::Map<String, Json>>(&item);
            let item = object.map_or(item, |object| Json::Object(object).to_string());
            vec![Edit::Append { field, item }]
        }
        Asked::Splice { field, at, delete, insert } => vec![Edit::Splice { field, at, delete, insert }],
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command, OfDistrict};

    #[test]
    fn edits_keep_the_order_of_the_command_line() {
        let line = "doorstep-device new case --set urgency=soon --append log=-1 --set description=a \
                    --splice description=1,0,-b,c --set-json tags=[\"x\",\"y\"] --unset category --set urgency=urgent";
        let cli = Cli::try_parse_from(line.split_whitespace()).expect("a valid line");
        let Command::In(OfDistrict::New { kind, edits: EditArgs(asked) }) = cli.command else {
            panic!("new was parsed")
        };
        let fields: Vec<String> =
            edits(kind, &[], asked).iter().map(|edit| edit.field().to_owned()).collect();
        assert_eq!(
            fields,
            ["urgency", "log", "description", "description", "tags", "tags", "category", "urgency"]
        );
    }

    #[test]
    fn malformed_edits_are_usage_errors() {
        for bad in ["--set=x", "--splice=description=a,0,b", "--set-json=tags=1", "--set-json=tags=["] {
            assert!(Cli::try_parse_from(["doorstep-device", "new", "case", bad]).is_err(), "{bad}");
        }
    }
}
