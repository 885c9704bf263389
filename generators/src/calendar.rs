//! How many rows fall on which day.

use crate::error::{Result, SpecError, ensure};
use crate::hours::Hours;
use crate::spec::CalendarSpec;
use chrono::{Datelike, Days, NaiveDate};

/// The days of a dataset and the share of its rows that each day has.
#[derive(Debug, Clone)]
pub struct Calendar {
    first_day: i32,
    /// Share of rows before each day; one entry more than days, from 0 to 1.
    cumulative: Vec<f64>,
    hours: Hours,
}

/// Days between 1970-01-01 and `date`.
#[must_use]
pub fn day_number(date: NaiveDate) -> i32 {
    date.to_epoch_days()
}

impl Calendar {
    /// The relative volume of each day that the spec describes, before any drift.
    ///
    /// # Errors
    /// When a number is out of its range, or the calendar leaves the years 1–9999.
    pub fn volumes(spec: &CalendarSpec, as_of: NaiveDate) -> Result<Vec<f64>> {
        const PLACE: &str = "calendar";
        ensure(
            (1..=36_500).contains(&spec.days),
            PLACE,
            format!("days = {} is not within 1 to 36500", spec.days),
        )?;
        let growth = spec.annual_growth;
        ensure(
            (-0.99..=100.0).contains(&growth),
            PLACE,
            format!("annual_growth = {growth} is not within -0.99 to 100"),
        )?;
        let usable = spec.weekday.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
        ensure(
            usable && spec.weekday.iter().sum::<f64>() > 0.0,
            PLACE,
            "weekday needs 7 weights of at least 0, not all 0",
        )?;
        if let Some(season) = &spec.season {
            let (amplitude, peak) = (season.amplitude, season.peak_day_of_year);
            ensure(
                (0.0..1.0).contains(&amplitude),
                PLACE,
                format!("season.amplitude = {amplitude} is not within 0 to 1 (excluded)"),
            )?;
            ensure(
                (1..=366).contains(&peak),
                PLACE,
                format!("season.peak_day_of_year = {peak} is not within 1 to 366"),
            )?;
        }
        let first = as_of
            .checked_sub_days(Days::new(u64::from(spec.days)))
            .filter(|first| first.year() >= 1 && as_of.year() <= 9999)
            .ok_or_else(|| {
                SpecError::at(PLACE, format!("{} days before {as_of} leave the years 1 to 9999", spec.days))
            })?;
        Ok(first
            .iter_days()
            .take(spec.days as usize)
            .enumerate()
            .map(|(age, day)| volume(spec, age, day))
            .collect())
    }

    /// A calendar from the volume of each day without storms; `first_day` in days since 1970-01-01.
    ///
    /// # Errors
    /// When all volumes are zero.
    pub fn new(first_day: i32, volumes: &[f64], hours: Hours) -> Result<Self> {
        let raised = volumes.iter().enumerate().map(|(day, volume)| volume * hours.day_factor(day));
        let volumes: Vec<f64> = raised.collect();
        let total: f64 = volumes.iter().sum();
        ensure(total > 0.0, "calendar", "no day has any volume")?;
        ensure(total.is_finite(), "calendar", "the volumes are too large: use smaller weekday weights")?;
        let mut sum = 0.0;
        let mut cumulative = vec![0.0];
        cumulative.extend(volumes.iter().map(|volume| {
            sum += volume;
            sum / total
        }));
        Ok(Self { first_day, cumulative, hours })
    }

    /// The first day, in days since 1970-01-01.
    #[must_use]
    pub fn first_day(&self) -> i32 {
        self.first_day
    }

    /// The number of days.
    #[must_use]
    pub fn day_count(&self) -> usize {
        self.cumulative.len() - 1
    }

    /// The share of rows on the day at `index`.
    #[must_use]
    pub fn share(&self, index: usize) -> f64 {
        self.cumulative[index + 1] - self.cumulative[index]
    }

    /// The index of the day before which a share of `position` of all rows lies; `position` in [0, 1).
    #[must_use]
    pub fn day_at(&self, position: f64) -> usize {
        let after = self.cumulative.partition_point(|before| *before <= position);
        (after - 1).min(self.day_count() - 1)
    }

    /// How the rows of each day fall on its hours.
    #[must_use]
    pub fn hours(&self) -> &Hours {
        &self.hours
    }

    /// The time on the day at `index`, as a part of the day, before which a share of `position` of all rows
    /// lies; the start or the end of the day where that is another day.
    #[inline]
    #[must_use]
    pub fn time_at(&self, index: usize, position: f64) -> f64 {
        let (before, share) = (self.cumulative[index], self.share(index));
        self.hours.time_at(index, if share > 0.0 { (position - before) / share } else { 0.0 })
    }

    /// [`Calendar::day_at`] for positions most of which are near the one before.
    #[must_use]
    pub fn walk(&self) -> Walk<'_> {
        Walk { calendar: self, day: 0 }
    }
}

/// Where a walk through the calendar stands.
#[derive(Debug)]
pub struct Walk<'a> {
    calendar: &'a Calendar,
    day: usize,
}

impl Walk<'_> {
    /// As [`Calendar::day_at`]: quick where the position is on the day of the position before, or on the
    /// next day.
    #[inline]
    pub fn day_at(&mut self, position: f64) -> usize {
        let within = |day: usize| {
            self.calendar
                .cumulative
                .get(day..day + 2)
                .is_some_and(|edges| edges[0] <= position && position < edges[1])
        };
        if !within(self.day) {
            self.day = if within(self.day + 1) { self.day + 1 } else { self.calendar.day_at(position) };
        }
        self.day
    }
}

fn volume(spec: &CalendarSpec, age_days: usize, day: NaiveDate) -> f64 {
    const YEAR_DAYS: f64 = 365.25;
    let weekday = spec.weekday[day.weekday().num_days_from_monday() as usize];
    let growth = libm::pow(1.0 + spec.annual_growth, age_days as f64 / YEAR_DAYS);
    let season = spec.season.as_ref().map_or(1.0, |season| {
        let days_from_peak = f64::from(day.ordinal()) - f64::from(season.peak_day_of_year);
        1.0 + season.amplitude * libm::cos(2.0 * std::f64::consts::PI * days_from_peak / YEAR_DAYS)
    });
    weekday * growth * season
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SeasonSpec;

    fn spec() -> CalendarSpec {
        CalendarSpec {
            days: 365,
            weekday: [1.0, 1.0, 1.0, 1.0, 1.0, 0.2, 0.0],
            annual_growth: 0.0,
            season: None,
            hours: None,
            storms: None,
        }
    }

    fn plain() -> Hours {
        Hours::new(&spec(), crate::rng::Stream::of_column(1, "d", "calendar")).unwrap()
    }

    fn as_of() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
    }

    #[test]
    fn weekdays_weigh_as_written() {
        let volumes = Calendar::volumes(&spec(), as_of()).unwrap();
        // 2025-01-01, the first day, is a Wednesday.
        assert_eq!(volumes[..7], [1.0, 1.0, 1.0, 0.2, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn a_day_without_volume_is_never_drawn() {
        let volumes = Calendar::volumes(&spec(), as_of()).unwrap();
        let calendar = Calendar::new(0, &volumes, plain()).unwrap();
        for step in 0..10_000 {
            let day = calendar.day_at(f64::from(step) / 10_000.0);
            assert!(volumes[day] > 0.0);
        }
    }

    #[test]
    fn a_walk_finds_the_days_that_a_search_finds() {
        let volumes = Calendar::volumes(&spec(), as_of()).unwrap();
        let calendar = Calendar::new(0, &volumes, plain()).unwrap();
        let mut walk = calendar.walk();
        // Slowly through the year, then in wide steps forwards and backwards, and to the very end.
        let slowly = (0..5_000).map(|step| f64::from(step) / 5_000.0);
        let widely = (0..5_000).map(|step| f64::from(step * 2_741 % 5_000) / 5_000.0);
        for position in slowly.chain(widely).chain([1.0, 0.0]) {
            assert_eq!(walk.day_at(position), calendar.day_at(position), "{position}");
        }
    }

    #[test]
    fn growth_and_season_shape_the_year() {
        let season = SeasonSpec { amplitude: 0.3, peak_day_of_year: 40 };
        let spec = CalendarSpec { weekday: [1.0; 7], annual_growth: 0.5, season: Some(season), ..spec() };
        let volumes = Calendar::volumes(&spec, as_of()).unwrap();
        assert!((volumes[39] / 1.3 - 1.5f64.powf(39.0 / 365.25)).abs() < 1e-12);
        assert!(volumes[39 + 182] < 0.95 * volumes[39]);
    }

    #[test]
    fn bad_numbers_are_refused_by_name() {
        let refused = |spec: CalendarSpec| Calendar::volumes(&spec, as_of()).unwrap_err().to_string();
        assert!(refused(CalendarSpec { days: 0, ..spec() }).contains("days = 0"));
        assert!(refused(CalendarSpec { weekday: [0.0; 7], ..spec() }).contains("weekday"));
        assert!(refused(CalendarSpec { annual_growth: f64::NAN, ..spec() }).contains("annual_growth"));
    }
}
