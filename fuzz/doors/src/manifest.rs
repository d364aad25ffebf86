//! A manifest, `===`, and the annotations of one rule.

use crate::bundle::check;
use crate::common;
use crate::world::folder;
use glasskey::Sources;

const MARK: &str = "\n===\n";

/// Lets a manifest and annotations in.
pub(crate) fn body(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (manifest, annotations) = text.split_once(MARK).unwrap_or((&text, "@id(\"r\")"));
    let policies = format!(
        "{annotations}\npermit (principal is Glasskey::Person, action == Ops::Action::\"restart\", resource);\n"
    );
    let sources = Sources::new()
        .with("bundle.toml", manifest)
        .with("a.cedarschema", common::SCHEMA)
        .with("a.cedar", policies);
    check(&sources);
}

/// Every term there is, and the manifests of the shipped packs.
pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let least = "@id(\"r\") @max_ttl(\"1h\") @quorum(\"none\")";
    let most = "@id(\"r\") @ttl(\"30m\") @max_ttl(\"1h30m\") @quorum(\"eng=1, sec=1\") @priority(\"10\") @pending(\"15m\")
@approval_ttl(\"10m\") @idle(\"20m\") @uses(\"3\") @extensions(\"2\") @extension_ttl(\"30m\")
@extension_quorum(\"eng=1 | eng=1, sec=1\") @chain_max(\"4h\") @handover(\"grace:10m\")
@obligations(\"record_session, notify:secops, deliver:vault\") @review(\"24h\")
@controls(\"NIST-800-53:AC-3(10), NIST-CSF-2.0:PR.AA-05\") @title(\"a\") @advice(\"b\") @x_own(\"c\")";
    let full = "name = \"test\"\nversion = \"1\"\ndescription = \"all of it\"
[actors]\n\"Glasskey::System\" = \"service\"
[seats]\neng = \"engineering\"\nsec = \"security\"
[freshness]\nskew = \"30s\"\nincident = \"60s\"\nshift = \"5m\"\nwindow = \"5m\"\ntask = \"5m\"\nsignal = \"2m\"\nhistory = \"1m\"\nentities = \"15m\"\nlocks = \"1d\"
[defaults]\nttl = \"30m\"\npending = \"15m\"\napproval_ttl = \"10m\"\nextension_ttl = \"30m\"\nextension_window = \"15m\"\ncooldown = \"30m\"\nrevocation_slo = \"15m\"\nissue_deadline = \"2m\"\nrevoke_deadline = \"5m\"\n";
    let mut seeds = vec![
        ("least".to_owned(), format!("{}{MARK}{least}", common::MANIFEST).into_bytes()),
        ("most".to_owned(), format!("{full}{MARK}{most}").into_bytes()),
    ];
    for name in ["starter", "aws-on-call", "ai-agent-remediation", "identity-failover"] {
        let manifest =
            std::fs::read_to_string(folder("policies").join(name).join("bundle.toml")).expect("a manifest");
        seeds.push((name.to_owned(), format!("{manifest}{MARK}{least}").into_bytes()));
    }
    seeds
}
