//! The series that the reference scripts and the tests both make: see `streams_input.py`.

/// The SplitMix64 sequence (Steele, Lea and Flood 2014).
pub struct Words {
    state: u64,
}

impl Words {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    pub fn below(&mut self, limit: u64) -> usize {
        (self.word() % limit) as usize
    }

    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Close to standard normal: the sum of twelve uniform numbers, less six.
    pub fn normal(&mut self) -> f64 {
        let mut total = 0.0;
        for _ in 0..12 {
            total += self.unit();
        }
        total - 6.0
    }
}

/// Stream `index`: events (0 or 1) if it is even, else numbers, with none to three changes of level.
#[allow(dead_code, reason = "each test binary uses its own part")]
pub fn stream(index: u64) -> Vec<f64> {
    let mut words = Words::new(index);
    let length = 400 + words.below(2601);
    let parts = 1 + words.below(4);
    let levels: Vec<f64> = (0..parts).map(|_| words.unit()).collect();
    let value = |position| {
        let level = levels[position * parts / length];
        if index.is_multiple_of(2) {
            return f64::from(u8::from(words.unit() < level));
        }
        let value = words.normal() + 4.0 * level;
        if index % 8 == 7 { 1000.0 + 50.0 * value } else { value }
    };
    (0..length).map(value).collect()
}

/// Series `index`: numbers with none to three changes of level; of every fifth the spread changes too.
#[allow(dead_code, reason = "each test binary uses its own part")]
pub fn series(index: u64) -> Vec<f64> {
    let mut words = Words::new(1_000_000 + index);
    let length = 20 + words.below(101);
    let parts = 1 + words.below(4);
    let levels: Vec<f64> = (0..parts).map(|_| words.unit()).collect();
    let value = |position| {
        let level = levels[position * parts / length];
        let spread = if index % 5 == 4 { 0.25 + 2.0 * level } else { 1.0 };
        8.0 * level + spread * words.normal()
    };
    (0..length).map(value).collect()
}

/// Series `index` of counts: trials of 0 to 29, and events in them at a rate that changes none to three times.
#[allow(dead_code, reason = "each test binary uses its own part")]
pub fn counts(index: u64) -> (Vec<u64>, Vec<u64>) {
    let mut words = Words::new(2_000_000 + index);
    let length = 20 + words.below(101);
    let parts = 1 + words.below(4);
    let rates: Vec<f64> = (0..parts).map(|_| words.unit()).collect();
    let pair = |position| {
        let rate = rates[position * parts / length];
        let trials = words.below(30) as u64;
        ((0..trials).filter(|_| words.unit() < rate).count() as u64, trials)
    };
    (0..length).map(pair).unzip()
}
