//! Damage that files have in the wild, each by its name in the manifest.

/// Damages a file.
#[derive(Debug)]
pub struct Fault {
    /// The registry name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    damage: fn(&mut Vec<u8>, u64),
}

/// Every fault; to add one: its entry.
pub const FAULTS: &[Fault] = &[
    Fault {
        name: "truncated",
        about: "cut off somewhere in its second half",
        damage: |bytes, seed| {
            let half = bytes.len() / 2;
            bytes.truncate(half + (seed % (half as u64 + 1)) as usize / 2);
        },
    },
    Fault {
        name: "bad_header",
        about: "the first sixteen bytes are others",
        damage: |bytes, seed| {
            let stream = crate::random::Stream::new(seed, "bad header");
            (0..bytes.len().min(16)).for_each(|place| bytes[place] ^= stream.bits(place as u64) as u8 | 1);
        },
    },
    Fault { name: "zero_len", about: "no byte at all", damage: |bytes, _| bytes.clear() },
    Fault {
        name: "wrong_ext",
        about: "nothing but the name is wrong: it tells of another format",
        damage: |_, _| {},
    },
];

impl Fault {
    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|fault| fault.name == name)
    }

    /// Damages a file's bytes; what is left open follows from the seed.
    pub fn damage(&self, bytes: &mut Vec<u8>, seed: u64) {
        (self.damage)(bytes, seed);
    }
}
