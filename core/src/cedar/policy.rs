//! One policy: its source, its scope and what its text reveals before anything is evaluated.

use crate::cedar::compiled::Node;
use crate::cedar::flips::Flips;
use crate::cedar::reads::Reads;
use crate::cedar::schema::Schema;
use crate::cedar::scope::{Members, Scope};
use crate::cedar::shared::Sharer;
use crate::cedar::source::{File, faults_of};
use crate::cedar::{Entity, Uid};
use crate::error::{Code, Error, Label};
use crate::prelude::*;
use cedar_policy_core::ast::{self, Annotations, Expr, ExprKind, PolicyID, StaticPolicy, Template};
use cedar_policy_core::parser::{Loc, parse_policyset};

/// Permit or forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Permit,
    Forbid,
}

impl Effect {
    fn of(parsed: &ast::Policy) -> Self {
        match parsed.effect() {
            ast::Effect::Permit => Self::Permit,
            ast::Effect::Forbid => Self::Forbid,
        }
    }
}

/// A parsed policy.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// What it was compiled from; a bundle that was loaded compiled has no such thing.
    pub(super) source: Option<Source>,
    pub(crate) id: Arc<str>,
    pub(crate) effect: Effect,
    /// Every action that its scope lets through.
    pub(crate) actions: BTreeSet<Uid>,
    pub(crate) reads: Arc<Reads>,
    pub(crate) scope: Scope,
    /// Set when the bundle's policies are compiled together.
    pub(super) code: Option<Arc<Conditions>>,
    pub(super) file_name: Arc<str>,
}

/// A policy as Cedar has it, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) ast: ast::Policy,
    /// Where its clauses stand in the file: start and length.
    places: Box<[(u32, u32)]>,
    file: File,
}

/// Its conditions as nodes of the bundle's program.
#[derive(Clone, Debug)]
pub(super) struct Conditions {
    /// What must hold, in source order.
    pub(super) conjuncts: Vec<Node>,
    pub(super) flips: Flips,
}

impl Policy {
    /// Reads the policies of one file, in their order.
    ///
    /// # Errors
    /// `bad_policy` for each fault of the text, `template_not_allowed` for each template.
    pub(crate) fn read_all(file: &File, schema: &Schema) -> Result<Vec<Self>, Vec<Error>> {
        let set = parse_policyset(&file.text).map_err(|e| {
            let mut faults = Vec::new();
            for error in e.iter() {
                faults.extend(faults_of(Code::BadPolicy, error, file));
            }
            faults
        })?;
        let templates: Vec<Error> = set
            .templates()
            .map(|t| {
                let error = Error::new(Code::TemplateNotAllowed, "a policy with slots is a template")
                    .help("write one policy for each principal or resource");
                match t.loc() {
                    Some(loc) => error.label(file.label_at(loc)),
                    None => error,
                }
            })
            .collect();
        if !templates.is_empty() {
            return Err(templates);
        }
        let mut all: Vec<&ast::Policy> = set.policies().collect();
        all.sort_by_key(|p| p.loc().map_or(0, Loc::start));
        Ok(all.into_iter().map(|p| Self::new(p, file, schema)).collect())
    }

    fn new(parsed: &ast::Policy, file: &File, schema: &Schema) -> Self {
        let id: Arc<str> = annotation(parsed, "id").map_or("", |(text, _)| text).into();
        let scope = Scope::of(parsed);
        let actions = schema
            .actions()
            .filter(|action| schema.within(action).is_some_and(|within| scope.action.holds(action, within)))
            .cloned()
            .collect();
        let named = if id.is_empty() { parsed.clone() } else { parsed.new_id(PolicyID::from_string(&*id)) };
        Self {
            effect: Effect::of(parsed),
            reads: Arc::new(Reads::of(parsed.non_scope_constraints())),
            id,
            actions,
            scope,
            code: None,
            file_name: file.name.clone(),
            source: Some(Source { ast: named, places: places(parsed), file: file.clone() }),
        }
    }

    /// A policy of a plain set, known by its Cedar id.
    pub(super) fn plain(parsed: &ast::Policy) -> Self {
        Self {
            id: parsed.id().to_string().into(),
            effect: Effect::of(parsed),
            actions: BTreeSet::new(),
            reads: Arc::new(Reads::of(parsed.non_scope_constraints())),
            scope: Scope::of(parsed),
            code: None,
            file_name: "".into(),
            source: Some(Source { ast: parsed.clone(), places: Box::default(), file: File::blank() }),
        }
    }

    /// Compiles its conditions into the program of its bundle, and keeps only what decisions
    /// need: conditions are shared, and annotations, which have been read, are dropped.
    pub(super) fn compile(&mut self, sharer: &mut Sharer) {
        let Some(source) = &mut self.source else { return };
        let shared = sharer.condition(source.ast.non_scope_constraints(), &self.reads);
        let whole = source.ast.template();
        let lean = Template::new_shared(
            whole.id().clone(),
            whole.loc().cloned(),
            Arc::new(Annotations::new()),
            whole.effect(),
            whole.principal_constraint().clone(),
            whole.action_constraint().clone(),
            whole.resource_constraint().clone(),
            shared.condition,
        );
        // A linked template keeps its own tree, which its links share.
        if let Ok(lean) = StaticPolicy::try_from(lean) {
            source.ast = lean.into();
        }
        self.reads = shared.reads;
        self.code = Some(shared.code);
    }

    /// Strict validation of all policies together.
    pub(crate) fn validate(all: &[Self], schema: &Schema) -> (Vec<Error>, Vec<Error>) {
        let mut set = ast::PolicySet::new();
        for policy in all {
            // Ids were checked to be unique before; a clash would only leave one out here.
            let _ = policy.ast().map(|ast| set.add(ast.clone()));
        }
        let set = cedar_policy::PolicySet::from(set);
        let Some(whole) = &schema.inner else { return (Vec::new(), Vec::new()) };
        let validator = cedar_policy::Validator::new(whole.as_ref().clone());
        let result = validator.validate(&set, cedar_policy::ValidationMode::Strict);
        if result.validation_passed_without_warnings() {
            return (Vec::new(), Vec::new());
        }
        let by_id: BTreeMap<&str, &Self> = all.iter().map(|policy| (&*policy.id, policy)).collect();
        let place = |id: &cedar_policy::PolicyId, diagnostic: &dyn miette::Diagnostic| {
            let id: &str = id.as_ref();
            let policy = by_id.get(id);
            let blank = File::blank();
            let file = policy.and_then(|p| p.source.as_ref()).map_or(&blank, |source| &source.file);
            let mut faults = faults_of(Code::InvalidPolicy, diagnostic, file);
            for fault in &mut faults {
                if fault.labels.is_empty()
                    && let Some(policy) = policy
                {
                    fault.labels.push(policy.label());
                }
            }
            faults
        };
        let errors = result.validation_errors().flat_map(|e| place(e.policy_id(), e)).collect();
        let warnings = result.validation_warnings().flat_map(|w| place(w.policy_id(), w)).collect();
        (sorted(errors), sorted(warnings))
    }

    pub(super) fn ast(&self) -> Option<&ast::Policy> {
        self.source.as_ref().map(|source| &source.ast)
    }

    /// All annotations; none are left once the policy is compiled.
    pub(crate) fn annotations(&self) -> BTreeMap<String, String> {
        let all = self.ast().into_iter().flat_map(ast::Policy::annotations);
        all.map(|(k, v)| (k.to_string(), v.val.to_string())).collect()
    }

    /// What one annotation says; as [`Policy::annotations`].
    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        annotation(self.ast()?, name).map(|(text, _)| text)
    }

    /// Where the whole policy stands, if its text is at hand.
    pub(crate) fn place(&self) -> Option<Label> {
        self.source.as_ref().map(Source::label)
    }

    /// Where the whole policy stands.
    pub(crate) fn label(&self) -> Label {
        self.place().unwrap_or_else(|| File::blank().label(0, 0))
    }

    /// Where the annotation of this name stands; the whole policy, if it cannot be found.
    pub(crate) fn annotation_label(&self, name: &str) -> Label {
        match self.source.as_ref().map(|source| (source, annotation(&source.ast, name))) {
            Some((source, Some((_, Some(loc))))) => source.file.label_at(loc),
            _ => self.label(),
        }
    }

    pub(crate) fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The policy's own text.
    pub(crate) fn text(&self) -> &str {
        let text = |source: &'_ Source| source.ast.loc().map(|loc| loc.start()..loc.end());
        let source = self.source.as_ref();
        source.and_then(|source| source.file.text.get(text(source)?)).unwrap_or("")
    }

    /// Where the clause stands that has this place among [`Policy::clauses`].
    pub(super) fn clause_label(&self, clause: usize) -> Label {
        let place = self.source.as_ref().and_then(|source| {
            let (start, length) = source.places.get(clause).filter(|(_, length)| *length > 0)?;
            Some(source.file.label(usize::try_from(*start).ok()?, usize::try_from(*length).ok()?))
        });
        place.unwrap_or_else(|| self.label())
    }

    /// Whether the resource alone is in the policy's scope.
    pub(crate) fn is_for_resource(&self, resource: &Entity) -> bool {
        self.scope.resource.holds(resource)
    }

    /// Who can be in its scope.
    pub(crate) fn principals(&self) -> Members {
        Members::from(&self.scope.principal)
    }

    /// What can be in its scope.
    pub(crate) fn resources(&self) -> Members {
        Members::from(&self.scope.resource)
    }

    /// The type that the scope demands of the principal, if it does.
    pub(crate) fn principal_type(&self) -> Option<String> {
        self.scope.principal.kind()
    }

    /// The conditions that must all hold, in source order.
    pub(super) fn clauses(&self) -> Vec<&Expr> {
        self.ast().map(clauses_of).unwrap_or_default()
    }
}

impl Source {
    fn label(&self) -> Label {
        self.ast.loc().map_or_else(|| self.file.label(0, 0), |loc| self.file.label_at(loc))
    }
}

fn clauses_of(policy: &ast::Policy) -> Vec<&Expr> {
    let mut out = Vec::new();
    if let Some(expr) = policy.non_scope_constraints() {
        conjuncts(expr, &mut out);
    }
    out
}

/// Where the clauses stand; of length 0 where that is not known.
fn places(policy: &ast::Policy) -> Box<[(u32, u32)]> {
    let place = |expr: &Expr| {
        let loc = expr.source_loc()?;
        let length = loc.end().checked_sub(loc.start())?;
        Some((u32::try_from(loc.start()).ok()?, u32::try_from(length).ok()?))
    };
    clauses_of(policy).into_iter().map(|clause| place(clause).unwrap_or_default()).collect()
}

fn annotation<'p>(policy: &'p ast::Policy, name: &str) -> Option<(&'p str, Option<&'p Loc>)> {
    let (_, found) = policy.annotations().find(|(key, _)| AsRef::<str>::as_ref(key) == name)?;
    Some((&found.val, found.loc.as_ref()))
}

fn sorted(mut faults: Vec<Error>) -> Vec<Error> {
    let key = |e: &Error| {
        let place = e.labels.first().map(|l| (l.file.clone(), l.line, l.column));
        (place, e.code, e.message.clone())
    };
    faults.sort_by_key(key);
    faults
}

/// Splits `a && b && c` without recursion on the left spine.
pub(super) fn conjuncts<'a>(expr: &'a Expr, out: &mut Vec<&'a Expr>) {
    let mut stack = vec![expr];
    while let Some(expr) = stack.pop() {
        match expr.expr_kind() {
            ExprKind::And { left, right } => {
                stack.push(right);
                stack.push(left);
            }
            _ => out.push(expr),
        }
    }
}
