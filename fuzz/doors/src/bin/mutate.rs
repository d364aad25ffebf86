//! Mutated seeds through the doors, on stable and without counters: `mutate [DOOR] [SECONDS]`.
//!
//! It knows nothing of coverage, as the fuzz targets do; but it needs no other toolchain.

use glasskey_doors::mutate::{Dice, Input};
use glasskey_doors::{DOORS, Door};
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// Lets mutated seeds in until the time is up; gives how many.
fn through(door: &Door, time: Duration) -> Result<u64, Vec<u8>> {
    let seeds: Vec<Input> = (door.seeds)().into_iter().map(|(_, seed)| Input::new(seed)).collect();
    let number = std::env::var("GLASSKEY_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let (mut dice, mut count, start) = (Dice(number), 0, Instant::now());
    while start.elapsed() < time {
        let (one, two) = (&seeds[dice.below(seeds.len())], &seeds[dice.below(seeds.len())]);
        let data = one.mutated(two, &mut dice);
        if catch_unwind(|| (door.body)(&data)).is_err() {
            return Err(data);
        }
        count += 1;
    }
    Ok(count)
}

fn main() {
    let (mut doors, mut seconds) = (DOORS.to_vec(), 10);
    for word in std::env::args().skip(1) {
        match (word.parse(), glasskey_doors::door(&word)) {
            (Ok(number), _) => seconds = number,
            (_, Some(door)) => doors = vec![*door],
            _ => panic!("no door is named `{word}`"),
        }
    }
    let mut broken = false;
    for door in doors {
        match through(&door, Duration::from_secs(seconds)) {
            Ok(count) => println!("| `{}` | {count} |", door.name),
            Err(data) => {
                broken = true;
                let file = std::env::temp_dir().join(format!("glasskey-{}", door.name));
                let kept = std::fs::write(&file, &data).map(|()| file.display().to_string());
                println!("{}: broken by what is kept in {}", door.name, kept.unwrap_or_default());
            }
        }
    }
    if broken {
        std::process::exit(1);
    }
}
