//! Generated conditions: every operator, nested, mostly well typed and sometimes not.

use crate::dice::Dice;
use crate::worlds::{DECIMALS, IPS, SPANS, TEXTS, TIMES, long, uid_text};

/// What an expression is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Long,
    Text,
    Entity,
    Longs,
    Texts,
    Entities,
    Mixed,
    Record,
    Decimal,
    Ip,
    Time,
    Span,
}

const KINDS: [Kind; 13] = [
    Kind::Bool,
    Kind::Long,
    Kind::Text,
    Kind::Entity,
    Kind::Longs,
    Kind::Texts,
    Kind::Entities,
    Kind::Mixed,
    Kind::Record,
    Kind::Decimal,
    Kind::Ip,
    Kind::Time,
    Kind::Span,
];

impl Kind {
    pub fn any(dice: &mut Dice) -> Self {
        KINDS[dice.below(KINDS.len())]
    }
}

/// What every entity and the context mostly have.
pub const ATTRIBUTES: &[(&str, Kind)] = &[
    ("b1", Kind::Bool),
    ("b2", Kind::Bool),
    ("n1", Kind::Long),
    ("n2", Kind::Long),
    ("s1", Kind::Text),
    ("e1", Kind::Entity),
    ("e2", Kind::Entity),
    ("ns", Kind::Longs),
    ("ss", Kind::Texts),
    ("es", Kind::Entities),
    ("ms", Kind::Mixed),
    ("r", Kind::Record),
    ("d1", Kind::Decimal),
    ("ip", Kind::Ip),
    ("t1", Kind::Time),
    ("t2", Kind::Time),
    ("u1", Kind::Span),
];

/// What every record mostly has.
pub const MEMBERS: &[(&str, Kind)] = &[
    ("n1", Kind::Long),
    ("s1", Kind::Text),
    ("e1", Kind::Entity),
    ("t1", Kind::Time),
    ("r", Kind::Record),
    ("odd name", Kind::Bool),
];

pub fn condition(dice: &mut Dice, depth: usize) -> String {
    expr(dice, Kind::Bool, depth)
}

fn expr(dice: &mut Dice, kind: Kind, depth: usize) -> String {
    let kind = if dice.chance(2) { Kind::any(dice) } else { kind };
    if depth > 0 && dice.chance(8) {
        let d = depth - 1;
        return format!(
            "(if {} then {} else {})",
            expr(dice, Kind::Bool, d),
            expr(dice, kind, d),
            expr(dice, kind, d)
        );
    }
    match kind {
        Kind::Bool if depth > 0 => truth(dice, depth - 1),
        Kind::Long if depth > 0 => number(dice, depth - 1),
        Kind::Time if depth > 0 => time(dice, depth - 1),
        Kind::Span if depth > 0 => span(dice, depth - 1),
        _ => leaf(dice, kind, depth),
    }
}

fn leaf(dice: &mut Dice, kind: Kind, depth: usize) -> String {
    if dice.chance(60) {
        return attribute(dice, kind, depth);
    }
    let constructor = |dice: &mut Dice, name: &str, texts: &[&str]| {
        if dice.chance(6) {
            return format!("{name}({})", expr(dice, Kind::Text, 0));
        }
        format!("{name}(\"{}\")", dice.pick(texts))
    };
    match kind {
        Kind::Bool => dice.chance(60).to_string(),
        Kind::Long => long(dice).to_string(),
        Kind::Text => match dice.below(4) {
            0 => format!("({}).getTag({})", expr(dice, Kind::Entity, 0), tag(dice)),
            _ => format!("\"{}\"", dice.pick(TEXTS)),
        },
        Kind::Entity => match dice.below(8) {
            0 => "action".to_owned(),
            1 | 2 => "principal".to_owned(),
            3 | 4 => "resource".to_owned(),
            _ => uid_text(dice),
        },
        Kind::Longs => set(dice, Kind::Long),
        Kind::Texts => set(dice, Kind::Text),
        Kind::Entities => set(dice, Kind::Entity),
        Kind::Mixed => {
            let kind = Kind::any(dice);
            set(dice, if kind == Kind::Mixed { Kind::Time } else { kind })
        }
        Kind::Record if dice.chance(50) => "context".to_owned(),
        Kind::Record => record(dice),
        Kind::Decimal => constructor(dice, "decimal", DECIMALS),
        Kind::Ip => constructor(dice, "ip", IPS),
        Kind::Time => constructor(dice, "datetime", TIMES),
        Kind::Span => constructor(dice, "duration", SPANS),
    }
}

fn set(dice: &mut Dice, kind: Kind) -> String {
    // Mostly of literals, as in real policies.
    let all: Vec<String> = (0..dice.below(4))
        .map(|_| if dice.chance(80) { literal(dice, kind) } else { expr(dice, kind, 0) })
        .collect();
    format!("[{}]", all.join(", "))
}

fn record(dice: &mut Dice) -> String {
    let vary = dice.chance(30);
    let mut value = |kind| if vary { expr(dice, kind, 0) } else { literal(dice, kind) };
    format!(
        "{{n1: {}, \"s1\": {}, t1: {}, e1: {}}}",
        value(Kind::Long),
        value(Kind::Text),
        value(Kind::Time),
        value(Kind::Entity)
    )
}

fn literal(dice: &mut Dice, kind: Kind) -> String {
    match kind {
        Kind::Bool => dice.chance(50).to_string(),
        Kind::Long => long(dice).to_string(),
        Kind::Text => format!("\"{}\"", dice.pick(TEXTS)),
        Kind::Entity => uid_text(dice),
        Kind::Decimal => format!("decimal(\"{}\")", dice.pick(DECIMALS)),
        Kind::Ip => format!("ip(\"{}\")", dice.pick(IPS)),
        Kind::Time => format!("datetime(\"{}\")", dice.pick(TIMES)),
        Kind::Span => format!("duration(\"{}\")", dice.pick(SPANS)),
        Kind::Record => "{}".to_owned(),
        Kind::Longs | Kind::Texts | Kind::Entities | Kind::Mixed => "[]".to_owned(),
    }
}

/// `base.name`, mostly of a kind.
fn attribute(dice: &mut Dice, kind: Kind, depth: usize) -> String {
    let base = base(dice, depth);
    let of = if base.ends_with(".r") || base.ends_with('}') { MEMBERS } else { ATTRIBUTES };
    let named: Vec<&str> = of.iter().filter(|(_, k)| *k == kind).map(|(n, _)| *n).collect();
    match named.len() {
        0 => format!("{base}.{}", of[dice.below(of.len() - 1)].0),
        n => match named[dice.below(n)] {
            "odd name" => format!("{base}[\"odd name\"]"),
            name => format!("{base}.{name}"),
        },
    }
}

fn base(dice: &mut Dice, depth: usize) -> String {
    match dice.below(14) {
        0..=3 => "context".to_owned(),
        4..=6 => "principal".to_owned(),
        7..=8 => "resource".to_owned(),
        9 => "context.e1".to_owned(),
        10 => "principal.e2".to_owned(),
        11 => "context.r".to_owned(),
        12 => uid_text(dice),
        _ if depth > 0 => {
            let kind = if dice.chance(70) { Kind::Entity } else { Kind::Record };
            format!("({})", expr(dice, kind, depth - 1))
        }
        _ => "context.r.r".to_owned(),
    }
}

fn tag(dice: &mut Dice) -> String {
    if dice.chance(80) {
        format!("\"{}\"", dice.pick(&["k1", "k2", "s1", "no"]))
    } else {
        expr(dice, Kind::Text, 0)
    }
}

fn truth(dice: &mut Dice, d: usize) -> String {
    let both = |dice: &mut Dice, op: &str, kind: Kind| {
        format!("({} {op} {})", expr(dice, kind, d), expr(dice, kind, d))
    };
    let call = |dice: &mut Dice, of: Kind, method: &str, with: Kind| {
        format!("({}).{method}({})", expr(dice, of, d), expr(dice, with, d))
    };
    match dice.below(27) {
        0 | 1 => both(dice, "&&", Kind::Bool),
        2 | 3 => both(dice, "||", Kind::Bool),
        4 => format!("!({})", expr(dice, Kind::Bool, d)),
        5..=7 => {
            let (kind, op) = (Kind::any(dice), dice.pick(&["==", "!="]));
            both(dice, op, kind)
        }
        8 => {
            let (a, b) = (Kind::any(dice), Kind::any(dice));
            format!("({} == {})", expr(dice, a, d), expr(dice, b, d))
        }
        9..=11 => {
            let kind = [Kind::Long, Kind::Time, Kind::Span, Kind::Long, Kind::Decimal][dice.below(5)];
            let op = dice.pick(&["<", "<=", ">", ">="]);
            both(dice, op, kind)
        }
        12 => format!("({} in {})", expr(dice, Kind::Entity, d), expr(dice, Kind::Entity, d)),
        13 => format!("({} in {})", expr(dice, Kind::Entity, d), expr(dice, Kind::Entities, d)),
        14 => {
            let any = Kind::any(dice);
            let (one, many) = [
                (Kind::Long, Kind::Longs),
                (Kind::Text, Kind::Texts),
                (Kind::Entity, Kind::Entities),
                (Kind::Time, Kind::Mixed),
                (any, Kind::Mixed),
            ][dice.below(5)];
            call(dice, many, "contains", one)
        }
        15 | 16 => {
            let many = [Kind::Longs, Kind::Texts, Kind::Entities, Kind::Mixed][dice.below(4)];
            let method = dice.pick(&["containsAll", "containsAny"]);
            call(dice, many, method, many)
        }
        17 => {
            let many = [Kind::Longs, Kind::Texts, Kind::Mixed][dice.below(3)];
            format!("({}).isEmpty()", expr(dice, many, d))
        }
        18 => format!("({}).hasTag({})", expr(dice, Kind::Entity, d), tag(dice)),
        19 | 20 => {
            let name = dice.pick(&[
                "b1",
                "n1",
                "e1",
                "r",
                "nothing",
                "r.n1",
                "r.r.n1",
                "e1.n1",
                "e1.e2.r.s1",
                "n1.x",
                "\"odd name\"",
            ]);
            let base = base(dice, d);
            let (kind, plain) = (dice.below(3), format!("({base} has {name})"));
            if kind == 0 { format!("({base} has {name} && {})", expr(dice, Kind::Bool, d)) } else { plain }
        }
        21 => {
            let pattern = dice.pick(&["", "*", "a*", "*c", "a\\*c", "INC-*", "*b*", "ä*😀", "?"]);
            format!("({} like \"{pattern}\")", expr(dice, Kind::Text, d))
        }
        22 => {
            let kind = dice.pick(&[
                "User",
                "Doc",
                "App::Folder",
                "Group in Group::\"x1\"",
                "User in [Group::\"x0\", Group::\"x2\"]",
                "Action",
            ]);
            format!("({} is {kind})", expr(dice, Kind::Entity, d))
        }
        23 => match dice.below(5) {
            0 => call(dice, Kind::Ip, "isInRange", Kind::Ip),
            n => format!(
                "({}).{}()",
                expr(dice, Kind::Ip, d),
                ["isIpv4", "isIpv6", "isLoopback", "isMulticast"][n - 1]
            ),
        },
        24 => {
            let method = dice.pick(&["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"]);
            call(dice, Kind::Decimal, method, Kind::Decimal)
        }
        _ => leaf(dice, Kind::Bool, d),
    }
}

fn number(dice: &mut Dice, d: usize) -> String {
    match dice.below(8) {
        0 => format!("({} + {})", expr(dice, Kind::Long, d), expr(dice, Kind::Long, d)),
        1 => format!("({} - {})", expr(dice, Kind::Long, d), expr(dice, Kind::Long, d)),
        2 => format!("({} * {})", expr(dice, Kind::Long, d), expr(dice, Kind::Long, d)),
        3 => format!("(-({}))", expr(dice, Kind::Long, d)),
        4 | 5 => {
            let method = dice.pick(&["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"]);
            format!("({}).{method}()", expr(dice, Kind::Span, d))
        }
        _ => leaf(dice, Kind::Long, d),
    }
}

fn time(dice: &mut Dice, d: usize) -> String {
    match dice.below(5) {
        0 => format!("({}).offset({})", expr(dice, Kind::Time, d), expr(dice, Kind::Span, d)),
        1 => format!("({}).toDate()", expr(dice, Kind::Time, d)),
        _ => leaf(dice, Kind::Time, d),
    }
}

fn span(dice: &mut Dice, d: usize) -> String {
    match dice.below(5) {
        0 => format!("({}).durationSince({})", expr(dice, Kind::Time, d), expr(dice, Kind::Time, d)),
        1 => format!("({}).toTime()", expr(dice, Kind::Time, d)),
        _ => leaf(dice, Kind::Span, d),
    }
}
