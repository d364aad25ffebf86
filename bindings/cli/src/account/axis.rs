//! From instants to places on a page, with long empty stretches cut out.

use glasskey::{Instant, Span};

/// A stretch in which nothing happens is cut out if it is longer than this …
const CUT_FROM_MS: i64 = 3_600_000;
/// … and so many times longer than all the rest.
const CUT_TIMES: i64 = 3;
const CUTS_MAX: usize = 4;
/// How wide a cut is drawn.
const CUT_WIDTH: f64 = 44.0;
const TICKS_MAX: i64 = 8;
const STEPS_S: [i64; 18] = [
    1, 5, 10, 30, 60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    2_592_000,
];

/// A piece of the axis.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: i64,
    to: i64,
    x: f64,
    width: f64,
    cut: bool,
}

/// Where instants are drawn.
#[derive(Debug)]
pub(super) struct Axis {
    pieces: Vec<Piece>,
    step_ms: i64,
}

impl Axis {
    /// An axis of this width over all these instants.
    pub(super) fn new(instants: impl IntoIterator<Item = Instant>, left: f64, width: f64) -> Self {
        let mut all: Vec<i64> = instants.into_iter().map(Instant::ms).collect();
        all.sort_unstable();
        all.dedup();
        if let [only] = all[..] {
            all.push(only + 1_000);
        }
        let mut gaps: Vec<(i64, i64, bool)> = all.windows(2).map(|w| (w[0], w[1], false)).collect();
        for _ in 0..CUTS_MAX {
            let total: i64 = gaps.iter().filter(|g| !g.2).map(|g| g.1 - g.0).sum();
            let longest = gaps.iter_mut().filter(|g| !g.2).max_by_key(|g| g.1 - g.0);
            let Some(gap) = longest else { break };
            let length = gap.1 - gap.0;
            if length < CUT_FROM_MS || length < (total - length).saturating_mul(CUT_TIMES) || length == total
            {
                break;
            }
            gap.2 = true;
        }
        let cuts = gaps.iter().filter(|g| g.2).count();
        let drawn: i64 = gaps.iter().filter(|g| !g.2).map(|g| g.1 - g.0).sum();
        let scale = (width - CUT_WIDTH * cuts as f64) / drawn.max(1) as f64;
        let mut x = left;
        let mut pieces = Vec::new();
        for (from, to, cut) in gaps {
            let width = if cut { CUT_WIDTH } else { (to - from) as f64 * scale };
            pieces.push(Piece { from, to, x, width, cut });
            x += width;
        }
        let step = STEPS_S.into_iter().find(|s| drawn / (s * 1_000) <= TICKS_MAX).unwrap_or(31_536_000);
        Self { pieces, step_ms: step * 1_000 }
    }

    /// Where an instant is drawn; what is outside, at the nearer end.
    pub(super) fn x(&self, at: Instant) -> f64 {
        let at = at.ms();
        let Some(piece) = self.pieces.iter().find(|p| at <= p.to).or(self.pieces.last()) else { return 0.0 };
        let part = (at - piece.from) as f64 / (piece.to - piece.from).max(1) as f64;
        piece.x + part.clamp(0.0, 1.0) * piece.width
    }

    /// Instants to be labelled, in order, with their places.
    pub(super) fn ticks(&self) -> Vec<(Instant, f64)> {
        let mut ticks = Vec::new();
        for piece in self.pieces.iter().filter(|p| !p.cut) {
            let mut at = piece.from.div_euclid(self.step_ms) * self.step_ms;
            if at < piece.from {
                at += self.step_ms;
            }
            while at <= piece.to {
                if let Ok(instant) = Instant::from_ms(at) {
                    ticks.push((instant, self.x(instant)));
                }
                at += self.step_ms;
            }
        }
        ticks.dedup_by_key(|t| t.0);
        ticks
    }

    /// What was cut out: where, and how long it is.
    pub(super) fn cuts(&self) -> impl Iterator<Item = (f64, f64, Span)> {
        self.pieces.iter().filter(|p| p.cut).map(|p| (p.x, p.width, Span::from_ms(p.to - p.from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Instant {
        Instant::from_ms(1_772_330_700_000 + ms).expect("a year that can be written")
    }

    #[test]
    fn later_instants_are_drawn_further_to_the_right() {
        let axis = Axis::new([0, 1_000, 50_000, 90_000].map(at), 100.0, 600.0);
        assert!((axis.x(at(0)) - 100.0).abs() < 0.01 && (axis.x(at(90_000)) - 700.0).abs() < 0.01);
        let places: Vec<f64> = (-1..=91).map(|s| axis.x(at(s * 1_000))).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(axis.cuts().count(), 0);
        assert!((2..=9).contains(&axis.ticks().len()), "{:?}", axis.ticks());
    }

    #[test]
    fn a_long_empty_stretch_is_cut_out_and_says_how_long_it_is() {
        let day = 86_400_000;
        let axis = Axis::new([0, 600_000, day].map(at), 0.0, 600.0);
        let cuts: Vec<_> = axis.cuts().collect();
        assert_eq!((cuts.len(), cuts[0].2.to_string().as_str()), (1, "23h50m"));
        assert!((axis.x(at(600_000)) - (600.0 - CUT_WIDTH)).abs() < 0.01);
        assert!(axis.ticks().iter().all(|(t, _)| t.ms() <= at(600_000).ms()));
    }

    #[test]
    fn one_instant_and_none_are_no_trouble() {
        assert!(Axis::new([at(0)], 0.0, 600.0).x(at(0)).abs() < 0.01);
        assert!(Axis::new([], 0.0, 600.0).x(at(0)).abs() < 0.01);
    }
}
