//! What is made of an input to get another: mostly still a document, where bits alone would be none.
//! Values change places, members go missing, lines come from elsewhere.

use serde_json::Value;

/// An input, and the document it is, if it is one.
#[derive(Clone, Debug)]
pub struct Input {
    bytes: Vec<u8>,
    json: Option<Value>,
}

impl Input {
    /// Reads it.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let json = serde_json::from_slice(&bytes).ok();
        Self { bytes, json }
    }

    /// Another input, with something from one more in it.
    #[must_use]
    pub fn mutated(&self, other: &Self, dice: &mut Dice) -> Vec<u8> {
        match (&self.json, &other.json) {
            (Some(json), Some(other)) if dice.below(3) > 0 => {
                let first = in_json(dice, json, other);
                let again = if dice.below(2) == 0 { in_json(dice, &first, other) } else { first };
                again.to_string().into_bytes()
            }
            _ => in_bytes(dice, &self.bytes, &other.bytes),
        }
    }
}

/// Chance from a seed (splitmix64).
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, or 0.
    pub fn below(&mut self, n: usize) -> usize {
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
