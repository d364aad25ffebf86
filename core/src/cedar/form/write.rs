//! From what was compiled to its form.

use super::{
    ActionBoundForm, ActionForm, At, BoundForm, Comparison, ConditionsForm, FieldsForm, Form, KindForm,
    PolicyForm, ProgramForm, ReadsForm, ShapeForm, TimingForm, ValueForm,
};
use crate::cedar::compiled::{Node, Op, Program};
use crate::cedar::flips::Shape as Timing;
use crate::cedar::policy::{Conditions, Effect, Policy};
use crate::cedar::reads::Reads;
use crate::cedar::schema::Schema;
use crate::cedar::scope::{ActionBound, Bound};
use crate::cedar::shape::{Fields, Kind};
use crate::cedar::uid::Uid;
use crate::cedar::value::{Record, Val};
use crate::error::{Code, Error};
use crate::prelude::*;
use cedar_policy_core::ast::{BinaryOp, EntityType, PatternElem};

impl Form {
    /// The compiled form of a schema and of its policies.
    ///
    /// # Errors
    /// `not_compilable` for what only Cedar can read or evaluate.
    pub(crate) fn of(schema: &Schema, program: &Program, policies: &[&Policy]) -> Result<Self, Error> {
        let mut writer = Writer::default();
        writer.schema(schema)?;
        policies.iter().try_for_each(|policy| writer.policy(program, policy))?;
        let program = writer.program(program)?;
        Ok(Self { program, ..writer.form })
    }
}

/// Fills the tables.
#[derive(Default)]
struct Writer {
    form: Form,
    types: BTreeMap<EntityType, At>,
    uids: BTreeMap<Uid, At>,
    kinds: BTreeMap<KindForm, At>,
    reads: BTreeMap<Arc<Reads>, At>,
    /// By where they are in memory: policies share them.
    conditions: Vec<(Arc<Conditions>, At)>,
}

impl Default for Form {
    fn default() -> Self {
        let program = ProgramForm {
            nodes: Vec::new(),
            constants: Vec::new(),
            names: Vec::new(),
            paths: Vec::new(),
            lists: Vec::new(),
            uids: Vec::new(),
            patterns: Vec::new(),
            types: Vec::new(),
        };
        Self {
            types: Vec::new(),
            uids: Vec::new(),
            kinds: Vec::new(),
            shapes: Vec::new(),
            actions: Vec::new(),
            values: Vec::new(),
            program,
            reads: Vec::new(),
            timings: Vec::new(),
            conditions: Vec::new(),
            policies: Vec::new(),
        }
    }
}

impl Writer {
    fn schema(&mut self, schema: &Schema) -> Result<(), Error> {
        for (of, shape) in &schema.shapes().0 {
            let plain = shape.tags.iter().all(Kind::is_plain)
                && shape.attrs.members.values().all(|f| f.kind.is_plain());
            if !plain {
                return Err(beyond(format!("entities of type `{of}` have a value that only Cedar reads")));
            }
            let form = ShapeForm {
                of: self.entity_type(of),
                attrs: self.fields(&shape.attrs)?,
                tags: shape.tags.as_ref().map(|kind| self.kind(kind)).transpose()?,
                above: shape.above.iter().map(|kind| self.entity_type(kind)).collect(),
                ids: shape.ids.as_ref().map(|ids| ids.iter().map(ToString::to_string).collect()),
            };
            self.form.shapes.push(form);
        }
        for (uid, action) in &schema.actions {
            let context = match &action.context {
                Kind::Foreign => None,
                kind if kind.is_plain() => Some(self.kind(kind)?),
                _ => return Err(beyond(format!("the context of `{uid}` has a value that only Cedar reads"))),
            };
            let form = ActionForm {
                uid: self.uid(uid),
                above: action
                    .within
                    .iter()
                    .filter(|above| *above != uid)
                    .map(|above| self.uid(above))
                    .collect(),
                principals: action.principals.iter().map(|kind| self.entity_type(kind)).collect(),
                resources: action.resources.iter().map(|kind| self.entity_type(kind)).collect(),
                context,
            };
            self.form.actions.push(form);
        }
        Ok(())
    }

    fn policy(&mut self, program: &Program, policy: &Policy) -> Result<(), Error> {
        let code = policy.code.as_ref().ok_or_else(|| beyond_policy(policy))?;
        if !program.is_known(code.conjuncts.iter().copied()) {
            return Err(beyond_policy(policy));
        }
        let conditions = match self.conditions.iter().find(|(known, _)| Arc::ptr_eq(known, code)) {
            Some((_, at)) => *at,
            None => {
                let form = self.code(program, code).ok_or_else(|| beyond_policy(policy))?;
                let at = push(&mut self.form.conditions, form);
                self.conditions.push((code.clone(), at));
                at
            }
        };
        let form = PolicyForm {
            id: policy.id.to_string(),
            file: policy.file_name.to_string(),
            permits: policy.effect == Effect::Permit,
            actions: policy.actions.iter().map(|uid| self.uid(uid)).collect(),
            reads: self.reads(&policy.reads),
            conditions,
            principal: self.bound(&policy.scope.principal),
            action: match &policy.scope.action {
                ActionBound::Any => ActionBoundForm::Any,
                ActionBound::Eq(uid) => ActionBoundForm::Eq(self.uid(uid)),
                ActionBound::In(uids) => ActionBoundForm::In(uids.iter().map(|uid| self.uid(uid)).collect()),
            },
            resource: self.bound(&policy.scope.resource),
        };
        self.form.policies.push(form);
        Ok(())
    }

    fn code(&mut self, program: &Program, code: &Conditions) -> Option<ConditionsForm> {
        let mut comparisons = Vec::new();
        for (op, left, right) in &code.flips.comparisons {
            let op = match op {
                BinaryOp::Less => Comparison::Less,
                BinaryOp::LessEq => Comparison::LessEq,
                _ => Comparison::Eq,
            };
            comparisons.push((op, self.timing(program, left)?, self.timing(program, right)?));
        }
        let conjuncts = code.conjuncts.iter().map(|node| node.0).collect();
        Some(ConditionsForm { conjuncts, comparisons, restless: code.flips.restless })
    }

    fn timing(&mut self, program: &Program, timing: &Timing) -> Option<At> {
        let form = match timing {
            Timing::Now => TimingForm::Now,
            Timing::Opaque => TimingForm::Opaque,
            Timing::Fixed(node, _) => {
                program.is_known([*node]).then_some(())?;
                TimingForm::Fixed(node.0)
            }
            Timing::Call(function, args) => {
                let args = args.iter().map(|arg| self.timing(program, arg)).collect::<Option<_>>()?;
                TimingForm::Call(*function, args)
            }
        };
        Some(push(&mut self.form.timings, form))
    }

    fn program(&mut self, program: &Program) -> Result<ProgramForm, Error> {
        let mut constants = Vec::new();
        for value in &program.constants {
            // One that no policy in its form reaches may be anything.
            constants.push(match self.value(value) {
                Some(at) => at,
                None => push(&mut self.form.values, ValueForm::Bool(false)),
            });
        }
        let texts = |path: &[smol_str::SmolStr]| path.iter().map(ToString::to_string).collect();
        let pattern = |elements: &[PatternElem]| {
            let one = |e: &PatternElem| match e {
                PatternElem::Char(c) => Some(*c),
                PatternElem::Wildcard => None,
            };
            elements.iter().map(one).collect()
        };
        Ok(ProgramForm {
            nodes: program.nodes.iter().map(|made| (made.op, made.shared)).collect(),
            constants,
            names: program.names.iter().map(ToString::to_string).collect(),
            paths: program.paths.iter().map(|path| texts(path)).collect(),
            lists: program.lists.iter().map(|list| list.iter().map(|node| node.0).collect()).collect(),
            uids: program.uids.iter().map(|uids| uids.iter().map(|uid| self.uid(uid)).collect()).collect(),
            patterns: program.patterns.iter().map(|p| pattern(p.get_elems())).collect(),
            types: program.types.iter().map(|kind| self.entity_type(kind)).collect(),
        })
    }

    fn value(&mut self, value: &Val) -> Option<At> {
        let form = match value {
            Val::Bool(b) => ValueForm::Bool(*b),
            Val::Long(n) => ValueForm::Long(*n),
            Val::Text(text) => ValueForm::Text(text.to_string()),
            Val::Uid(uid) => ValueForm::Uid(self.uid(uid)),
            Val::Time(stamp) => ValueForm::Time(stamp.ms),
            Val::Span(stamp) => ValueForm::Span(stamp.ms),
            Val::Record(record) => ValueForm::Record(self.members(record)?),
            Val::Set(set) => {
                let all = set.iter().map(|value| {
                    let value = Val::lift(value);
                    value.plain().and_then(|_| self.value(&value))
                });
                ValueForm::Set(all.collect::<Option<_>>()?)
            }
            Val::Other(_) => return None,
        };
        Some(push(&mut self.form.values, form))
    }

    fn members(&mut self, record: &Record) -> Option<Vec<(String, At)>> {
        record.members().map(|(name, value)| Some((name.to_string(), self.value(value)?))).collect()
    }

    fn reads(&mut self, reads: &Arc<Reads>) -> At {
        if let Some(at) = self.reads.get(reads) {
            return *at;
        }
        let texts = |all: &BTreeSet<String>| all.iter().cloned().collect();
        let form = ReadsForm {
            context: texts(&reads.context),
            signals: texts(&reads.signals),
            whole_context: reads.whole_context,
            all_signals: reads.all_signals,
            attributes: texts(&reads.attributes),
            tags: reads.tags,
            hops: u32::try_from(reads.hops).unwrap_or(u32::MAX),
            entities: reads.entities.iter().map(|uid| self.uid(uid)).collect(),
        };
        let at = push(&mut self.form.reads, form);
        self.reads.insert(reads.clone(), at);
        at
    }

    fn bound(&mut self, bound: &Bound) -> BoundForm {
        match bound {
            Bound::Any => BoundForm::Any,
            Bound::Eq(uid) => BoundForm::Eq(self.uid(uid)),
            Bound::In(uid) => BoundForm::In(self.uid(uid)),
            Bound::Is(kind) => BoundForm::Is(self.entity_type(kind)),
            Bound::IsIn(kind, uid) => BoundForm::IsIn(self.entity_type(kind), self.uid(uid)),
            Bound::Nothing => BoundForm::Nothing,
        }
    }

    fn fields(&mut self, fields: &Fields) -> Result<FieldsForm, Error> {
        let mut members = Vec::new();
        for (name, field) in &fields.members {
            members.push((name.to_string(), self.kind(&field.kind)?, field.required));
        }
        Ok(FieldsForm(members, fields.open))
    }

    fn kind(&mut self, kind: &Kind) -> Result<At, Error> {
        let form = match kind {
            Kind::Bool => KindForm::Bool,
            Kind::Long => KindForm::Long,
            Kind::Text => KindForm::Text,
            Kind::Entity(kind) => KindForm::Entity(self.entity_type(kind)),
            Kind::Set(kind) => KindForm::Set(self.kind(kind)?),
            Kind::Record(fields) => KindForm::Record(self.fields(fields)?),
            Kind::Time => KindForm::Time,
            Kind::Span => KindForm::Span,
            Kind::Foreign => return Err(beyond("the schema has a type that only Cedar reads".to_owned())),
        };
        if let Some(at) = self.kinds.get(&form) {
            return Ok(*at);
        }
        let at = push(&mut self.form.kinds, form.clone());
        self.kinds.insert(form, at);
        Ok(at)
    }

    fn entity_type(&mut self, kind: &EntityType) -> At {
        if let Some(at) = self.types.get(kind) {
            return *at;
        }
        let at = push(&mut self.form.types, kind.to_string());
        self.types.insert(kind.clone(), at);
        at
    }

    fn uid(&mut self, uid: &Uid) -> At {
        if let Some(at) = self.uids.get(uid) {
            return *at;
        }
        let kind = self.entity_type(uid.entity_type());
        let at = push(&mut self.form.uids, (kind, uid.id().to_owned()));
        self.uids.insert(uid.clone(), at);
        at
    }
}

impl Program {
    /// Whether nothing that these nodes reach is left to Cedar, and nothing is known to err, for
    /// which only Cedar has the words.
    fn is_known(&self, nodes: impl IntoIterator<Item = Node>) -> bool {
        let mut stack: Vec<Node> = nodes.into_iter().collect();
        let mut seen: BTreeSet<Node> = BTreeSet::new();
        while let Some(node) = stack.pop() {
            if !seen.insert(node) {
                continue;
            }
            let Some(op) = self.op(node) else { return false };
            match op {
                Op::Opaque | Op::Errs | Op::Call(..) => return false,
                Op::Const(at) if !self.constant(at).is_some_and(is_known) => return false,
                _ => stack.extend(self.parts(op)),
            }
        }
        true
    }
}

/// Whether a constant can be kept.
fn is_known(value: &Val) -> bool {
    match value {
        Val::Other(_) => false,
        Val::Record(record) => record.members().all(|(_, value)| is_known(value)),
        Val::Set(set) => set.iter().all(|value| Val::lift(value).plain().is_some()),
        _ => true,
    }
}

fn push<T>(table: &mut Vec<T>, thing: T) -> At {
    let at = u32::try_from(table.len()).unwrap_or(u32::MAX);
    table.push(thing);
    at
}

fn beyond_policy(policy: &Policy) -> Error {
    beyond(format!("policy `{}` asks for something that only Cedar evaluates", policy.id))
        .label(policy.label())
}

fn beyond(what: String) -> Error {
    Error::new(Code::NotCompilable, what)
        .help("do without decimals, addresses and sets of times, or use the bundle from its files")
}
