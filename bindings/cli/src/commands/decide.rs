//! `glasskey decide` and `glasskey explain`.

use crate::args::Question;
use crate::fault::Fault;
use crate::outcome::{Exit, Outcome, line};
use crate::pack::{Document, Pack, system_now};
use crate::screen::Screen;
use crate::show;
use glasskey::canonical::to_text;
use glasskey::{Answer, Evaluator, decide_by, decide_with_evidence, explain};
use serde_json::json;
use std::path::Path;

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Once,
    /// And once more by plain Cedar.
    Twice,
    /// With every rule that was considered.
    Explained,
}

pub(super) fn run(
    question: &Question,
    evidence: Option<&Path>,
    way: Way,
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
    let mut out = match (screen.json, way) {
        (true, Way::Explained) => line(&explained),
        (true, _) => line(&explained.decision),
        (false, Way::Explained) => show::explanation(&bundle, &request, &explained, now, screen),
        (false, _) => show::decision(&bundle, &request, &explained, now, screen),
    };
    if way != Way::Twice {
        return Ok(Outcome::new(out, exit));
    }
    let cedars = decide_by(Evaluator::Reference, &bundle, &facts, &request, now);
    let same = to_text(&cedars) == to_text(&explained.decision);
    if screen.json {
        out = line(&json!({ "decision": explained.decision, "reference": cedars, "same": same }));
    } else if same {
        out.push_str("\nreference  plain Cedar over all policies: the same, byte for byte\n");
    } else {
        out.push_str("\nreference  plain Cedar over all policies DECIDES OTHERWISE\n");
        out.push_str(&line(&json!({ "decision": explained.decision, "reference": cedars })));
        out.push_str(
            "this is a bug in glasskey: please report it with the pack, the facts and the request\n",
        );
    }
    Ok(Outcome::new(out, if same { exit } else { Exit::Internal }))
}
