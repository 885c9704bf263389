//! Average precision: the quality of a detector's ranking, whatever it reports.

use super::matching::{Matching, Relation};

/// The area under the steps of precision over recall: Σ (Rₖ − Rₖ₋₁) Pₖ over the claims from the surest on, those of equal
/// score taken together (Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 2008, section 8.4; the
/// `average_precision_score` of scikit-learn). The first claim about a drift counts; further ones, and neutral ones,
/// count for nothing. Drifts that no claim is about lower the recall that is reached.
///
/// `None` without drifts, and where a score is not a number.
#[must_use]
pub fn average_precision(matching: &Matching) -> Option<f64> {
    if matching.drifts.is_empty() || matching.claims.iter().any(|claim| claim.score.is_nan()) {
        return None;
    }
    let mut ranked: Vec<(f64, &Relation)> =
        matching.claims.iter().map(|claim| claim.score).zip(&matching.relations).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut found = vec![false; matching.drifts.len()];
    let (mut hits, mut misses, mut area) = (0u64, 0u64, 0.0);
    for equals in ranked.chunk_by(|a, b| a.0 == b.0) {
        let before = hits;
        for (_, relation) in equals {
            misses += u64::from(**relation == Relation::Nothing);
            for index in relation.drifts() {
                hits += u64::from(!found[*index]);
                found[*index] = true;
            }
        }
        if hits > before {
            area += (hits - before) as f64 * hits as f64 / (hits + misses) as f64;
        }
    }
    Some(area / matching.drifts.len() as f64)
}
