//! Every scenario of the starter pack, by the runner that people run.

use glasskey_cli::scenario::{Packs, find, run};
use std::path::Path;

#[test]
fn every_scenario_of_the_starter_pack_comes_out_as_it_should() {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/starter");
    let found = find(&[pack]);
    assert!(found.faults.is_empty() && found.files.len() > 40, "{found:?}");
    let mut packs = Packs::default();
    for file in &found.files {
        let report = run(file, &mut packs);
        assert!(report.passed(), "run `cargo glasskey test {}`: {report:#?}", file.display());
    }
}
