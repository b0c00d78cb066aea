//! Conditions of a pack, in CEL over plain strings.
//!
//! Owns compiling, checking and evaluating one condition. Never offers more of CEL than packs need: variables are
//! strings, functions are comparison, `in`, logic, `startsWith`, `endsWith`, `contains`, `size` and `?:`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use cel::common::ast::{Expr, LiteralValue};
use cel::{Context, IdedExpr, Program, Value};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::limits::MAX_CONDITION;
use crate::pack::wording;
use crate::problem::{Problem, Source};
use crate::said::said;

/// The variables of one evaluation. Unset is the empty string, so that no condition meets a missing name.
pub(crate) type Variables = BTreeMap<String, String>;

/// One condition as written, compiled once when the pack is read.
pub(crate) struct Condition {
    text: Spanned<String>,
    program: Option<Program>,
    reads: BTreeSet<String>,
}

/// Why a condition comes to no yes or no. As a text it goes into reasons of decisions, which are kept: it never changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("the condition did not compile")]
    Uncompiled,
    #[error("gives {0} where true or false is needed")]
    Gives(String),
    #[error("compares what cannot be compared")]
    Unlike,
}

const FUNCTIONS: &[&str] = &[
    "_?_:_",
    "_&&_",
    "_||_",
    "!_",
    "_==_",
    "_!=_",
    "_>=_",
    "_<=_",
    "_>_",
    "_<_",
    "@in",
    "startsWith",
    "endsWith",
    "contains",
    "size",
];

thread_local! {
    /// CEL's own functions. Building them costs more than a condition does, and they never change; a
    /// context cannot cross threads, so each thread makes one, for good.
    static LIBRARY: &'static Context<'static, 'static> = Box::leak(Box::new(Context::default()));
}

/// A context shared by all conditions of one case.
pub(crate) fn context(variables: &Variables) -> Context<'static, 'static> {
    let mut context = LIBRARY.with(|library| library.new_inner_scope());
    for (name, value) in variables {
        context.add_variable_from_value(name.as_str(), value.as_str());
    }
    context
}

impl Condition {
    /// Where it is written.
    pub(crate) fn span(&self) -> Range<usize> {
        self.text.span()
    }

    /// The variables that it reads.
    pub(crate) fn reads(&self) -> &BTreeSet<String> {
        &self.reads
    }

    /// Whether it holds. An error means that the condition compares what cannot be compared.
    pub(crate) fn holds(&self, context: &Context<'_, '_>) -> Result<bool, NoAnswer> {
        let program = self.program.as_ref().ok_or(NoAnswer::Uncompiled)?;
        match program.execute(context) {
            Ok(Value::Bool(held)) => Ok(held),
            Ok(other) => Err(NoAnswer::Gives(other.type_of().to_string())),
            Err(_) => Err(NoAnswer::Unlike),
        }
    }

    /// What was compiled, for whoever looks closer.
    pub(crate) fn expression(&self) -> Option<&IdedExpr> {
        self.program.as_ref().map(Program::expression)
    }

    /// The text from a line and column on.
    fn rest(&self, line: isize, column: isize) -> &str {
        let place = |n: isize| usize::try_from(n - 1).unwrap_or(0);
        let line = self.text.get_ref().lines().nth(place(line)).unwrap_or("");
        line.char_indices().nth(place(column)).map_or("", |(at, _)| line.get(at..).unwrap_or(""))
    }

    /// Compiles, and reports syntax, unknown names and functions, and whatever is not a yes or no.
    pub(crate) fn compile(
        &mut self,
        known: &BTreeSet<String>,
        source: Source<'_>,
        problems: &mut Vec<Problem>,
    ) {
        if self.text.get_ref().chars().count() > MAX_CONDITION {
            let said = said("cel-long").with("most", MAX_CONDITION);
            problems.push(source.at(self.text.span(), "cel-syntax", said));
            return;
        }
        let program = match Program::compile(self.text.get_ref()) {
            Ok(program) => program,
            Err(errors) => {
                let span = self.text.span();
                if self.text.get_ref().trim().is_empty() {
                    problems.push(source.at(span, "cel-syntax", said("cel-empty")));
                    return;
                }
                // The first says where; the others follow from it.
                if let Some(error) = errors.errors.first() {
                    let (line, column) = error.pos;
                    let at = source.inside_literal(&span, line.max(1) as usize, column.max(1) as usize);
                    let said = wording::condition(&error.msg, self.rest(line, column));
                    problems.push(source.at(at..at, "cel-syntax", said));
                }
                return;
            }
        };
        let before = problems.len();
        self.check_names(&program, known, source, problems);
        self.program = Some(program);
        let blank: Variables = known.iter().map(|name| (name.clone(), String::new())).collect();
        if problems.len() == before
            && let Err(error) = self.holds(&context(&blank))
        {
            let said = match error {
                NoAnswer::Gives(kind) => said("cel-gives").with("type", kind),
                NoAnswer::Uncompiled | NoAnswer::Unlike => said("cel-unlike"),
            };
            problems.push(source.at(self.text.span(), "cel-type", said));
        }
    }

    fn check_names(
        &mut self,
        program: &Program,
        known: &BTreeSet<String>,
        source: Source<'_>,
        problems: &mut Vec<Problem>,
    ) {
        let references = program.references();
        self.reads = references.variables().into_iter().map(str::to_owned).collect();
        for name in self.reads.difference(known) {
            let said = said("cel-unknown-name").name("name", name);
            problems.push(source.at(self.find(name, source), "cel-unknown-name", said));
        }
        let functions: BTreeSet<&str> = references.functions().into_iter().collect();
        for name in functions.into_iter().filter(|f| !FUNCTIONS.contains(f)) {
            // What people write as brackets, dots or minus has a name that nobody writes.
            let said = if name.starts_with(['_', '@', '-']) {
                said("cel-beyond")
            } else {
                said("cel-function").name("name", name)
            };
            problems.push(source.at(self.find(name, source), "cel-function", said));
        }
    }

    /// The place of a name inside the condition; the condition's start when it is not there literally.
    pub(crate) fn find(&self, name: &str, source: Source<'_>) -> Range<usize> {
        let span = self.text.span();
        let found = source.text.get(span.clone()).and_then(|literal| literal.find(name)).unwrap_or(0);
        span.start + found..span.end
    }

    /// The string literals that each variable is compared with: the values worth trying when looking for dead rules.
    pub(crate) fn literals(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.compared_by(&|_| true)
    }

    /// Those that a variable is to be equal to: what a case must be able to say.
    pub(crate) fn equals(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.compared_by(&|function| ["_==_", "_!=_", "@in"].contains(&function))
    }

    fn compared_by(&self, by: &dyn Fn(&str) -> bool) -> BTreeMap<String, BTreeSet<String>> {
        let mut found = BTreeMap::new();
        if let Some(program) = &self.program {
            collect(program.expression(), by, &mut found);
        }
        found
    }
}

fn collect(node: &IdedExpr, by: &dyn Fn(&str) -> bool, found: &mut BTreeMap<String, BTreeSet<String>>) {
    let Expr::Call(call) = &node.expr else { return };
    let parts: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
    let name = parts.iter().find_map(|p| match &p.expr {
        Expr::Ident(name) => Some(name.clone()),
        _ => None,
    });
    for part in &parts {
        if let Some(name) = name.as_ref().filter(|_| by(&call.func_name)) {
            found.entry(name.clone()).or_default().extend(strings(part));
        }
        collect(part, by, found);
    }
}

fn strings(node: &IdedExpr) -> Vec<String> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => vec![text.inner().to_owned()],
        Expr::List(list) => list.elements.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Spanned::<String>::deserialize(deserializer)?;
        Ok(Self { text, program: None, reads: BTreeSet::new() })
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(self.text.get_ref()).finish()
    }
}
