//! Words for how bad a drift is.

/// The word for a severity. There never is a "high": the products' dashboard had none.
pub(super) fn severity_label(severity: f64) -> &'static str {
    match severity {
        severe if severe >= 0.7 => "critical",
        severe if severe >= 0.4 => "medium",
        _ => "low",
    }
}

/// What to do about a drift of this severity and size.
///
/// The products compared the size as it stood, so that one day or one dollar counted as ten times a rate's 0.10.
pub(super) fn urgency(severity: f64, size: f64) -> &'static str {
    let size = size.abs();
    match () {
        () if severity >= 0.7 || size >= 0.10 => "Investigate Today",
        () if severity >= 0.4 || size >= 0.05 => "Review This Week",
        () => "Monitor for Trend",
    }
}

/// The grades of DelayGuard and DenialScope, which have no number for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grade {
    Low,
    Medium,
    High,
    Critical,
}

impl Grade {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// A severity from 0 to 1 that keeps the order, quarter by quarter: ours, so that events can be ranked.
    pub(super) fn severity(self) -> f64 {
        match self {
            Self::Low => 0.25,
            Self::Medium => 0.5,
            Self::High => 0.75,
            Self::Critical => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_belong_to_the_worse_word() {
        assert_eq!([0.7, 0.4, 0.399].map(severity_label), ["critical", "medium", "low"]);
        assert_eq!(urgency(0.0, -0.10), "Investigate Today");
        assert_eq!(urgency(0.4, 0.0), "Review This Week");
        assert_eq!(urgency(0.0, 0.05), "Review This Week");
        assert_eq!(urgency(0.39, 0.049), "Monitor for Trend");
    }
}
