//! Mutated seeds through the doors, on stable and without counters: `mutate [DOOR] [SECONDS]`.
//!
//! It knows nothing of coverage, as cargo-fuzz does; but it needs no other toolchain, and what it
//! makes of a seed is mostly still a document: values change places, members go missing, lines come
//! from elsewhere.

use glasskey_doors::{DOORS, Door};
use serde_json::Value;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// Chance from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}

/// Values that stand at borders.
fn odd(dice: &mut Dice) -> Value {
    let all: [Value; 12] = [
        Value::Null,
        true.into(),
        0.into(),
        (-1).into(),
        9_007_199_254_740_991_i64.into(),
        1.5.into(),
        "".into(),
        "0s".into(),
        "9999-12-31T23:59:59.999Z".into(),
        "0000-01-01T00:00:00.000Z".into(),
        "A::\"\\u{0}\"".into(),
        Value::Array(Vec::new()),
    ];
    all[dice.below(all.len())].clone()
}

/// Every place of a document, by its pointer.
fn places(value: &Value, path: &str, out: &mut Vec<String>) {
    out.push(path.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| places(v, &format!("{path}/{i}"), out))
        }
        Value::Object(members) => members.iter().for_each(|(name, v)| {
            places(v, &format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), out);
        }),
        _ => {}
    }
}

fn in_json(dice: &mut Dice, seed: &Value, other: &Value) -> Value {
    let mut out = seed.clone();
    let (mut here, mut there) = (Vec::new(), Vec::new());
    places(&out, "", &mut here);
    places(other, "", &mut there);
    let foreign = other.pointer(&there[dice.below(there.len())]).cloned().unwrap_or_default();
    let own = out.pointer(&here[dice.below(here.len())]).cloned().unwrap_or_default();
    let place = here[dice.below(here.len())].clone();
    let what = dice.below(6);
    let Some(target) = out.pointer_mut(&place) else { return out };
    match (what, &mut *target) {
        (0, _) => *target = foreign,
        (1, _) => *target = own,
        (2, Value::Object(members)) => {
            let name = members.keys().nth(dice.below(members.len())).cloned();
            name.map(|name| members.remove(&name));
        }
        (2, Value::Array(items)) if !items.is_empty() => drop(items.remove(dice.below(items.len()))),
        (3, Value::Array(items)) => {
            let again = items.get(dice.below(items.len())).cloned();
            items.extend(again);
        }
        (4, Value::String(text)) => {
            let bytes =
                in_bytes(dice, text.as_bytes(), b"Glasskey::Person::\"ann\" 1h30m 2026-03-01T02:05:00.000Z");
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
        (4, Value::Number(number)) => *target = (number.as_i64().unwrap_or(0) + 1).into(),
        _ => *target = odd(dice),
    }
    out
}

fn in_bytes(dice: &mut Dice, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut out = seed.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(out.len() + 1);
        let length = dice.below(24).min(out.len() - at);
        match dice.below(6) {
            0 if at < out.len() => out[at] ^= 1 << dice.below(8),
            1 => drop(out.drain(at..at + length)),
            2 => {
                let from = dice.below(other.len() + 1);
                let piece = other[from..(from + dice.below(40)).min(other.len())].to_vec();
                out.splice(at..at + length, piece);
            }
            3 => {
                let piece = out[at..at + length].to_vec();
                out.splice(at..at, piece);
            }
            4 => out.insert(at, u8::try_from(dice.below(256)).unwrap_or(0)),
            _ => {
                // A line of another seed in the place of one of its own.
                let lines: Vec<&[u8]> = other.split_inclusive(|b| *b == b'\n').collect();
                let mut own: Vec<&[u8]> = out.split_inclusive(|b| *b == b'\n').collect();
                if !own.is_empty() && !lines.is_empty() {
                    let place = dice.below(own.len());
                    own[place] = lines[dice.below(lines.len())];
                    out = own.concat();
                }
            }
        }
    }
    out
}

/// Lets mutated seeds in until the time is up; gives how many.
fn through(door: &Door, time: Duration) -> Result<u64, Vec<u8>> {
    let seeds: Vec<(Vec<u8>, Option<Value>)> = (door.seeds)()
        .into_iter()
        .map(|(_, seed)| (seed.clone(), serde_json::from_slice(&seed).ok()))
        .collect();
    let number = std::env::var("GLASSKEY_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let (mut dice, mut count, start) = (Dice(number), 0, Instant::now());
    while start.elapsed() < time {
        let (one, two) = (&seeds[dice.below(seeds.len())], &seeds[dice.below(seeds.len())]);
        let data = match (&one.1, &two.1) {
            (Some(json), Some(other)) if dice.below(3) > 0 => {
                let first = in_json(&mut dice, json, other);
                let again = if dice.below(2) == 0 { in_json(&mut dice, &first, other) } else { first };
                again.to_string().into_bytes()
            }
            _ => in_bytes(&mut dice, &one.0, &two.0),
        };
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
