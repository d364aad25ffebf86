//! Commands: sent twice, out of order, malformed, or with a secret inside.

use crate::lifecycle_world::*;
use glasskey::lifecycle::Cause;
use glasskey::model::ReasonCode;
use glasskey::{Code, Command, Lifecycle};
use serde_json::{Value, json};

fn bytes(value: &impl serde::Serialize) -> Vec<u8> {
    glasskey::canonical::to_bytes(value)
}

fn read(value: Value) -> Result<Command, glasskey::Error> {
    Command::from_json(value.to_string().as_bytes())
}

#[test]
fn the_same_command_again_gives_the_same_bytes_and_changes_nothing() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let mut used = pair("restart", "pay-db");
    used["grant"] = json!(grant);
    let command = w.command(json!({"use": used}));
    let first = w.send(&command, "02:01:00").unwrap();
    let before = w.life.clone();
    // However late, whatever has happened since.
    for clock in ["02:01:00", "02:02:00", "09:00:00", "01:00:00"] {
        let again = w.life.apply(&command, at(clock)).unwrap();
        assert_eq!(bytes(first.as_ref()), bytes(again.as_ref()));
        assert!(w.life.same_state(&before));
    }
    assert_eq!(w.grant(&grant).uses, 1);
}

#[test]
fn a_command_whose_answer_is_forgotten_is_not_applied_again() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let mut used = pair("restart", "pay-db");
    used["grant"] = json!(grant);
    let old = w.command(json!({"use": used.clone()}));
    w.send(&old, "02:01:00").unwrap();
    let new = w.command(json!({"use": used}));
    let answer = w.send(&new, "02:02:00").unwrap();
    let before = w.life.clone();
    w.life.forget_answers(at("02:02:00"));
    assert!(w.life.same_state(&before), "nothing else changes");
    let error = w.life.apply(&old, at("02:03:00")).expect_err("it is forgotten");
    assert_eq!((error.code, error.path.as_deref()), (Code::AnswerForgotten, Some("command_id")));
    assert_eq!(w.grant(&grant).uses, 2);
    assert_eq!(w.life.apply(&new, at("02:03:00")).unwrap(), answer);
}

#[test]
fn another_command_under_the_same_id_is_refused() {
    let mut w = World::new();
    w.act("02:00:00", json!({"tick": {}}));
    let before = w.life.clone();
    let other =
        read(json!({"command_id": "c-1", "submit": {"request": ask("asha", "look", "pay-db", &["INC-1"])}}));
    let error = w.life.apply(&other.unwrap(), at("02:01:00")).expect_err("a conflict");
    assert_eq!((error.code, error.path.as_deref()), (Code::CommandConflict, Some("command_id")));
    assert!(w.life.same_state(&before));
    let error = w.life.change_bundle("c-1", BUNDLE.clone(), at("02:01:00")).expect_err("a conflict");
    assert_eq!(error.code, Code::CommandConflict);
}

#[test]
fn of_two_writers_the_second_decides_again() {
    let mut w = World::new();
    w.tick("02:00:00");
    let seq = w.life.seq();
    let submit = |id: &str, seq: u64| {
        let ask = ask("asha", "look", "pay-db", &["INC-1"]);
        read(json!({"command_id": id, "expect_seq": seq, "submit": {"request": ask}})).unwrap()
    };
    let first = w.send(&submit("x-1", seq), "02:00:01").unwrap();
    let before = w.life.clone();
    let error = w.send(&submit("x-2", seq), "02:00:01").expect_err("a conflict");
    assert_eq!((error.code, error.path.as_deref()), (Code::SequenceConflict, Some("expect_seq")));
    assert!(w.life.same_state(&before));
    // A retry of what was applied is no conflict, though the sequence has moved on.
    assert_eq!(w.life.apply(&submit("x-1", seq), at("02:00:02")).unwrap(), first);
    assert!(w.send(&submit("x-2", seq + 1), "02:00:03").is_ok());
}

#[test]
fn records_count_up_by_one() {
    let mut w = World::new();
    w.oncall("02:00:00");
    w.tick("05:00:00");
    let seqs: Vec<u64> = w.records.iter().map(|r| r.seq).collect();
    assert_eq!(seqs, (1..=w.records.len() as u64).collect::<Vec<_>>());
}

#[test]
fn what_was_folded_goes_on_as_what_lived() {
    let mut w = World::new();
    w.oncall("02:00:00");
    w.observe("02:01:00", json!({"locks": [{"target": system_uid("pay-api")}]}));
    let tightened = compile(MANIFEST, &POLICIES.replace("@max_ttl(\"8h\")", "@max_ttl(\"9h\")"));
    w.change_bundle("02:02:00", &tightened);
    w.incident("02:03:00", json!({"id": "INC-2", "severity": 3}));
    for ask in [
        ask("asha", "look", "pay-api", &["INC-1"]),
        ask("ben", "look", "pay-db", &["INC-2"]),
        ask("asha", "work", "pay-db", &["INC-1"]),
    ] {
        let command = w.command(json!({"submit": {"request": ask}}));
        let folded = w.folded.apply(&command, at("02:04:00")).unwrap();
        let lived = w.life.apply(&command, at("02:04:00")).unwrap();
        assert_eq!(bytes(lived.as_ref()), bytes(folded.as_ref()));
    }
    assert!(w.life.same_state(&w.folded));
    let (before, mut other) = (w.life.clone(), w.life.clone());
    let tick = w.command(json!({"tick": {}}));
    w.life.apply(&tick, at("02:05:00")).unwrap();
    assert!(!w.life.same_state(&before), "it is another record");
    let submit = w.command(json!({"submit": {"request": ask("asha", "mint", "pay-db", &[])}}));
    other.apply(&submit, at("02:05:00")).unwrap();
    assert!(w.life.seq() == other.seq() && !w.life.same_state(&other), "as many records, and not the same");
}

#[test]
fn an_error_leaves_nothing_changed() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let used = |g: &str| {
        let mut used = pair("restart", "pay-db");
        used["grant"] = json!(g);
        json!({"use": used})
    };
    let cases = [
        (json!({"approve": {"request": "req_x", "by": "a"}}), Code::UnknownRequest, "approve.request"),
        (json!({"deny": {"request": "req_x", "by": "a"}}), Code::UnknownRequest, "deny.request"),
        (json!({"withdraw": {"request": "req_x"}}), Code::UnknownRequest, "withdraw.request"),
        (json!({"activate": {"request": "req_x"}}), Code::UnknownRequest, "activate.request"),
        (json!({"issued": {"grant": "g", "points": ["a"]}}), Code::UnknownGrant, "issued.grant"),
        (json!({"issue_failed": {"grant": "g"}}), Code::UnknownGrant, "issue_failed.grant"),
        (used("g"), Code::UnknownGrant, "use.grant"),
        (json!({"extend": {"grant": "g"}}), Code::UnknownGrant, "extend.grant"),
        (json!({"revoke": {"grant": "g", "by": "a"}}), Code::UnknownGrant, "revoke.grant"),
        (json!({"revoked": {"grant": "g", "point": "a"}}), Code::UnknownGrant, "revoked.grant"),
        (json!({"revoked": {"grant": grant, "point": "moon"}}), Code::UnknownPoint, "revoked.point"),
        (json!({"complete": {"grant": "g", "outcome": "done"}}), Code::UnknownGrant, "complete.grant"),
        (json!({"report": {"grant": "g", "finding": "leak"}}), Code::UnknownGrant, "report.grant"),
        (json!({"reconcile": {"grant": "g", "by": "a"}}), Code::UnknownGrant, "reconcile.grant"),
        (
            json!({"review": {"grant": "g", "by": "a", "verdict": "accepted", "classification": "drill"}}),
            Code::UnknownGrant,
            "review.grant",
        ),
        (
            json!({"submit": {"request": ask("asha", "look", "pay-db", &[]), "parent": "g"}}),
            Code::UnknownGrant,
            "submit.parent",
        ),
        (
            json!({"observe": {"incidents": [{"id": "INC-1", "severity": 9}]}}),
            Code::BadValue,
            "incidents[0].severity",
        ),
        (json!({"observe": {"shifts": [{"id": "S-9"}]}}), Code::MissingMember, "shifts[0].person"),
        (
            json!({"observe": {"entities": [entity("Nothing", "x", json!({}), &[])]}}),
            Code::BadEntity,
            "entities[0]",
        ),
    ];
    for (act, code, path) in cases {
        let error = w.error("02:01:00", act.clone());
        assert_eq!((error.code, error.path.as_deref()), (code, Some(path)), "{act}");
        assert!(error.help.is_some(), "{act}");
    }
    // What failed may be sent again under its id, once it is mended.
    assert!(is_permitted(&w.uses("02:02:00", &grant, "restart", "pay-db")));
}

#[test]
fn a_malformed_command_says_what_to_do() {
    let cases = [
        (json!({"tick": {}}), Code::MissingMember),
        (json!({"command_id": "", "tick": {}}), Code::BadCommand),
        (json!({"command_id": "x".repeat(257), "tick": {}}), Code::BadCommand),
        (json!({"command_id": "x"}), Code::BadCommand),
        (json!({"command_id": "x", "tick": {}, "observe": {}}), Code::BadCommand),
        (json!({"command_id": "x", "approv": {}}), Code::BadCommand),
        (json!({"command_id": "x", "tick": {"now": 1}}), Code::UnknownMember),
        (json!({"command_id": "x", "revoke": {"grant": "g"}}), Code::MissingMember),
        (json!({"command_id": "x", "issued": {"grant": "g", "points": []}}), Code::BadCommand),
        (json!([]), Code::WrongType),
        (
            json!({"command_id": "x", "submit": {"request": {"principal": person_uid("a"), "scope": []}}}),
            Code::Empty,
        ),
    ];
    for (command, code) in cases {
        let error = read(command.clone()).expect_err("malformed");
        assert_eq!(error.code, code, "{command}: {error:?}");
    }
    let slip = read(json!({"command_id": "x", "approv": {}})).expect_err("malformed");
    assert_eq!(slip.help.as_deref(), Some("did you mean `approve`?"));
}

#[test]
fn secrets_are_refused_at_the_door_and_never_shown() {
    let key = "-----BEGIN PRIVATE KEY-----";
    let lease = "hvs.CAESIJabcdefghijklmnop";
    let host = |value: Value| with(ask("asha", "look", "pay-db", &["INC-1"]), "host", value);
    let cases = [
        json!({"issued": {"grant": "g", "points": ["vault"], "credential_ref": lease}}),
        json!({"submit": {"request": with(ask("asha", "look", "pay-db", &[]), "purpose", json!(key))}}),
        json!({"submit": {"request": host(json!({"password": "hunter2"}))}}),
        json!({"revoke": {"grant": "g", "by": "a", "reason": format!("leaked {lease}")}}),
        json!({"report": {"grant": "g", "finding": "leak", "detail": "postgres://app:hunter2@db/prod"}}),
    ];
    for act in cases {
        let mut whole = act.clone();
        whole["command_id"] = json!("s-1");
        let error = read(whole).expect_err("a secret");
        assert_eq!(error.code, Code::SecretInInput, "{act}");
        let shown = serde_json::to_string(&error).unwrap();
        for secret in [key, lease, "hunter2"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

/// A close and the last approval at one instant, in both orders.
#[test]
fn commands_of_one_instant_give_the_same_bytes_in_any_order() {
    let mut w = World::new();
    let request = w.asked("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]));
    let grant = w.oncall("02:00:00");
    let mut used = pair("restart", "pay-db");
    used["grant"] = json!(grant);
    let acts = [
        json!({"approve": {"request": request, "by": person_uid("lena")}}),
        json!({"activate": {"request": request}}),
        json!({"use": used}),
        json!({"observe": {"incidents": [{"id": "INC-1", "status": "closed"}]}}),
        json!({"tick": {}}),
        json!({"observe": {"locks": [{"target": person_uid("ben")}]}}),
    ];
    let commands: Vec<Command> = acts.into_iter().map(|a| w.command(a)).collect();
    let mut seen: Option<Vec<u8>> = None;
    for turn in 0..commands.len() {
        let mut turned = commands.clone();
        turned.rotate_left(turn);
        if turn % 2 == 1 {
            turned.reverse();
        }
        let mut life = w.life.clone();
        let all = life.apply_all(&turned, at("02:10:00"));
        assert_eq!(life.request(&request).unwrap().phase, glasskey::lifecycle::RequestPhase::Void);
        assert_eq!(life.grant(&grant).unwrap().cause, Some(Cause::IncidentClosed));
        assert_eq!(life.grants().count(), 1, "never a grant");
        let records: Vec<Value> = all
            .into_iter()
            .map(|(id, r)| json!([id, r.map(|a| json!(a.as_ref())).map_err(|e| json!(e))]))
            .collect();
        let now = bytes(&records);
        assert_eq!(*seen.get_or_insert_with(|| now.clone()), now);
    }
}

/// Two commands under one id in a batch: which one counts must not depend on the order.
#[test]
fn even_two_commands_under_one_id_are_ordered() {
    let one =
        read(json!({"command_id": "x", "submit": {"request": ask("asha", "look", "pay-db", &["INC-1"])}}))
            .unwrap();
    let two =
        read(json!({"command_id": "x", "submit": {"request": ask("eve", "look", "pay-db", &["INC-1"])}}))
            .unwrap();
    let run = |commands: &[Command]| -> Vec<u8> {
        let mut w = World::new();
        w.life.apply_all(commands, at("02:00:00"));
        bytes(&w.life.requests().collect::<Vec<_>>())
    };
    assert_eq!(run(&[one.clone(), two.clone()]), run(&[two, one]));
}

#[test]
fn the_order_of_one_instant_is_the_order_of_the_races() {
    let rank = |act: Value| {
        let mut whole = act;
        whole["command_id"] = json!("x");
        read(whole).unwrap()
    };
    let mut used = pair("restart", "pay-db");
    used["grant"] = json!("g");
    let in_order = [
        rank(json!({"observe": {"locks": [{"target": "*"}]}})),
        rank(json!({"revoke": {"grant": "g", "by": "a"}})),
        rank(json!({"deny": {"request": "r", "by": "a"}})),
        rank(json!({"withdraw": {"request": "r"}})),
        rank(json!({"tick": {}})),
        rank(json!({"approve": {"request": "r", "by": "a"}})),
        rank(json!({"activate": {"request": "r"}})),
        rank(json!({"extend": {"grant": "g"}})),
        rank(json!({"use": used})),
    ];
    let mut commands: Vec<Command> = in_order.to_vec();
    for (i, c) in commands.iter_mut().enumerate() {
        // Ids in the other order, so that rank alone decides.
        c.command_id = format!("{}", 900 - i);
    }
    let mut life = Lifecycle::new(BUNDLE.clone(), World::new().life.facts().clone());
    let order: Vec<String> =
        life.apply_all(&commands, at("02:00:00")).into_iter().map(|(id, _)| id).collect();
    assert_eq!(order, commands.iter().map(|c| c.command_id.clone()).collect::<Vec<_>>());
    // News without a lock and what ends a grant are of one rank; then the id decides.
    let mut news = rank(json!({"observe": {"entities_observed_at": t("02:00:00")}}));
    let mut revoke = in_order[1].clone();
    for (first, then) in [("a", "b"), ("b", "a")] {
        (news.command_id, revoke.command_id) = (format!("{first}-news"), format!("{then}-revoke"));
        let all = life.clone().apply_all(&[news.clone(), revoke.clone()], at("02:00:00"));
        assert!(all.is_sorted_by_key(|(id, _)| id.clone()), "{first} before {then}");
    }
}

#[test]
fn a_deny_dominates_an_approve_of_the_same_instant() {
    let mut w = World::new();
    let request = w.asked("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]));
    let approve = w.command(json!({"approve": {"request": request, "by": person_uid("lena")}}));
    let deny = w.command(json!({"deny": {"request": request, "by": person_uid("lars")}}));
    let activate = w.command(json!({"activate": {"request": request}}));
    let all = w.life.apply_all(&[activate, approve, deny], at("02:01:00"));
    assert!(all.iter().all(|(_, r)| r.is_ok()));
    assert_eq!(w.life.request(&request).unwrap().phase, glasskey::lifecycle::RequestPhase::Denied);
    assert_eq!(w.life.grants().count(), 0);
}

#[test]
fn an_extension_is_not_activated() {
    let mut w = World::new();
    let grant = w.oncall("01:00:00");
    let extension = w.extend("01:50:00", &grant).extension.clone().unwrap();
    let error = w.error("01:51:00", json!({"activate": {"request": extension}}));
    assert_eq!(error.code, Code::UnknownRequest);
}

#[test]
fn approvals_without_end_are_refused() {
    let mut w = World::new();
    let request = w.asked("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]));
    for i in 0..64 {
        w.approve("02:01:00", &request, &format!("nobody-{i}@corp"));
    }
    assert_eq!(w.request_phase(&request), glasskey::lifecycle::RequestPhase::Pending);
    // What does not count takes no room from what does.
    assert_eq!(state(&w.approve("02:02:00", &request, "lena")), "approved");
}

#[test]
fn folding_asks_for_every_record_in_order() {
    let mut w = World::new();
    w.oncall("02:00:00");
    let mut fresh = World::new().life;
    let error = fresh.fold(&w.records[1], None).expect_err("the first is missing");
    assert_eq!(error.code, Code::SequenceConflict);
    for record in &w.records {
        fresh.fold(record, None).unwrap();
    }
    assert!(fresh.same_state(&w.life));
    // And it answers like the one that lived.
    let command = w.command(json!({"tick": {}}));
    let live = w.life.apply(&command, at("04:00:00")).unwrap();
    assert_eq!(bytes(fresh.apply(&command, at("04:00:00")).unwrap().as_ref()), bytes(live.as_ref()));
    let replay = w.records[0].clone();
    assert_eq!(replay.act, "submit");
}

#[test]
fn an_unknown_reason_is_never_given_for_a_known_refusal() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.revoke("02:01:00", &grant, "asha");
    let refused = w.uses("02:02:00", &grant, "restart", "pay-db");
    let reason = &refused.decision.as_ref().unwrap().reasons[0];
    assert_eq!(
        (reason.code, reason.detail.as_deref()),
        (ReasonCode::GrantEnded, Some("revoked_by_requester"))
    );
}
