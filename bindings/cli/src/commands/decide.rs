//! `glasskey decide` and `glasskey explain`.

use crate::args::Question;
use crate::fault::Fault;
use crate::outcome::{Exit, Outcome, line};
use crate::pack::{Document, Pack, system_now};
use crate::screen::Screen;
use crate::show;
use glasskey::{Answer, decide_with_evidence, explain};
use std::path::Path;

pub(super) fn run(
    question: &Question,
    evidence: Option<&Path>,
    whole: bool,
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let one = |fault| vec![fault];
    let stdin = Path::new("-");
    if question.facts == stdin && question.request == stdin {
        let help = "give a file for one of `--facts` and `--request`";
        return Err(vec![Fault::new("bad_usage", "standard input can be read only once", help)]);
    }
    let bundle = Pack::read(&question.bundle).map_err(one)?.compile()?;
    let facts = Document::read(&question.facts).map_err(one).and_then(|d| d.facts(&bundle).map_err(one));
    let request = Document::read(&question.request).map_err(one).and_then(|d| d.request().map_err(one));
    // Both documents are read, so that the faults of both are told.
    let (facts, request) = match (facts, request) {
        (Ok(facts), Ok(request)) => (facts, request),
        (facts, request) => {
            let all = [facts.err(), request.err()];
            return Err(all.into_iter().flatten().flatten().collect());
        }
    };
    let now = question.now.unwrap_or_else(system_now);
    if let Some(path) = evidence {
        let (_, evidence) = decide_with_evidence(&bundle, &facts, &request, now);
        std::fs::write(path, line(&evidence)).map_err(|e| vec![Fault::of_io(path, &e, true)])?;
    }
    let explained = explain(&bundle, &facts, &request, now);
    let exit = match explained.decision.decision {
        Answer::Permit => Exit::Ok,
        Answer::Deny => Exit::Deny,
        Answer::Pending => Exit::Pending,
    };
    let out = match (screen.json, whole) {
        (true, true) => line(&explained),
        (true, false) => line(&explained.decision),
        (false, true) => show::explanation(&bundle, &request, &explained, now, screen),
        (false, false) => show::decision(&bundle, &request, &explained, now, screen),
    };
    Ok(Outcome::new(out, exit))
}
