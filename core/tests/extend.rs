//! A pack may extend another: it adds and tightens, and what it weakens it has to say.

mod common;

use common::{MANIFEST, POLICIES, SCHEMA};
use glasskey::{Bundle, Code, Error, Sources, limits};

/// A pack over the small one that the tests of decide use.
fn over(extends: &str, policies: &str) -> Sources {
    let manifest = format!("name = \"mine\"\nversion = \"2\"\n{extends}");
    Sources::new()
        .with("bundle.toml", manifest)
        .with("own.cedar", policies)
        .with("../base/bundle.toml", MANIFEST)
        .with("../base/a.cedarschema", SCHEMA)
        .with("../base/a.cedar", POLICIES)
}

const EXTENDS: &str = "[extends]\npack = \"../base\"\n";

fn fault(sources: &Sources) -> Error {
    let mut faults = Bundle::compile(sources).expect_err("it compiles").0;
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults.remove(0)
}

#[test]
fn a_pack_that_only_names_its_base_decides_as_the_base_does() {
    let (base, mine) = (common::bundle(), Bundle::compile(&over(EXTENDS, "")).unwrap());
    let ids = |b: &Bundle| b.rules().iter().map(|r| r.id().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&mine), ids(&base));
    assert_eq!(mine.guards().len(), base.guards().len());
    assert_eq!(mine.rule("dual").unwrap().terms(), base.rule("dual").unwrap().terms());
    assert_eq!(mine.manifest().seats, base.manifest().seats);
    assert_eq!(mine.manifest().name, "mine");
    assert_ne!(mine.digest(), base.digest());
}

#[test]
fn it_adds_rules_guardrails_seats_and_actions() {
    let sources = over(
        &format!("[seats]\naudit = \"an auditor\"\n{EXTENDS}"),
        "@id(\"mine\") @max_ttl(\"5m\") @quorum(\"audit=1\")
         permit (principal is Glasskey::Person, action == Ops::Action::\"purge\", resource) when { context.emergency };
         @id(\"never-at-night\") forbid (principal, action, resource is Glasskey::System) when { context.channel == \"night\" };",
    )
    .with("own.cedarschema", "namespace Ops { action purge in [Glasskey::Action::\"privileged\"] appliesTo {
        principal: [Glasskey::Person], resource: Glasskey::System, context: Glasskey::Context }; }");
    let mine = Bundle::compile(&sources).unwrap();
    assert!(mine.rule("mine").is_some() && mine.rule("oncall").is_some());
    assert_eq!(mine.guards().len(), 2);
    assert_eq!(mine.manifest().seats.len(), 3);
}

#[test]
fn terms_are_tightened_without_copying_the_rule() {
    let extends = format!(
        "{EXTENDS}[extends.terms.dual]\nmax_ttl = \"1h\"\nquorum = \"eng=2, sec=1\"\nobligations = \"record_session\"\n"
    );
    let mine = Bundle::compile(&over(&extends, "")).unwrap();
    let terms = mine.rule("dual").unwrap().terms().unwrap();
    assert_eq!(terms.max_ttl.to_string(), "1h");
    assert_eq!(terms.quorum.to_string(), "eng=2, sec=1");
    assert_eq!(terms.obligations.len(), 1);
    let plain = Bundle::compile(&over(EXTENDS, "")).unwrap();
    assert_ne!(mine.digest(), plain.digest());
}

#[test]
fn a_rule_is_dropped_and_fresher_facts_are_asked_for() {
    let mine =
        Bundle::compile(&over(&format!("[freshness]\nincident = \"30s\"\n{EXTENDS}drop = [\"dual\"]\n"), ""))
            .unwrap();
    assert!(mine.rule("dual").is_none());
    assert_eq!(mine.manifest().freshness.incident.to_string(), "30s");
}

#[test]
fn every_weakening_is_refused_unless_its_reason_is_given() {
    let guard = "@id(\"short-on-tier-0\") forbid (principal, action, resource is Glasskey::System)
        when { context has offer && resource has tier && resource.tier == 0 && context.offer.ttl > duration(\"8h\") };";
    let rule = "@id(\"oncall\") @max_ttl(\"1h\") @quorum(\"none\")
        permit (principal is Glasskey::Person, action == Ops::Action::\"restart\", resource) when { context.emergency };";
    for (name, before, extends, policies) in [
        ("short-on-tier-0", "", "drop = [\"short-on-tier-0\"]\n", ""),
        ("short-on-tier-0", "", "", guard),
        ("oncall", "", "", rule),
        ("dual", "", "[extends.terms.dual]\nmax_ttl = \"5h\"\n", ""),
        ("dual", "", "[extends.terms.dual]\nquorum = \"eng=2\"\n", ""),
        ("dual", "", "[extends.terms.dual]\nextensions = \"1\"\n", ""),
        ("oncall", "", "[extends.terms.oncall]\nobligations = \"notify:x\"\n", ""),
        ("oncall", "", "[extends.terms.oncall]\nhandover = \"grace:5m\"\n", ""),
        ("freshness.incident", "[freshness]\nincident = \"5m\"\n", "", ""),
        ("freshness.skew", "[freshness]\nskew = \"1m\"\n", "", ""),
        ("defaults.cooldown", "[defaults]\ncooldown = \"1m\"\n", "", ""),
        ("defaults.revocation_slo", "[defaults]\nrevocation_slo = \"1h\"\n", "", ""),
    ] {
        let extends = format!("{before}{EXTENDS}{extends}");
        let refused = fault(&over(&extends, policies));
        assert_eq!(refused.code, Code::WeakensBase, "{name}: {refused:?}");
        assert!(refused.message.starts_with(&format!("`{name}` is weaker than in `../base`")), "{refused:?}");
        assert!(!refused.labels.is_empty(), "{name}: nowhere");
        let blank = format!("{extends}[extends.weaken]\n\"{name}\" = \" \"\n");
        assert_eq!(fault(&over(&blank, policies)).code, Code::WeakensBase, "{name}: a blank is no reason");
        let stated = format!("{extends}[extends.weaken]\n\"{name}\" = \"agreed in RISK-12\"\n");
        let mine = Bundle::compile(&over(&stated, policies)).unwrap_or_else(|e| panic!("{name}: {e:#?}"));
        assert_eq!(mine.manifest().extends.as_ref().unwrap().weaken[name], "agreed in RISK-12");
    }
}

#[test]
fn longer_defaults_show_in_the_rules_that_take_them() {
    let refused = fault(&over(
        &format!("[defaults]\nttl = \"45m\"\napproval_ttl = \"10m\"\n{EXTENDS}drop = [\"dual\"]\n"),
        "",
    ));
    assert_eq!(refused.code, Code::WeakensBase);
    assert!(refused.message.contains("default lifetime 30m -> 45m"), "{refused:?}");
}

#[test]
fn a_reason_without_a_weakening_is_refused() {
    let refused = fault(&over(&format!("{EXTENDS}[extends.weaken]\ndual = \"long ago\"\n"), ""));
    assert_eq!(refused.code, Code::BadManifest);
    assert!(refused.message.contains("`dual` is not weaker"), "{refused:?}");
}

#[test]
fn unknown_names_are_refused_with_the_nearest_known_one() {
    for extends in ["drop = [\"duel\"]\n", "[extends.terms.duel]\nmax_ttl = \"1h\"\n"] {
        let refused = fault(&over(&format!("{EXTENDS}{extends}"), ""));
        assert_eq!(refused.code, Code::UnknownPolicy);
        assert_eq!(refused.help.as_deref(), Some("did you mean `dual`?"));
        assert_eq!(refused.labels[0].file, "bundle.toml");
    }
    for (term, code) in [
        ("max_tll = \"1h\"", Code::UnknownAnnotation),
        ("id = \"other\"", Code::MisplacedAnnotation),
        ("x_mine = \"1\"", Code::MisplacedAnnotation),
        ("max_ttl = \"soon\"", Code::BadAnnotation),
    ] {
        let refused = fault(&over(&format!("{EXTENDS}[extends.terms.dual]\n{term}\n"), ""));
        assert_eq!(refused.code, code, "{term}");
        assert_eq!(refused.labels[0].file, "bundle.toml", "{term}");
    }
}

#[test]
fn the_host_is_told_which_files_are_missing() {
    let alone = Sources::new().with("bundle.toml", format!("name = \"a\"\nversion = \"1\"\n{EXTENDS}"));
    assert_eq!(alone.missing_base().as_deref(), Some("../base"));
    let refused = fault(&alone);
    assert_eq!(refused.code, Code::MissingBase);
    assert!(refused.help.unwrap().contains("../base/bundle.toml"));
    let middle = alone.with("../base/bundle.toml", format!("name = \"b\"\nversion = \"1\"\n{EXTENDS}"));
    assert_eq!(middle.missing_base().as_deref(), Some("../base/../base"));
    assert_eq!(over(EXTENDS, "").missing_base(), None);
    for path in ["/etc", "C:\\packs", "", "..//base", "./base"] {
        let sources = Sources::new()
            .with("bundle.toml", format!("name = \"a\"\nversion = \"1\"\n[extends]\npack = {path:?}"));
        assert_eq!(sources.missing_base(), None, "{path}");
        assert_eq!(fault(&sources).code, Code::BadManifest, "{path}");
    }
}

#[test]
fn packs_stand_upon_each_other_and_not_without_end() {
    let pile = |height: usize| {
        let mut sources = Sources::new();
        for i in 0..height {
            let prefix = "../base/".repeat(i);
            let manifest = format!(
                "name = \"p{i}\"\nversion = \"1\"\n{EXTENDS}[extends.terms.dual]\nmax_ttl = \"{}h\"\n",
                i + 1
            );
            sources = sources.with(format!("{prefix}bundle.toml"), manifest);
        }
        let prefix = "../base/".repeat(height);
        sources
            .with(format!("{prefix}bundle.toml"), MANIFEST)
            .with(format!("{prefix}a.cedarschema"), SCHEMA)
            .with(format!("{prefix}a.cedar"), POLICIES)
    };
    let top = Bundle::compile(&pile(3)).unwrap();
    assert_eq!(top.rule("dual").unwrap().terms().unwrap().max_ttl.to_string(), "1h");
    assert_eq!(top.manifest().name, "p0");
    assert!(Bundle::compile(&pile(limits::EXTENDS_MAX)).is_ok());
    assert_eq!(fault(&pile(limits::EXTENDS_MAX + 1)).code, Code::TooDeep);
}

#[test]
fn faults_of_the_base_are_the_bases() {
    let sources = over(EXTENDS, "").with("../base/a.cedar", "permit (principal, action, resource");
    let faults = Bundle::compile(&sources).unwrap_err().0;
    assert!(faults.iter().all(|f| f.labels[0].file == "../base/a.cedar"), "{faults:#?}");
}

#[test]
fn what_a_dropped_policy_was_named_may_be_named_anew() {
    let own = "@id(\"dual\") @max_ttl(\"10m\") @quorum(\"sec=1\")
        permit (principal is Glasskey::Person, action == Ops::Action::\"drop\", resource) when { context.emergency };";
    let refused = fault(&over(&format!("{EXTENDS}drop = [\"dual\"]\n"), own));
    assert_eq!(refused.code, Code::WeakensBase, "a name is no disguise");
}
