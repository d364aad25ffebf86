//! A history of commands: each step is a byte that says what, and a byte for each of its numbers.

use crate::lifecycle_world::history::{ASKS, CHANGES, Op, PEOPLE, POINTS, Run};
use arbitrary::{Result, Unstructured};

/// How long a history may be: after that nothing new comes up for a long time.
const STEPS_MAX: usize = 64;
const WAITS: [i64; 8] = [1, 1_000, 30_000, 60_000, 240_000, 600_000, 1_500_000, 3_000_000];

/// Lets a history happen.
pub(crate) fn body(data: &[u8]) {
    let mut rest = Unstructured::new(data);
    let mut run = Run::new();
    for _ in 0..STEPS_MAX {
        if rest.is_empty() {
            break;
        }
        let Ok(op) = op(&mut rest) else { break };
        run.step(&op);
    }
}

fn op(bytes: &mut Unstructured<'_>) -> Result<Op> {
    let kind = number(bytes, 21)?;
    let mut n = || number(bytes, 6);
    Ok(match kind {
        0 => Op::Wait(WAITS[number(bytes, WAITS.len())?]),
        1 => Op::Ask {
            who: number(bytes, 3)?,
            what: number(bytes, ASKS.len())?,
            on: number(bytes, 6)?,
            ttl: number(bytes, 6)?,
            later: number(bytes, 10)? == 9,
        },
        2 => Op::Delegate { grant: n()? },
        3 => Op::Approve { request: n()?, by: number(bytes, PEOPLE.len())? },
        4 => Op::Deny { request: n()?, by: number(bytes, PEOPLE.len())? },
        5 => Op::Withdraw { request: n()? },
        6 => Op::Activate { request: n()? },
        7 => Op::Issued { grant: n()?, points: 1 + number(bytes, 7)? },
        8 => Op::IssueFailed { grant: n()? },
        9 => Op::Use { grant: n()? },
        10 => Op::Extend { grant: n()? },
        11 => Op::Agree { extension: n()?, by: number(bytes, PEOPLE.len())? },
        12 => Op::Revoke { grant: n()?, by: number(bytes, PEOPLE.len())? },
        13 => Op::Confirm { grant: n()?, point: number(bytes, POINTS.len())? },
        14 => Op::Report { grant: n()?, drift: number(bytes, 2)? == 1 },
        15 => Op::Complete { grant: n()? },
        16 => Op::Review { grant: n()? },
        17 => Op::Reconcile { grant: n()? },
        18 => Op::Observe(number(bytes, CHANGES)?),
        19 => Op::Tick,
        _ => Op::Bundle(number(bytes, 2)? == 1),
    })
}

fn number(bytes: &mut Unstructured<'_>, below: usize) -> Result<usize> {
    Ok(usize::from(bytes.arbitrary::<u8>()?) % below)
}

/// Lives of grants, told in bytes.
pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let lives: [(&str, &[&[u8]]); 6] = [
        (
            "on-call",
            &[
                &[1, 0, 0, 0, 0, 0],
                &[6, 0],
                &[7, 0, 2],
                &[9, 0],
                &[0, 7],
                &[10, 0],
                &[11, 0, 2],
                &[0, 7],
                &[13, 0, 0],
                &[13, 0, 1],
            ],
        ),
        (
            "incident-closes",
            &[
                &[1, 0, 0, 0, 0, 0],
                &[6, 0],
                &[7, 0, 2],
                &[18, 0],
                &[13, 0, 0],
                &[18, 2],
                &[9, 0],
                &[13, 0, 1],
            ],
        ),
        (
            "two-approve",
            &[&[1, 0, 2, 0, 0, 0], &[3, 0, 6], &[3, 0, 5], &[6, 0], &[7, 0, 6], &[9, 0], &[14, 0, 1]],
        ),
        (
            "uses",
            &[
                &[1, 0, 3, 0, 0, 0],
                &[3, 0, 2],
                &[6, 0],
                &[7, 0, 0],
                &[9, 0],
                &[9, 0],
                &[9, 0],
                &[9, 0],
                &[19],
            ],
        ),
        ("handover", &[&[1, 0, 4, 0, 0, 0], &[6, 0], &[7, 0, 1], &[18, 10], &[0, 5], &[18, 11], &[19]]),
        (
            "delegated",
            &[
                &[1, 0, 5, 0, 0, 0],
                &[6, 0],
                &[7, 0, 0],
                &[2, 0],
                &[6, 0],
                &[7, 0, 0],
                &[12, 1, 0],
                &[20, 1],
                &[20, 0],
            ],
        ),
    ];
    lives.iter().map(|(name, steps)| ((*name).to_owned(), steps.concat())).collect()
}
