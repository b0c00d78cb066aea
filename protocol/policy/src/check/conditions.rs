//! Whether every part of a condition compares like with like. Evaluating finds only the part that a blank case reaches.
//!
//! Owns the kinds of things in a condition. Never evaluates one.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue};

use crate::pack::rules::Rules;
use crate::problem::{Problem, Source};
use crate::said::{Said, Word, said};

/// What a part of a condition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Texts,
    Number,
    Flag,
}

impl Kind {
    fn name(self) -> Word {
        match self {
            Self::Text => Word("cel-text"),
            Self::Texts => Word("cel-texts"),
            Self::Number => Word("cel-number"),
            Self::Flag => Word("cel-flag"),
        }
    }
}

/// Reports conditions that mix kinds.
pub(super) fn check(rules: &Rules, source: Source<'_>, problems: &mut Vec<Problem>) {
    if problems.iter().any(|problem| problem.code.starts_with("cel-")) {
        return;
    }
    let always = rules.callback.iter().filter_map(|c| c.sample.as_ref()?.always.as_ref());
    for condition in rules.read_conditions().chain(always) {
        let said = match condition.expression().map(kind) {
            None | Some(Ok(Kind::Flag)) => continue,
            Some(Ok(other)) => said("cel-no-flag").word("kind", other.name()),
            Some(Err(said)) => said,
        };
        problems.push(source.at(condition.span(), "cel-type", said));
    }
}

fn kind(node: &IdedExpr) -> Result<Kind, Said> {
    match &node.expr {
        // A variable: all are texts.
        Expr::Ident(_) | Expr::Literal(LiteralValue::String(_)) => Ok(Kind::Text),
        Expr::Literal(LiteralValue::Boolean(_)) => Ok(Kind::Flag),
        Expr::Literal(LiteralValue::Int(_) | LiteralValue::UInt(_) | LiteralValue::Double(_)) => {
            Ok(Kind::Number)
        }
        Expr::List(list) if list.elements.iter().all(|item| kind(item) == Ok(Kind::Text)) => Ok(Kind::Texts),
        Expr::List(_) => Err(said("cel-mixed-list")),
        Expr::Call(call) => of_call(call),
        _ => Err(said("cel-odd-part")),
    }
}

fn of_call(call: &CallExpr) -> Result<Kind, Said> {
    let parts: Result<Vec<Kind>, Said> =
        call.target.as_deref().into_iter().chain(&call.args).map(kind).collect();
    let parts = parts?;
    let sign = call.func_name.trim_matches(['_', '@']);
    match (call.func_name.as_str(), parts.as_slice()) {
        ("_&&_" | "_||_" | "!_", parts) if parts.iter().all(|part| *part == Kind::Flag) => Ok(Kind::Flag),
        ("_?_:_", [Kind::Flag, yes, no]) if yes == no => Ok(*yes),
        ("_==_" | "_!=_", [a, b]) if a == b => Ok(Kind::Flag),
        ("_<_" | "_<=_" | "_>_" | "_>=_", [Kind::Text, Kind::Text] | [Kind::Number, Kind::Number])
        | ("@in", [Kind::Text, Kind::Texts])
        | ("startsWith" | "endsWith" | "contains", [Kind::Text, Kind::Text]) => Ok(Kind::Flag),
        ("size", [Kind::Text | Kind::Texts]) => Ok(Kind::Number),
        (_, [a, b]) => {
            Err(said("cel-joins").word("one", a.name()).word("other", b.name()).with("sign", sign))
        }
        (_, parts) => {
            Err(said("cel-applies").with("sign", sign).words("kinds", parts.iter().map(|part| part.name())))
        }
    }
}
