//! The three workloads of Cedar's OOPSLA paper, ours beside plain Cedar's in the same run. Every
//! answer is compared, too.

use cedar_policy::{Authorizer, Decision};
use glasskey::{answer, decide};
use glasskey_benches::median;
use glasskey_benches::workloads::{ALL, Ready};
use std::hint::black_box;

fn main() {
    println!(
        "{:>9} {:>6} {:>9} {:>8} {:>11} {:>11} {:>11} {:>13}",
        "workload", "size", "policies", "permits", "answer", "evidence", "Cedar", "Cedar/answer"
    );
    for workload in &ALL {
        for size in [10, 50, 250] {
            let ready = workload.ready(size, 200).expect("a workload");
            let Ready { bundle, facts, now, policies, entities, questions } = &ready;
            let authorizer = Authorizer::new();
            let mut permits = 0;
            for question in questions {
                let ours = answer(bundle, facts, &question.ours, *now).is_permit();
                let cedars = authorizer.is_authorized(&question.cedars, policies, entities).decision();
                assert_eq!(ours, cedars == Decision::Allow, "{:?}", question.ours);
                permits += usize::from(ours);
            }
            let (mut turn, calls) = (0, 2_000);
            let mut next = || {
                turn = (turn + 1) % questions.len();
                &questions[turn]
            };
            let bare = median(calls, || drop(black_box(answer(bundle, facts, &next().ours, *now))));
            let evidence = median(calls, || drop(black_box(decide(bundle, facts, &next().ours, *now))));
            let cedars = median(calls, || {
                drop(black_box(authorizer.is_authorized(&next().cedars, policies, entities)))
            });
            println!(
                "{:>9} {size:>6} {:>9} {permits:>4}/200 {:>11} {:>11} {:>11} {:>13.1}",
                workload.name,
                policies.policies().count(),
                format!("{bare:.1?}"),
                format!("{evidence:.1?}"),
                format!("{cedars:.1?}"),
                cedars.as_secs_f64() / bare.as_secs_f64(),
            );
        }
    }
}
