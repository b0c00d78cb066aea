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

use crate::problem::{Problem, Source};

/// The variables of one evaluation. Unset is the empty string, so that no condition meets a missing name.
pub(crate) type Variables = BTreeMap<String, String>;

/// One condition as written, compiled once when the pack is read.
pub(crate) struct Condition {
    text: Spanned<String>,
    program: Option<Program>,
    reads: BTreeSet<String>,
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
    pub(crate) fn holds(&self, context: &Context<'_, '_>) -> Result<bool, String> {
        let program = self.program.as_ref().ok_or_else(|| "the condition did not compile".to_owned())?;
        match program.execute(context) {
            Ok(Value::Bool(held)) => Ok(held),
            Ok(other) => Err(format!("gives {} where true or false is needed", other.type_of())),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Compiles, and reports syntax, unknown names and functions, and whatever is not a yes or no.
    pub(crate) fn compile(
        &mut self,
        known: &BTreeSet<String>,
        source: Source<'_>,
        problems: &mut Vec<Problem>,
    ) {
        let program = match Program::compile(self.text.get_ref()) {
            Ok(program) => program,
            Err(errors) => {
                let span = self.text.span();
                for error in errors.errors.iter().take(3) {
                    let (line, column) = error.pos;
                    let at = source.inside_literal(&span, line.max(1) as usize, column.max(1) as usize);
                    let message = format!("condition does not parse: {}", error.msg);
                    problems.push(source.at(at..at, "cel-syntax", message, "correct the condition"));
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
            let remedy = "compare strings with strings; the whole condition must be true or false";
            problems.push(source.at(self.text.span(), "cel-type", error, remedy));
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
            let message = format!("the condition reads {name:?}, which is not in `reads`");
            let remedy = "add the field to `reads` in [pack], or correct the name";
            problems.push(source.at(self.find(name, source), "cel-unknown-name", message, remedy));
        }
        let functions: BTreeSet<&str> = references.functions().into_iter().collect();
        for name in functions.into_iter().filter(|f| !FUNCTIONS.contains(f)) {
            let message = format!("the condition uses {name:?}");
            let remedy = "use comparison, in, &&, ||, !, startsWith, endsWith, contains or size";
            problems.push(source.at(self.find(name, source), "cel-function", message, remedy));
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
        let mut found = BTreeMap::new();
        if let Some(program) = &self.program {
            collect(program.expression(), &mut found);
        }
        found
    }
}

fn collect(node: &IdedExpr, found: &mut BTreeMap<String, BTreeSet<String>>) {
    let Expr::Call(call) = &node.expr else { return };
    let parts: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
    let name = parts.iter().find_map(|p| match &p.expr {
        Expr::Ident(name) => Some(name.clone()),
        _ => None,
    });
    for part in &parts {
        if let Some(name) = &name {
            found.entry(name.clone()).or_default().extend(strings(part));
        }
        collect(part, found);
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
