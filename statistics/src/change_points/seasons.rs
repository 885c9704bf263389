//! Taking weekdays and seasons out of a daily series, so that they are not taken for changes.

use super::{ChangePointError, Counts, Numbers};

/// Days in a week.
const WEEK: usize = 7;
/// The most harmonics of a season: shorter waves are no season.
const MOST_HARMONICS: usize = 6;

impl Numbers {
    /// The daily values less what their day of the week adds: the mean of the weekday less the mean of all days.
    #[must_use]
    pub fn without_weekdays(&self) -> Self {
        let mean = |values: &mut dyn Iterator<Item = f64>| {
            let (mut sum, mut count) = (0.0, 0.0);
            values.for_each(|value| (sum, count) = (sum + value, count + 1.0));
            if count > 0.0 { sum / count } else { 0.0 }
        };
        let values = self.values();
        let all = mean(&mut values.iter().copied());
        let weekdays: Vec<f64> = (0..WEEK)
            .map(|weekday| mean(&mut values.iter().copied().skip(weekday).step_by(WEEK)) - all)
            .collect();
        let cleared = values.iter().enumerate().map(|(day, value)| value - weekdays[day % WEEK]);
        self.with_values(cleared.collect())
    }

    /// The daily values less their season: the waves of `period_days` and its first `harmonics` fractions that fit best
    /// by least squares, with a level that stays.
    ///
    /// # Errors
    /// If the series is shorter than a period or has fewer values than waves need, or a number is 0 or not finite.
    pub fn without_season(&self, period_days: f64, harmonics: usize) -> Result<Self, ChangePointError> {
        if harmonics == 0 {
            return Err(ChangePointError::Zero { what: "the number of harmonics" });
        }
        if !(period_days.is_finite() && period_days >= 2.0) {
            return Err(ChangePointError::Period { value: period_days });
        }
        let harmonics = harmonics.min(MOST_HARMONICS);
        let (values, terms) = (self.values(), 1 + 2 * harmonics);
        let needed = (period_days.ceil() as usize).max(2 * terms);
        if values.len() < needed {
            return Err(ChangePointError::TooShort { length: values.len(), needed });
        }
        let row = |day: usize| waves(day as f64 / period_days, harmonics);
        let mut equations = vec![vec![0.0; terms + 1]; terms];
        for (day, value) in values.iter().enumerate() {
            let row = row(day);
            for (equation, factor) in equations.iter_mut().zip(&row) {
                for (cell, other) in equation.iter_mut().zip(row.iter().chain([value])) {
                    *cell += factor * other;
                }
            }
        }
        let Some(weights) = solved(equations) else {
            return Err(ChangePointError::Period { value: period_days });
        };
        let season = |day: usize| {
            let waves = row(day);
            waves.iter().zip(&weights).skip(1).map(|(wave, weight)| wave * weight).sum::<f64>()
        };
        Ok(self.with_values(values.iter().enumerate().map(|(day, value)| value - season(day)).collect()))
    }
}

impl Counts {
    /// The daily counts with exposures that follow the weekday: each exposure times the weekday's share, which is its
    /// count per exposure against that of all days. The counts stay whole numbers. A weekday without any count keeps
    /// the least exposure there is, and so says nothing.
    #[must_use]
    pub fn without_weekdays(&self) -> Self {
        let rate = |first: usize, step: usize| {
            let count: u64 = self.counts().iter().skip(first).step_by(step).sum();
            let exposure: f64 = self.exposures().iter().skip(first).step_by(step).sum();
            if exposure > 0.0 { count as f64 / exposure } else { 0.0 }
        };
        let all = rate(0, 1);
        if all == 0.0 {
            return self.clone();
        }
        let shares: Vec<f64> = (0..WEEK).map(|weekday| rate(weekday, WEEK) / all).collect();
        let exposures = self.exposures().iter().enumerate();
        let exposures =
            exposures.map(|(day, exposure)| (exposure * shares[day % WEEK]).max(f64::MIN_POSITIVE));
        self.with_new_exposures(exposures.collect())
    }
}

/// 1, and the cosine and sine of each harmonic at a place of the period.
fn waves(place: f64, harmonics: usize) -> Vec<f64> {
    let angle = |harmonic: usize| std::f64::consts::TAU * harmonic as f64 * place.fract();
    let pair = |harmonic| [libm::cos(angle(harmonic)), libm::sin(angle(harmonic))];
    std::iter::once(1.0).chain((1..=harmonics).flat_map(pair)).collect()
}

/// The solution of linear equations, each with its right side last, by elimination with the largest pivot; none where
/// they have no single one.
fn solved(mut equations: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let number = equations.len();
    let scale = equations.iter().flatten().fold(0.0f64, |most, cell| most.max(cell.abs()));
    for column in 0..number {
        let size = |row: &usize| equations[*row][column].abs();
        let pivot = (column..number).max_by(|one, other| size(one).total_cmp(&size(other)))?;
        if size(&pivot) <= 1e-12 * scale {
            return None;
        }
        equations.swap(column, pivot);
        let (above, below) = equations.split_at_mut(column + 1);
        let pivot = &above[column];
        for equation in below {
            let factor = equation[column] / pivot[column];
            equation.iter_mut().zip(pivot).for_each(|(cell, other)| *cell -= factor * other);
        }
    }
    let mut solution = vec![0.0; number];
    for row in (0..number).rev() {
        let known: f64 = (row + 1..number).map(|column| equations[row][column] * solution[column]).sum();
        solution[row] = (equations[row][number] - known) / equations[row][row];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: impl Iterator<Item = f64>) -> Numbers {
        Numbers::new(values.collect()).unwrap()
    }

    #[test]
    fn weekdays_go_and_changes_stay() {
        let weekday = |day: usize| [5.0, 3.0, 1.0, 0.0, 2.0, -4.0, -7.0][day % 7];
        let level = |day: usize| if day < 70 { 10.0 } else { 20.0 };
        let cleared = numbers((0..140).map(|day| level(day) + weekday(day))).without_weekdays();
        for (day, value) in cleared.values().iter().enumerate() {
            assert!((value - level(day)).abs() < 1e-12, "day {day}: {value}");
        }
    }

    #[test]
    fn short_series_lose_their_weekdays_without_harm() {
        assert_eq!(numbers([3.0, 5.0].into_iter()).without_weekdays().values(), [4.0, 4.0]);
    }

    #[test]
    fn weekdays_of_counts_go_into_the_exposures() {
        let counts = (0..70).map(|day| [70, 70, 70, 70, 70, 0, 35][day % 7]).collect();
        let cleared = Counts::new(counts).unwrap().without_weekdays();
        let mean = 385.0 / 7.0;
        for (day, exposure) in cleared.exposures().iter().enumerate() {
            let expected = [70.0, 70.0, 70.0, 70.0, 70.0, 0.0, 35.0][day % 7] / mean;
            assert!((exposure - expected).abs() < 1e-12 && *exposure > 0.0, "day {day}: {exposure}");
        }
        assert_eq!(cleared.counts()[6], 35);
        let empty = Counts::new(vec![0; 9]).unwrap();
        assert_eq!(empty.without_weekdays(), empty);
    }

    #[test]
    fn a_season_goes_and_the_level_stays() {
        let wave = |day: usize| {
            let angle = std::f64::consts::TAU * day as f64 / 365.25;
            3.0 * angle.cos() - 2.0 * angle.sin() + (2.0 * angle).sin()
        };
        let cleared = numbers((0..1_000).map(|day| 7.0 + wave(day))).without_season(365.25, 2).unwrap();
        assert!(cleared.values().iter().all(|value| (value - 7.0).abs() < 1e-9));
    }

    #[test]
    fn seasons_that_cannot_be_told_are_refused() {
        let short = numbers((0..300).map(|day| day as f64));
        let refused = ChangePointError::TooShort { length: 300, needed: 366 };
        assert_eq!(short.without_season(365.25, 1), Err(refused));
        assert!(short.without_season(f64::NAN, 1).is_err() && short.without_season(30.0, 0).is_err());
        // Two harmonics of two days are the same wave.
        assert_eq!(short.without_season(2.0, 2), Err(ChangePointError::Period { value: 2.0 }));
    }
}
