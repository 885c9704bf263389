"""The series that the reference scripts and the Rust tests both make, so that only expected numbers are stored.

Only additions, multiplications and comparisons of doubles are used, in the same order as in streams_input.rs: the
values are equal to the bit.
"""

MASK = (1 << 64) - 1


class Words:
    """The SplitMix64 sequence (Steele, Lea and Flood 2014)."""

    def __init__(self, seed):
        self.state = seed

    def word(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        word = self.state
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        return word ^ (word >> 31)

    def below(self, limit):
        return self.word() % limit

    def unit(self):
        return (self.word() >> 11) * (1.0 / (1 << 53))

    def normal(self):
        """Close to standard normal: the sum of twelve uniform numbers, less six."""
        total = 0.0
        for _ in range(12):
            total += self.unit()
        return total - 6.0


def stream(index):
    """Stream `index`: events (0 or 1) if it is even, else numbers, with none to three changes of level.

    Every eighth has a level far from zero.
    """
    words = Words(index)
    length = 400 + words.below(2601)
    parts = 1 + words.below(4)
    levels = [words.unit() for _ in range(parts)]
    values = []
    for position in range(length):
        level = levels[position * parts // length]
        if index % 2 == 0:
            values.append(1.0 if words.unit() < level else 0.0)
        else:
            value = words.normal() + 4.0 * level
            values.append(1000.0 + 50.0 * value if index % 8 == 7 else value)
    return values


def series(index):
    """Series `index`: numbers with none to three changes of level; of every fifth the spread changes too."""
    words = Words(1_000_000 + index)
    length = 20 + words.below(101)
    parts = 1 + words.below(4)
    levels = [words.unit() for _ in range(parts)]
    values = []
    for position in range(length):
        level = levels[position * parts // length]
        spread = 0.25 + 2.0 * level if index % 5 == 4 else 1.0
        values.append(8.0 * level + spread * words.normal())
    return values


def counts(index):
    """Series `index` of counts: trials of 0 to 29, and events in them at a rate that changes none to three times."""
    words = Words(2_000_000 + index)
    length = 20 + words.below(101)
    parts = 1 + words.below(4)
    rates = [words.unit() for _ in range(parts)]
    events, trials = [], []
    for position in range(length):
        rate = rates[position * parts // length]
        trials.append(words.below(30))
        events.append(sum(1 for _ in range(trials[-1]) if words.unit() < rate))
    return events, trials
