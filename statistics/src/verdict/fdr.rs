//! Which cells are reported, by their local false-discovery rates.

/// For each local false-discovery rate, the mean of it and of all smaller ones: the expected share of false reports if
/// all up to it are reported (Sun and Cai 2007, the adaptive z-value procedure).
pub(super) fn expected_false_shares(local: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..local.len()).collect();
    order.sort_by(|&one, &other| local[one].total_cmp(&local[other]).then(one.cmp(&other)));
    let mut shares = vec![0.0; local.len()];
    let (mut sum, mut start) = (0.0, 0);
    while start < order.len() {
        // Ties are reported together or not at all.
        let tied = order[start..].iter().take_while(|&&place| local[place] == local[order[start]]).count();
        sum += local[order[start]] * tied as f64;
        let share = sum / (start + tied) as f64;
        order[start..start + tied].iter().for_each(|&place| shares[place] = share);
        start += tied;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_means_of_the_surer_ones() {
        assert_eq!(expected_false_shares(&[0.5, 0.0, 0.25, 0.25]), [0.25, 0.0, 0.5 / 3.0, 0.5 / 3.0]);
        assert!(expected_false_shares(&[]).is_empty());
    }
}
