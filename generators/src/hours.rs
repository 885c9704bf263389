//! How the rows of a day fall on its hours, and the storms that multiply some of them.

use crate::error::{Result, ensure};
use crate::rng::{Stream, unit};
use crate::spec::{CalendarSpec, StormsSpec};

/// Hours of a day.
const DAY_HOURS: usize = 24;

/// The share of a day's rows before each hour, from 0 to 1.
type Profile = [f64; DAY_HOURS + 1];

/// The volume of every hour of the calendar, relative to its day.
#[derive(Debug, Clone)]
pub struct Hours {
    /// The profile of days without storm, then that of each day with one.
    profiles: Vec<Profile>,
    /// For each day of the calendar its profile; empty when no day has a storm.
    profile_of_day: Vec<u16>,
    /// For each profile, what its storms multiply the volume of the whole day with.
    factors: Vec<f64>,
}

impl Hours {
    /// The hours that the spec describes; `stream` decides where its storms are.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn new(spec: &CalendarSpec, stream: Stream) -> Result<Self> {
        const PLACE: &str = "calendar";
        let weights = spec.hours.unwrap_or([1.0; DAY_HOURS]);
        let usable = weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
        let sum = weights.iter().sum::<f64>();
        ensure(
            usable && sum > 0.0 && sum.is_finite(),
            PLACE,
            "hours needs 24 weights of at least 0, not all 0",
        )?;
        let mut hours =
            Self { profiles: vec![profile(&weights)], profile_of_day: Vec::new(), factors: vec![1.0] };
        if let Some(storms) = &spec.storms {
            check(storms).map_err(|error| error.within("storms").within(PLACE))?;
            hours.add_storms(&weights, &multipliers(storms, spec.days as usize, stream));
        }
        Ok(hours)
    }

    fn add_storms(&mut self, weights: &[f64; DAY_HOURS], multipliers: &[f64]) {
        for day in multipliers.chunks_exact(DAY_HOURS) {
            let stormy = day.iter().any(|multiplier| *multiplier != 1.0);
            if stormy {
                let mut raised = *weights;
                raised.iter_mut().zip(day).for_each(|(weight, multiplier)| *weight *= multiplier);
                self.profiles.push(profile(&raised));
                self.factors.push(raised.iter().sum::<f64>() / weights.iter().sum::<f64>());
            }
            self.profile_of_day.push(if stormy { self.profiles.len() as u16 - 1 } else { 0 });
        }
    }

    fn profile_index(&self, day: usize) -> usize {
        self.profile_of_day.get(day).map_or(0, |index| usize::from(*index))
    }

    /// What the storms of a day of the calendar multiply its volume with.
    #[must_use]
    pub fn day_factor(&self, day: usize) -> f64 {
        self.factors[self.profile_index(day)]
    }

    /// The time of a day of the calendar before which a share `within` (0–1) of its rows lies, as a part of
    /// the day from 0 up to 1; a day outside the calendar is one without storm.
    #[inline]
    #[must_use]
    pub fn time_at(&self, day: usize, within: f64) -> f64 {
        let profile = &self.profiles[self.profile_index(day)];
        // Just below 1, so that a day ends in its last hour with any volume.
        let within = within.clamp(0.0, 1.0 - 1e-9);
        let hour = profile.partition_point(|before| *before <= within).clamp(1, DAY_HOURS) - 1;
        let (before, through) = (profile[hour], profile[hour + 1]);
        let part = if through > before { (within - before) / (through - before) } else { 0.0 };
        (hour as f64 + part.clamp(0.0, 1.0)) / DAY_HOURS as f64
    }
}

fn profile(weights: &[f64; DAY_HOURS]) -> Profile {
    let total: f64 = weights.iter().sum();
    let mut profile = [0.0; DAY_HOURS + 1];
    let mut sum = 0.0;
    for (hour, weight) in weights.iter().enumerate() {
        sum += weight;
        profile[hour + 1] = sum / total;
    }
    profile
}

fn check(storms: &StormsSpec) -> Result<()> {
    let [least, most] = storms.factor;
    let (shortest, longest) = (storms.hours[0], storms.hours[1]);
    ensure(
        (0.0..=366.0).contains(&storms.per_year),
        "per_year",
        format!("{} is not within 0 to 366", storms.per_year),
    )?;
    ensure(
        1.0 <= least && least <= most && most <= 1_000.0,
        "factor",
        format!("[{least}, {most}] is no span within 1 to 1000"),
    )?;
    ensure(
        1 <= shortest && shortest <= longest && longest <= 240,
        "hours",
        format!("[{shortest}, {longest}] is no span within 1 to 240"),
    )
}

/// What the storms multiply each hour of the calendar with. Their number is the expected one, rounded up with
/// the probability of its fraction; each starts at any hour, lasts a uniform number of hours and multiplies
/// by a factor whose logarithm is uniform. Where storms meet, the stronger one counts.
fn multipliers(storms: &StormsSpec, days: usize, stream: Stream) -> Vec<f64> {
    const YEAR_DAYS: f64 = 365.25;
    let mut multipliers = vec![1.0f64; days * DAY_HOURS];
    let draw = |lane: u64, storm: u64| unit(stream.lane(lane).word(storm));
    let expected = storms.per_year * days as f64 / YEAR_DAYS;
    let count = (expected + draw(0, 0)) as u64;
    let [least, most] = storms.factor;
    for storm in 0..count {
        let start = (draw(1, storm) * multipliers.len() as f64) as usize;
        let longer = (draw(2, storm) * f64::from(storms.hours[1] - storms.hours[0] + 1)) as usize;
        let factor = least * libm::pow(most / least, draw(3, storm));
        let end = (start + storms.hours[0] as usize + longer).min(multipliers.len());
        multipliers[start..end].iter_mut().for_each(|multiplier| *multiplier = multiplier.max(factor));
    }
    multipliers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spec(hours: Option<[f64; 24]>, storms: Option<StormsSpec>) -> CalendarSpec {
        CalendarSpec { days: 400, weekday: [1.0; 7], annual_growth: 0.0, season: None, hours, storms }
    }

    fn stream() -> Stream {
        Stream::of_column(1, "d", "calendar")
    }

    const STORMS: StormsSpec = StormsSpec { per_year: 8.0, factor: [10.0, 50.0], hours: [2, 12] };

    proptest! {
        #[test]
        fn times_rise_with_the_share_and_stay_within_the_day(day in 0usize..400, shares in prop::collection::vec(0.0..=1.0f64, 2..50)) {
            let mut weights = [1.0; 24];
            weights[3] = 0.0;
            weights[23] = 0.0;
            let hours = Hours::new(&spec(Some(weights), Some(STORMS)), stream()).unwrap();
            let mut shares = shares;
            shares.sort_by(f64::total_cmp);
            let times: Vec<f64> = shares.iter().map(|share| hours.time_at(day, *share)).collect();
            prop_assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "{times:?}");
            prop_assert!(times.iter().all(|time| (0.0..=1.0).contains(time)));
        }
    }

    #[test]
    fn hours_weigh_as_written() {
        let mut weights = [1.0; 24];
        weights[12] = 25.0;
        let hours = Hours::new(&spec(Some(weights), None), stream()).unwrap();
        // 12 of 48 parts come before noon, 37 before one o'clock.
        assert!((hours.time_at(0, 12.0 / 48.0) - 0.5).abs() < 1e-12);
        assert!((hours.time_at(0, 24.5 / 48.0) - 12.5 / 24.0).abs() < 1e-12);
        assert!((hours.time_at(0, 37.0 / 48.0) - 13.0 / 24.0).abs() < 1e-12);
    }

    #[test]
    fn an_hour_without_weight_has_no_row() {
        let mut weights = [1.0; 24];
        weights[0] = 0.0;
        weights[23] = 0.0;
        let hours = Hours::new(&spec(Some(weights), None), stream()).unwrap();
        assert!((hours.time_at(0, 0.0) - 1.0 / 24.0).abs() < 1e-12);
        assert!(hours.time_at(0, 0.999_999) < 23.0 / 24.0);
    }

    #[test]
    fn storms_come_as_often_as_long_and_as_strong_as_written() {
        let hours = Hours::new(&spec(None, Some(STORMS)), stream()).unwrap();
        let stormy: Vec<usize> = (0..400).filter(|day| hours.day_factor(*day) > 1.0).collect();
        // 8.76 storms are expected, each on one day or two.
        assert!((6..=20).contains(&stormy.len()), "{stormy:?}");
        for day in stormy {
            // From part of a two-hour storm to a day with twelve hours of the strongest.
            let factor = hours.day_factor(day);
            let bounds = 1.0 + 9.0 / 24.0 - 1e-9..=1.0 + 12.0 * 49.0 / 24.0;
            assert!(bounds.contains(&factor), "{factor}");
        }
        let other = Hours::new(&spec(None, Some(STORMS)), Stream::of_column(2, "d", "calendar")).unwrap();
        assert_ne!(hours.profile_of_day, other.profile_of_day);
    }

    #[test]
    fn bad_numbers_are_refused_by_name() {
        let refused = |hours, storms| Hours::new(&spec(hours, storms), stream()).unwrap_err().to_string();
        assert!(refused(Some([0.0; 24]), None).contains("24 weights"));
        assert!(refused(None, Some(StormsSpec { per_year: -1.0, ..STORMS })).contains("per_year"));
        assert!(refused(None, Some(StormsSpec { factor: [0.5, 2.0], ..STORMS })).contains("storms: factor"));
        assert!(refused(None, Some(StormsSpec { hours: [5, 2], ..STORMS })).contains("[5, 2]"));
    }
}
