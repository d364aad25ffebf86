//! Many threads on one bundle and one snapshot of facts. Nothing is locked, and nothing is shared
//! but what never changes, so each thread should take the share of the cores that it gets.
//!
//! Answers a second depend on who else uses the cores. Where Linux tells it, the time that the
//! threads themselves were running is shown, too: were they in each other's way, it would grow.

use cedar_policy::Authorizer;
use glasskey::answer;
use glasskey_benches::World;
use glasskey_benches::pam::{self, Size};
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

/// How long this thread has been running on a core.
fn running() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// The whole time of so many decisions on so many threads, and that which the threads ran.
fn spent(threads: usize, decisions: usize, decide: &(impl Fn() + Sync)) -> (Duration, Option<Duration>) {
    let one = || {
        let before = running();
        (0..decisions / threads).for_each(|_| decide());
        running().zip(before).map(|(after, before)| after - before)
    };
    let begun = Instant::now();
    let ran = std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|thread| thread.join().expect("a thread")).sum()
    });
    (begun.elapsed(), ran)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn row(name: &str, threads: &[usize], decisions: usize, decide: impl Fn() + Sync) {
    spent(1, decisions, &decide);
    let mut all: Vec<Vec<(Duration, Option<Duration>)>> = vec![Vec::new(); threads.len()];
    for _ in 0..ROUNDS {
        for (nth, threads) in threads.iter().enumerate() {
            all[nth].push(spent(*threads, decisions, &decide));
        }
    }
    let mut first = None;
    for (threads, spent) in threads.iter().zip(all) {
        let whole = median(spent.iter().map(|(whole, _)| *whole).collect());
        let rate = decisions as f64 / whole.as_secs_f64();
        let ran: Vec<Duration> = spent.into_iter().filter_map(|(_, ran)| ran).collect();
        let ran =
            if ran.is_empty() { "-".to_owned() } else { format!("{:.2?}", median(ran) / decisions as u32) };
        println!("{name:>8} {threads:>8} {rate:>12.0} {:>8.2} {ran:>16}", rate / *first.get_or_insert(rate));
    }
}

fn main() {
    let size = Size { policies: 1_000, candidates: 5, entities: 1_000 };
    let World { bundle, facts, request, now, policies, entities, asked } = pam::world(size).expect("a world");
    let authorizer = Authorizer::new();
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    println!("1,000 policies, five candidates; {cores} cores; medians of {ROUNDS} rounds in turn");
    println!("{:>8} {:>8} {:>12} {:>8} {:>16}", "", "threads", "answers/s", "to one", "running, each");
    let threads = [1, cores, 100];
    row("ours", &threads, 100_000, || drop(black_box(answer(&bundle, &facts, &request, now))));
    row("Cedar", &threads, 1_000, || drop(black_box(authorizer.is_authorized(&asked, &policies, &entities))));
}
