//! The solver, held at arm's length: limits per question, thrown away after any error, and
//! whatever is not a clear answer is none.

use cedar_policy::{Authorizer, Decision, Entities, Policy, PolicySet, Request, RequestEnv, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How to come by the solver.
pub const INSTALL: &str = "install cvc5 (Debian, Ubuntu: `apt-get install cvc5`; macOS: `brew install cvc5`; \
     elsewhere: https://cvc5.github.io/downloads.html), or point CVC5 at it";

/// How long an answer may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one question to the solver.
    pub question: Duration,
    /// For one property: all its questions together.
    pub property: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { question: Duration::from_secs(20), property: Duration::from_secs(300) }
    }
}

/// What came of one question.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It holds of everything.
    Proved,
    /// It does not hold of this.
    Refuted(Box<Env>),
    /// Nobody knows; never to be taken for a proof.
    Unknown(String),
}

/// A solver, and a runtime to talk to it.
pub struct Prover {
    runtime: tokio::runtime::Runtime,
    solver: Option<CedarSymCompiler<LocalSolver>>,
    limits: Limits,
    /// When the property that is being proved was begun.
    begun: Instant,
    sets: HashMap<String, CompiledPolicySet>,
    /// Questions that went to the solver.
    pub asked: u64,
    watch: Option<Watch>,
}

/// Who is told how many questions were asked.
type Watch = Box<dyn FnMut(u64)>;

impl std::fmt::Debug for Prover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prover({} asked, {:?})", self.asked, self.limits)
    }
}

impl Prover {
    /// Looks for the solver.
    ///
    /// # Errors
    /// If there is none: [`INSTALL`] says how to come by it.
    pub fn new(limits: Limits) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| format!("no runtime: {e}"))?;
        let begun = Instant::now();
        let mut prover =
            Self { runtime, solver: None, limits, begun, sets: HashMap::new(), asked: 0, watch: None };
        prover.start()?;
        Ok(prover)
    }

    /// Tells of every question, for a display of progress.
    pub fn watch(&mut self, watch: impl FnMut(u64) + 'static) {
        self.watch = Some(Box::new(watch));
    }

    /// From here on the time of another property is counted.
    pub(crate) fn begin(&mut self) {
        self.begun = Instant::now();
    }

    fn start(&mut self) -> Result<(), String> {
        if self.solver.is_some() {
            return Ok(());
        }
        let _inside = self.runtime.enter();
        let limit = format!("--tlimit-per={}", self.limits.question.as_millis().max(1));
        let solver = LocalSolver::cvc5_with_args([limit])
            .map_err(|e| format!("the solver cvc5 does not start: {e}; {INSTALL}"))?;
        self.solver = Some(CedarSymCompiler::new(solver).map_err(|e| e.to_string())?);
        Ok(())
    }

    /// The symbolic form of a set, remembered under a name.
    pub(crate) fn compiled(
        &mut self,
        name: &str,
        make: impl FnOnce() -> Result<PolicySet, String>,
        env: &RequestEnv,
        schema: &Schema,
    ) -> Result<CompiledPolicySet, String> {
        let key = format!("{name} {} {} {}", env.principal(), env.action(), env.resource());
        if let Some(known) = self.sets.get(&key) {
            return Ok(known.clone());
        }
        let made = CompiledPolicySet::compile(&make()?, env, schema).map_err(chain)?;
        self.sets.insert(key, made.clone());
        Ok(made)
    }

    /// Does the first set allow only what the second allows?
    pub(crate) fn implies(&mut self, all: &CompiledPolicySet, must: &CompiledPolicySet) -> Answer {
        self.ask(async |s| s.check_implies_with_counterexample_opt(all, must).await)
    }

    /// Does the set deny everything?
    pub(crate) fn denies_all(&mut self, set: &CompiledPolicySet) -> Answer {
        self.ask(async |s| s.check_always_denies_with_counterexample_opt(set).await)
    }

    /// Does the policy never err?
    pub(crate) fn never_errs(&mut self, policy: &CompiledPolicy) -> Answer {
        self.ask(async |s| s.check_never_errors_with_counterexample_opt(policy).await)
    }

    /// Does the policy never match?
    pub(crate) fn never_matches(&mut self, policy: &CompiledPolicy) -> Answer {
        self.ask(async |s| s.check_never_matches_with_counterexample_opt(policy).await)
    }

    /// Does the policy always match?
    pub(crate) fn always_matches(&mut self, policy: &CompiledPolicy) -> Answer {
        self.ask(async |s| s.check_always_matches_with_counterexample_opt(policy).await)
    }

    /// Does the first policy match only where the second does?
    pub(crate) fn match_implies(&mut self, one: &CompiledPolicy, other: &CompiledPolicy) -> Answer {
        self.ask(async |s| s.check_matches_implies_with_counterexample_opt(one, other).await)
    }

    /// Do the two policies never match together?
    pub(crate) fn disjoint(&mut self, one: &CompiledPolicy, other: &CompiledPolicy) -> Answer {
        self.ask(async |s| s.check_matches_disjoint_with_counterexample_opt(one, other).await)
    }

    fn ask(
        &mut self,
        question: impl AsyncFnOnce(
            &mut CedarSymCompiler<LocalSolver>,
        ) -> Result<Option<Env>, cedar_policy_symcc::err::Error>,
    ) -> Answer {
        if let Err(why) = self.start() {
            return Answer::Unknown(why);
        }
        if self.begun.elapsed() >= self.limits.property {
            let limit = self.limits.property.as_secs();
            return Answer::Unknown(format!("the {limit} s for this property are over"));
        }
        let Some(solver) = self.solver.as_mut() else { return Answer::Unknown("no solver".to_owned()) };
        self.asked += 1;
        self.watch.iter_mut().for_each(|watch| watch(self.asked));
        // The solver keeps its own time; this is for one that does not.
        let patience = self.limits.question * 2 + Duration::from_secs(5);
        let answer = self.runtime.block_on(async { tokio::time::timeout(patience, question(solver)).await });
        match answer {
            Ok(Ok(None)) => Answer::Proved,
            Ok(Ok(Some(env))) => Answer::Refuted(Box::new(env)),
            Ok(Err(error)) => {
                self.throw_away();
                Answer::Unknown(chain(error))
            }
            Err(_) => {
                self.throw_away();
                Answer::Unknown(format!("no answer within {} s", patience.as_secs()))
            }
        }
    }

    /// After an error the solver may still hold an answer to what was asked before, and a
    /// later question would read it.
    fn throw_away(&mut self) {
        if let Some(mut solver) = self.solver.take() {
            // Killing what is dead already fails, and that is as good.
            let _ = self.runtime.block_on(async { solver.solver_mut().clean_up().await });
        }
    }
}

/// A policy's symbolic form.
pub(crate) fn compile(policy: &Policy, env: &RequestEnv, schema: &Schema) -> Result<CompiledPolicy, String> {
    CompiledPolicy::compile(policy, env, schema).map_err(chain)
}

/// What Cedar itself says of a counterexample.
pub(crate) fn allows(set: &PolicySet, env: &Env) -> bool {
    permits(set, &env.request, &env.entities)
}

/// What Cedar itself says of a case.
pub(crate) fn permits(set: &PolicySet, request: &Request, entities: &Entities) -> bool {
    Authorizer::new().is_authorized(request, set, entities).decision() == Decision::Allow
}

fn chain(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
