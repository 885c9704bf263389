//! Parts that do not fit together are refused, with their place.

use driftforge_statistics::verdict::{
    CategoryCount, Metric, Options, Panel, Parts, Pending, RateStratum, Scale, ValueCount, ValueStratum,
};

fn parts(metric: Metric) -> Parts {
    Parts {
        days: 60,
        split: 50,
        periods: [0, 7, 14].into_iter().chain(22..60).collect(),
        segments: vec![vec![0, 0], vec![0, 1]],
        metrics: vec![metric],
    }
}

fn volume() -> Parts {
    parts(Metric::Volume(vec![vec![3; 60]; 2]))
}

fn refusal(parts: Parts) -> String {
    Panel::new(parts).expect_err("it does not fit").to_string()
}

#[test]
fn what_fits_is_accepted() {
    assert!(Panel::new(volume()).is_ok());
    assert!(Panel::new(Parts { metrics: Vec::new(), segments: Vec::new(), ..volume() }).is_ok());
}

#[test]
fn days_that_do_not_fit_are_refused() {
    assert!(refusal(Parts { split: 60, ..volume() }).starts_with("split: day 60 of 60"));
    assert!(refusal(Parts { split: 0, ..volume() }).starts_with("split: day 0 of 60"));
    assert!(refusal(Parts { periods: vec![1], ..volume() }).starts_with("periods: the first period"));
    assert!(refusal(Parts { periods: vec![0, 9, 9], ..volume() }).starts_with("periods[2]: day 9"));
    let weeks = (0..60).step_by(7).collect();
    assert_eq!(
        refusal(Parts { periods: weeks, ..volume() }),
        "periods: from day 22 on each day has to be a period"
    );
}

#[test]
fn metrics_that_do_not_fit_are_refused() {
    let rate = |days| Metric::Rate(vec![Vec::new(), vec![RateStratum { stratum: 4, days }]]);
    assert_eq!(
        refusal(parts(rate(vec![(0, 0); 59]))),
        "metrics[0].segments[1]: stratum 4: 59 days, the panel has 60"
    );
    let mut impossible = vec![(0, 0); 60];
    impossible[5] = (2, 1);
    assert!(refusal(parts(rate(impossible))).ends_with("day 5: more hits than trials"));

    assert!(refusal(parts(Metric::Volume(vec![vec![0; 60]]))).starts_with("metrics[0]: 1 segments"));
    assert!(
        refusal(parts(Metric::Volume(vec![vec![0; 60], Vec::new()])))
            .starts_with("metrics[0].segments[1]: 0")
    );

    let count = CategoryCount { period: 40, category: 256, rows: 1 };
    assert!(refusal(parts(Metric::Mix(vec![vec![count], Vec::new()]))).contains("category 256"));
    let count = CategoryCount { period: 41, ..count };
    assert!(
        refusal(parts(Metric::Mix(vec![vec![count], Vec::new()]))).contains("period 41, the panel has 41")
    );
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let value = |scale, period, pending| {
        let counts = vec![ValueCount { period, value: 3, rows: 1 }];
        let segments = vec![vec![ValueStratum { stratum: 0, counts }], Vec::new()];
        parts(Metric::Value { scale, segments, pending })
    };
    assert!(Panel::new(value(Scale::Days, 40, Vec::new())).is_ok());
    assert!(refusal(value(Scale::Days, 41, Vec::new())).contains("period 41"));
    let pending = vec![Vec::new(), vec![Pending { period: 99, at_least: 3, rows: 1 }]];
    assert!(refusal(value(Scale::Days, 0, pending)).contains("segments[1]: period 99"));
    assert!(refusal(value(Scale::Days, 0, vec![Vec::new()])).starts_with("metrics[0].pending: 1 segments"));
    let scale = Scale::Logarithm { codes_per_octave: 0 };
    assert!(refusal(value(scale, 0, Vec::new())).starts_with("metrics[0].scale"));
}

#[test]
fn options_outside_their_range_are_refused() {
    assert!(Options::default().check().is_ok());
    let refused = Options { level: 1.0, ..Options::default() }.check().unwrap_err().to_string();
    assert_eq!(refused, "level 1: above 0 and below 1");
    assert!(Options { power: f64::NAN, ..Options::default() }.check().is_err());
    let mut options = Options::default();
    options.minimum.days = -1.0;
    assert_eq!(options.check().unwrap_err().to_string(), "days -1: 0 or more");
}
