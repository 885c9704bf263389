//! Styles: which drums, basses and chords play where in a bar.
//!
//! A bar has four beats of four sixteenths. A pattern has a letter for each: `X` loud, `x` soft, `.` nothing.

/// How music of one kind goes.
#[derive(Debug)]
pub struct Style {
    /// The registry name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// Kick drum, two bars after each other.
    pub kick: [&'static str; 2],
    /// Snare drum.
    pub snare: [&'static str; 2],
    /// Hi-hat.
    pub hat: [&'static str; 2],
    /// Bass notes.
    pub bass: [&'static str; 2],
    /// Chords.
    pub chords: [&'static str; 2],
    /// How many melody notes a sixteenth starts, from 0 to 1.
    pub melody_density: f64,
    /// How much later than even the second of two sixteenths comes, in sixteenths.
    pub swing: f64,
}

const NO_DRUM: [&str; 2] = ["................", "................"];

/// Every style; to add one: its entry.
pub const STYLES: &[Style] = &[
    Style {
        name: "house",
        about: "four on the floor, claps on two and four, open hats between the beats",
        kick: ["X...X...X...X...", "X...X...X...X.x."],
        snare: ["....X.......X...", "....X.......X..x"],
        hat: ["..X...X...X...X.", "..X...X.x.X...Xx"],
        bass: ["..X...X..xX...X.", "..X..xX...X...Xx"],
        chords: ["X..X..X.........", "X..X..X...x....."],
        melody_density: 0.22,
        swing: 0.12,
    },
    Style {
        name: "techno",
        about: "a driving kick, sixteenth hats and a rumbling bass",
        kick: ["X...X...X...X...", "X...X...X...X..."],
        snare: ["............x...", "....x.......x..."],
        hat: ["x.Xxx.Xxx.Xxx.Xx", "x.Xxx.Xxx.Xxx.XX"],
        bass: [".xXx.xXx.xXx.xXx", ".xXx.xXx.xXx.xXx"],
        chords: ["...X......X.....", "...X......X..x.."],
        melody_density: 0.15,
        swing: 0.0,
    },
    Style {
        name: "pop",
        about: "kick on one and three, snare on two and four, eighth hats",
        kick: ["X.....x.X.......", "X.....x.X.x....."],
        snare: ["....X.......X...", "....X.......X..."],
        hat: ["X.x.X.x.X.x.X.x.", "X.x.X.x.X.x.X.xx"],
        bass: ["X.....X.X.....x.", "X.....X.X...x.x."],
        chords: ["X.......X.......", "X.......X...x..."],
        melody_density: 0.35,
        swing: 0.0,
    },
    Style {
        name: "rock",
        about: "a syncopated kick and a hard back beat",
        kick: ["X.x.......X.....", "X.x....x..X....."],
        snare: ["....X.......X...", "....X..x....X..."],
        hat: ["X.X.X.X.X.X.X.X.", "X.X.X.X.X.X.X.X."],
        bass: ["X.x.x.x.X.x.x.x.", "X.x.x.x.X.x.X.x."],
        chords: ["X...x...X...x...", "X...x...X.x.x..."],
        melody_density: 0.3,
        swing: 0.0,
    },
    Style {
        name: "hip-hop",
        about: "a lazy kick, snare on two and four, swung hats",
        kick: ["X......x..X.....", "X..x......X..x.."],
        snare: ["....X.......X...", "....X.......X..x"],
        hat: ["X.x.X.x.X.x.X.x.", "X.x.X.xxX.x.X.x."],
        bass: ["X......x..X.....", "X..x......X....."],
        chords: ["X...............", "X.........x....."],
        melody_density: 0.25,
        swing: 0.3,
    },
    Style {
        name: "drum-and-bass",
        about: "a broken beat: kick on one and the and of three, snare on two and four",
        kick: ["X.........X.....", "X..x......X....."],
        snare: ["....X..x.x..X...", "....X..x.x..X..x"],
        hat: ["x.x.X.x.x.x.X.x.", "x.x.X.x.x.x.X.x."],
        bass: ["X.....x...X.....", "X.....x...X..x.."],
        chords: ["X...............", "................"],
        melody_density: 0.2,
        swing: 0.0,
    },
    Style {
        name: "dubstep",
        about: "half time: kick on one, snare on three, triplet-free hats",
        kick: ["X..............x", "X.....x........."],
        snare: ["........X.......", "........X......."],
        hat: ["x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x.xx"],
        bass: ["X..x..x...X..x..", "X..x..x...X...x."],
        chords: ["X...............", "................"],
        melody_density: 0.15,
        swing: 0.0,
    },
    Style {
        name: "ambient",
        about: "no drums: long chords and a sparse melody",
        kick: NO_DRUM,
        snare: NO_DRUM,
        hat: NO_DRUM,
        bass: ["X...............", "X..............."],
        chords: ["X...............", "X..............."],
        melody_density: 0.06,
        swing: 0.0,
    },
];

impl Style {
    /// The style of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        STYLES.iter().find(|style| style.name == name)
    }

    /// How loud a pattern is on a sixteenth of a bar, from 0 to 1.
    pub(crate) fn velocity(pattern: &[&str; 2], bar: u64, sixteenth: usize) -> f32 {
        match pattern[(bar % 2) as usize].as_bytes().get(sixteenth) {
            Some(b'X') => 1.0,
            Some(b'x') => 0.55,
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_a_letter_for_each_sixteenth() {
        for style in STYLES {
            let patterns = [style.kick, style.snare, style.hat, style.bass, style.chords];
            for pattern in patterns.iter().flatten() {
                assert_eq!(pattern.len(), 16, "{}: {pattern}", style.name);
                assert!(pattern.chars().all(|letter| "Xx.".contains(letter)), "{}", style.name);
            }
            assert!((0.0..1.0).contains(&style.swing) && !style.about.is_empty());
            assert_eq!(STYLES.iter().filter(|other| other.name == style.name).count(), 1);
        }
    }
}
