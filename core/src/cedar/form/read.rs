//! From the form to what decides.

use super::{
    ActionBoundForm, At, BoundForm, Comparison, ConditionsForm, FieldsForm, Form, KindForm, PolicyForm,
    ProgramForm, ReadsForm, TimingForm, ValueForm,
};
use crate::cedar::compiled::{Made, Node, Program};
use crate::cedar::eval::Policies;
use crate::cedar::flips::{Flips, Shape as Timing};
use crate::cedar::name::entity_type;
use crate::cedar::policy::{Conditions, Effect, Policy};
use crate::cedar::reads::Reads;
use crate::cedar::schema::{Action, Schema};
use crate::cedar::scope::{ActionBound, Bound, Scope};
use crate::cedar::shape::{Field, Fields, Kind, Shape, Shapes};
use crate::cedar::uid::Uid;
use crate::cedar::value::{Record, Stamp, Val};
use crate::prelude::*;
use cedar_policy_core::ast::{BinaryOp, EntityType, Pattern, PatternElem, Set};

/// As deep as anything may be that was compiled from a source: an expression has at most 128 levels,
/// a type two for each of the brackets that a schema may nest.
const DEPTH_MAX: usize = 160;

/// What a form holds.
pub(crate) struct Read {
    pub(crate) schema: Schema,
    pub(crate) policies: Policies,
    pub(crate) all: Vec<Policy>,
}

impl Form {
    /// What it holds; `None` if it is no form that was written here.
    pub(crate) fn read(self) -> Option<Read> {
        let types: Vec<EntityType> =
            self.types.iter().map(|name| entity_type(name)).collect::<Option<_>>()?;
        let uid = |(kind, id): &(At, String)| Some(Uid::of(get(&types, *kind)?.clone(), id));
        let uids: Vec<Uid> = self.uids.iter().map(uid).collect::<Option<_>>()?;
        let names = Names { types: &types, uids: &uids };
        let kinds = names.kinds(&self.kinds)?;
        let mut shapes = BTreeMap::new();
        for form in &self.shapes {
            let shape = Shape {
                attrs: fields(&form.attrs, &kinds)?,
                tags: match form.tags {
                    Some(at) => Some(get(&kinds, at)?.0.clone()),
                    None => None,
                },
                above: names.types(&form.above)?.into_iter().collect(),
                ids: form.ids.as_ref().map(|ids| ids.iter().map(Into::into).collect()),
            };
            shapes.insert(names.kind(form.of)?, shape);
        }
        let mut actions = BTreeMap::new();
        for form in &self.actions {
            let uid = names.uid(form.uid)?;
            let applies = (names.types(&form.principals)?, names.types(&form.resources)?);
            let context = match form.context {
                Some(at) => get(&kinds, at)?.0.clone(),
                None => Kind::Foreign,
            };
            let action = Action::new(&uid, names.uids(&form.above)?, applies, context);
            actions.insert(uid, action);
        }
        let program = names.program(&self.program, &self.values)?;
        let nodes = program.nodes.len();
        let reads: Vec<Arc<Reads>> =
            self.reads.into_iter().map(|form| names.reads(form)).collect::<Option<_>>()?;
        let timings = timings(&self.timings)?;
        let conditions: Vec<Arc<Conditions>> =
            self.conditions.iter().map(|form| conditions(form, &timings, nodes)).collect::<Option<_>>()?;
        let policy = |form: PolicyForm| names.policy(form, &reads, &conditions);
        let all = self.policies.into_iter().map(policy).collect::<Option<_>>()?;
        let schema = Schema { inner: None, shapes: Arc::new(Shapes(shapes)), actions };
        Some(Read { schema, policies: Policies::loaded(program), all })
    }
}

/// The tables that all others refer to.
struct Names<'n> {
    types: &'n [EntityType],
    uids: &'n [Uid],
}

impl Names<'_> {
    fn kind(&self, at: At) -> Option<EntityType> {
        get(self.types, at).cloned()
    }

    fn types(&self, all: &[At]) -> Option<Vec<EntityType>> {
        all.iter().map(|at| self.kind(*at)).collect()
    }

    fn uid(&self, at: At) -> Option<Uid> {
        get(self.uids, at).cloned()
    }

    fn uids<C: FromIterator<Uid>>(&self, all: &[At]) -> Option<C> {
        all.iter().map(|at| self.uid(*at)).collect()
    }

    /// Each kind with how deep it is.
    fn kinds(&self, forms: &[KindForm]) -> Option<Vec<(Kind, usize)>> {
        let mut kinds: Vec<(Kind, usize)> = Vec::with_capacity(forms.len());
        for form in forms {
            let (kind, depth) = match form {
                KindForm::Bool => (Kind::Bool, 0),
                KindForm::Long => (Kind::Long, 0),
                KindForm::Text => (Kind::Text, 0),
                KindForm::Time => (Kind::Time, 0),
                KindForm::Span => (Kind::Span, 0),
                KindForm::Entity(at) => (Kind::Entity(self.kind(*at)?), 0),
                KindForm::Set(at) => {
                    let (kind, depth) = get(&kinds, *at)?;
                    (Kind::Set(Box::new(kind.clone())), depth.saturating_add(1))
                }
                KindForm::Record(form) => {
                    let depth = form.0.iter().filter_map(|(_, at, _)| Some(get(&kinds, *at)?.1)).max();
                    (Kind::Record(fields(form, &kinds)?), depth.unwrap_or(0).saturating_add(1))
                }
            };
            if depth > DEPTH_MAX {
                return None;
            }
            kinds.push((kind, depth));
        }
        Some(kinds)
    }

    fn values(&self, forms: &[ValueForm]) -> Option<Vec<(Val, usize)>> {
        let mut values: Vec<(Val, usize)> = Vec::with_capacity(forms.len());
        for form in forms {
            let deepest = |all: &mut dyn Iterator<Item = At>| {
                all.filter_map(|at| Some(get(&values, at)?.1)).max().unwrap_or(0).saturating_add(1)
            };
            let (value, depth) = match form {
                ValueForm::Bool(b) => (Val::Bool(*b), 0),
                ValueForm::Long(n) => (Val::Long(*n), 0),
                ValueForm::Text(text) => (Val::from(text.as_str()), 0),
                ValueForm::Uid(at) => (Val::Uid(self.uid(*at)?), 0),
                ValueForm::Time(ms) => (Val::Time(Stamp::of(*ms)), 0),
                ValueForm::Span(ms) => (Val::Span(Stamp::of(*ms)), 0),
                ValueForm::Record(members) => {
                    let mut record = Record::new();
                    for (name, at) in members {
                        record.put_named(name, get(&values, *at)?.0.clone());
                    }
                    (Val::from(record), deepest(&mut members.iter().map(|(_, at)| *at)))
                }
                ValueForm::Set(all) => {
                    let plain = all.iter().map(|at| get(&values, *at)?.0.plain());
                    let set = Set::new(plain.collect::<Option<Vec<_>>>()?);
                    (Val::Set(set), deepest(&mut all.iter().copied()))
                }
            };
            if depth > DEPTH_MAX {
                return None;
            }
            values.push((value, depth));
        }
        Some(values)
    }

    fn program(&self, form: &ProgramForm, values: &[ValueForm]) -> Option<Program> {
        let values = self.values(values)?;
        let constant = |at: &At| get(&values, *at).map(|(value, _)| value.clone());
        let pattern = |form: &Vec<Option<char>>| {
            let one = |c: &Option<char>| c.map_or(PatternElem::Wildcard, PatternElem::Char);
            Pattern::from(form.iter().map(one).collect::<Vec<_>>())
        };
        let program = Program {
            nodes: form.nodes.iter().map(|(op, shared)| Made { op: *op, shared: *shared }).collect(),
            constants: form.constants.iter().map(constant).collect::<Option<_>>()?,
            names: form.names.iter().map(Into::into).collect(),
            paths: form.paths.iter().map(|path| path.iter().map(Into::into).collect()).collect(),
            lists: form.lists.iter().map(|list| list.iter().map(|at| Node(*at)).collect()).collect(),
            uids: form
                .uids
                .iter()
                .map(|uids| self.uids::<Vec<Uid>>(uids).map(Into::into))
                .collect::<Option<_>>()?,
            patterns: form.patterns.iter().map(pattern).collect(),
            types: self.types(&form.types)?,
            functions: Vec::new(),
        };
        // Nothing is made of what comes later, so evaluation ends; and no deeper than the stack.
        let mut depths: Vec<usize> = Vec::with_capacity(program.nodes.len());
        let mut uses: Vec<u32> = vec![0; program.nodes.len()];
        for made in &program.nodes {
            let mut depth = 0;
            for part in program.parts(made.op) {
                depth = depth.max(get(&depths, part.0)?.saturating_add(1));
                let used = uses.get_mut(usize::try_from(part.0).ok()?)?;
                *used = used.saturating_add(1);
            }
            if depth > DEPTH_MAX {
                return None;
            }
            depths.push(depth);
        }
        // What is used twice is kept once it is known, or the work could double with each step.
        let kept = |(made, uses): (&Made, &u32)| made.shared || made.op.is_trivial() || *uses < 2;
        program.nodes.iter().zip(&uses).all(kept).then_some(program)
    }

    fn reads(&self, form: ReadsForm) -> Option<Arc<Reads>> {
        let mut reads = Reads {
            context: form.context.into_iter().collect(),
            signals: form.signals.into_iter().collect(),
            whole_context: form.whole_context,
            all_signals: form.all_signals,
            attributes: form.attributes.into_iter().collect(),
            tags: form.tags,
            hops: usize::try_from(form.hops).ok()?,
            entities: self.uids(&form.entities)?,
            ..Reads::default()
        };
        reads.note_often();
        Some(Arc::new(reads))
    }

    fn policy(
        &self,
        form: PolicyForm,
        reads: &[Arc<Reads>],
        conditions: &[Arc<Conditions>],
    ) -> Option<Policy> {
        let action = match &form.action {
            ActionBoundForm::Any => ActionBound::Any,
            ActionBoundForm::Eq(at) => ActionBound::Eq(self.uid(*at)?),
            ActionBoundForm::In(all) => ActionBound::In(self.uids(all)?),
        };
        Some(Policy {
            source: None,
            id: form.id.into(),
            effect: if form.permits { Effect::Permit } else { Effect::Forbid },
            actions: self.uids(&form.actions)?,
            reads: get(reads, form.reads)?.clone(),
            scope: Scope {
                principal: self.bound(&form.principal)?,
                action,
                resource: self.bound(&form.resource)?,
            },
            code: Some(get(conditions, form.conditions)?.clone()),
            file_name: form.file.into(),
        })
    }

    fn bound(&self, form: &BoundForm) -> Option<Bound> {
        Some(match form {
            BoundForm::Any => Bound::Any,
            BoundForm::Eq(at) => Bound::Eq(self.uid(*at)?),
            BoundForm::In(at) => Bound::In(self.uid(*at)?),
            BoundForm::Is(at) => Bound::Is(self.kind(*at)?),
            BoundForm::IsIn(kind, at) => Bound::IsIn(self.kind(*kind)?, self.uid(*at)?),
            BoundForm::Nothing => Bound::Nothing,
        })
    }
}

fn fields(form: &FieldsForm, kinds: &[(Kind, usize)]) -> Option<Fields> {
    let one = |(name, at, required): &(String, At, bool)| {
        Some((name.into(), Field { kind: get(kinds, *at)?.0.clone(), required: *required }))
    };
    Some(Fields { members: form.0.iter().map(one).collect::<Option<_>>()?, open: form.1 })
}

fn timings(forms: &[TimingForm]) -> Option<Vec<(Timing, usize)>> {
    let mut timings: Vec<(Timing, usize)> = Vec::with_capacity(forms.len());
    for form in forms {
        let (timing, depth) = match form {
            TimingForm::Now => (Timing::Now, 0),
            TimingForm::Opaque => (Timing::Opaque, 0),
            TimingForm::Fixed(at) => (Timing::Fixed(Node(*at), None), 0),
            TimingForm::Call(function, args) => {
                let depth = args.iter().filter_map(|at| Some(get(&timings, *at)?.1)).max().unwrap_or(0);
                let args = args.iter().map(|at| get(&timings, *at).map(|(timing, _)| timing.clone()));
                (Timing::Call(*function, args.collect::<Option<_>>()?), depth.saturating_add(1))
            }
        };
        if depth > DEPTH_MAX {
            return None;
        }
        timings.push((timing, depth));
    }
    Some(timings)
}

fn conditions(form: &ConditionsForm, timings: &[(Timing, usize)], nodes: usize) -> Option<Arc<Conditions>> {
    let side = |at: &At| get(timings, *at).map(|(timing, _)| timing.clone());
    let comparison = |(op, left, right): &(Comparison, At, At)| {
        let op = match op {
            Comparison::Less => BinaryOp::Less,
            Comparison::LessEq => BinaryOp::LessEq,
            Comparison::Eq => BinaryOp::Eq,
        };
        Some((op, side(left)?, side(right)?))
    };
    let comparisons = form.comparisons.iter().map(comparison).collect::<Option<_>>()?;
    let there = |at: &At| usize::try_from(*at).is_ok_and(|at| at < nodes);
    let conjuncts =
        form.conjuncts.iter().all(there).then(|| form.conjuncts.iter().map(|at| Node(*at)).collect());
    Some(Arc::new(Conditions {
        conjuncts: conjuncts?,
        flips: Flips { comparisons, restless: form.restless },
    }))
}

fn get<T>(table: &[T], at: At) -> Option<&T> {
    usize::try_from(at).ok().and_then(|at| table.get(at))
}
