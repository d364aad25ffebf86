//! Packs in their compiled form.

use crate::common;
use glasskey::{Bundle, Facts, canonical, decide, decide_again, decide_with_evidence};

/// Lets bytes in as a compiled pack.
pub(crate) fn body(data: &[u8]) {
    let Ok(bundle) = Bundle::from_compiled(data) else { return };
    assert!(bundle.is_loaded() && bundle.to_compiled().is_err());
    let _ = canonical::to_text(&bundle.outline());
    let Ok(facts) = Facts::from_json(&bundle, common::world().to_string().as_bytes()) else { return };
    let at = common::at(common::NOW);
    for (action, target) in [("restart", "payments"), ("drop", "core-db")] {
        let request = common::request(common::ask("asha", action, target));
        let (decision, evidence) = decide_with_evidence(&bundle, &facts, &request, at);
        let text = canonical::to_text(&decision);
        assert_eq!(canonical::to_text(&decide(&bundle, &facts, &request, at)), text, "decided twice");
        if let Ok(again) = decide_again(&bundle, &evidence) {
            assert_eq!(canonical::to_text(&again), text, "decided from its evidence");
        }
    }
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let form = common::bundle().to_compiled().expect("the small pack has a form");
    vec![("small".to_owned(), form)]
}
