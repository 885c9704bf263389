//! The effects that are compared with no effect, on a grid.

/// Levels to a doubling of the effect. Twice the effect is two levels higher, so a change that is felt by half is
/// judged by a level that is two lower.
pub(super) const LEVELS_PER_DOUBLING: usize = 2;

/// Levels below the smallest effect of an arm that is judged by itself: what a partly felt change needs.
pub(super) const PARTIAL_LEVELS: usize = 4;

/// How an effect acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is added: to a rate, to days.
    Addition,
    /// The natural logarithm of what amounts, days or volumes are multiplied with.
    Factor,
    /// The natural logarithm of what a category's weight is multiplied with.
    Weight(u32),
}

/// Effects of one kind and one direction, growing by a constant factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Arm {
    pub(super) kind: Kind,
    /// The smallest effect that is judged by itself, with its sign.
    pub(super) first: f64,
    /// How many are judged.
    pub(super) levels: usize,
}

/// One effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Effect {
    pub(super) kind: Kind,
    /// Its size, with its sign.
    pub(super) size: f64,
    /// The share of the rows that feel it; the others are as before.
    pub(super) share: f64,
}

impl Effect {
    /// The log ratio of a row, from that of a row that feels the effect.
    pub(super) fn mixed(&self, log_ratio: f64) -> f64 {
        if self.share == 1.0 {
            log_ratio
        } else {
            libm::log(1.0 - self.share + self.share * libm::exp(log_ratio))
        }
    }
}

/// The effects of a metric: arm after arm, each from its smallest level, partial ones included.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Effects {
    arms: Vec<Arm>,
    each: Vec<Effect>,
    /// The place of each judged effect, and its place among the arms' levels.
    judged: Vec<usize>,
}

impl Effects {
    pub(super) fn new(arms: Vec<Arm>) -> Self {
        let (mut each, mut judged) = (Vec::new(), Vec::new());
        for arm in &arms {
            for level in 0..PARTIAL_LEVELS + arm.levels {
                if level >= PARTIAL_LEVELS {
                    judged.push(each.len());
                }
                let doublings = (level as f64 - PARTIAL_LEVELS as f64) / LEVELS_PER_DOUBLING as f64;
                each.push(Effect { kind: arm.kind, size: arm.first * libm::exp2(doublings), share: 1.0 });
            }
        }
        Self { arms, each, judged }
    }

    /// Effects that are judged one by one.
    pub(super) fn exactly(each: Vec<Effect>) -> Self {
        Self { arms: Vec::new(), judged: (0..each.len()).collect(), each }
    }

    /// Both directions of a kind.
    pub(super) fn both(kind: Kind, first: f64, levels: usize) -> [Arm; 2] {
        [Arm { kind, first, levels }, Arm { kind, first: -first, levels }]
    }

    /// The effects, partial ones included.
    pub(super) fn each(&self) -> &[Effect] {
        &self.each
    }

    /// The places of the judged effects among [`Effects::each`]; up to [`PARTIAL_LEVELS`] before each are smaller
    /// effects of the same arm.
    pub(super) fn judged(&self) -> &[usize] {
        &self.judged
    }

    /// The first judged effect of each arm, by its place among [`Effects::judged`], and the arm's levels.
    pub(super) fn arms(&self) -> impl Iterator<Item = (usize, usize)> {
        self.arms.iter().scan(0, |start, arm| {
            let place = *start;
            *start += arm.levels;
            Some((place, arm.levels))
        })
    }
}
