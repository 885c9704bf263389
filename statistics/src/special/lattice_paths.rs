//! How many orders of two samples' values keep their distribution functions close.

/// The probability that an order of `n` + `m` different values, all orders alike, reaches |i·m − j·n| ≥
/// `distance` somewhere, where i of the first and j of the second sample's values have come: the exact
/// two-sample p-value of Kolmogorov and Smirnov, with `distance` = n·m·D.
///
/// Values are drawn one by one from what is left, and the probability of the orders that leave the band is
/// added up where they leave. All terms are positive, so the result is accurate relative to its size. Time:
/// the number of points in the band, at most n·m.
#[must_use]
pub fn reaching(n: u64, m: u64, distance: u128) -> f64 {
    if distance == 0 {
        return 1.0;
    }
    if n == 0 || m == 0 {
        return 0.0;
    }
    // Rows of the smaller sample, so that what is kept is short.
    let (rows, columns) = if n > m { (m, n) } else { (n, m) };
    let (rows_wide, columns_wide) = (u128::from(rows), u128::from(columns));
    let mut left = 0.0;
    // Probability of reaching (i, j) within the band, for the j of this row, from `first` on.
    let mut current: Vec<f64> = Vec::new();
    let mut previous: Vec<f64> = vec![1.0];
    let mut previous_first = 0_u64;
    for i in 0..=rows {
        // |i·columns − j·rows| < distance.
        let middle = u128::from(i) * columns_wide;
        let first = if middle < distance { 0 } else { (middle - distance) / rows_wide + 1 };
        let beyond = (middle + distance).div_ceil(rows_wide).min(columns_wide + 1);
        current.clear();
        let mut from_left = 0.0;
        for j in first as u64..beyond as u64 {
            let above = previous.get((j - previous_first) as usize).copied().unwrap_or(0.0);
            let here = above + from_left;
            let remaining = ((rows - i) + (columns - j)) as f64;
            let (down, right) = if remaining > 0.0 {
                (here * ((rows - i) as f64 / remaining), here * ((columns - j) as f64 / remaining))
            } else {
                (0.0, 0.0)
            };
            from_left = right;
            current.push(down);
        }
        // What goes right out of the band, and what of the next row would be below its first point.
        left += from_left;
        let next_middle = u128::from(i + 1) * columns_wide;
        let next_first = if next_middle < distance { 0 } else { (next_middle - distance) / rows_wide + 1 };
        let dropped = (next_first.saturating_sub(first) as usize).min(current.len());
        if i < rows {
            left += current[..dropped].iter().sum::<f64>();
        }
        std::mem::swap(&mut current, &mut previous);
        previous_first = first as u64;
    }
    left.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All orders, one by one.
    fn counted(n: u64, m: u64, distance: u128) -> f64 {
        let total = n + m;
        let (mut reached, mut all) = (0.0, 0.0);
        for order in 0_u32..1 << total {
            if u64::from(order.count_ones()) != n {
                continue;
            }
            all += 1.0;
            let (mut i, mut j, mut largest) = (0_i64, 0_i64, 0_u64);
            for step in 0..total {
                if order >> step & 1 == 1 {
                    i += 1
                } else {
                    j += 1
                }
                largest = largest.max((i * m as i64 - j * n as i64).unsigned_abs());
            }
            if u128::from(largest) >= distance {
                reached += 1.0;
            }
        }
        reached / all
    }

    #[test]
    fn probabilities_are_those_of_all_orders_counted() {
        for (n, m) in [(0, 0), (0, 3), (1, 1), (1, 5), (4, 4), (5, 3), (6, 9), (7, 7), (8, 4)] {
            for distance in 0..=u128::from(n * m) + 1 {
                let (got, expected) = (reaching(n, m, distance), counted(n, m, distance));
                assert!((got - expected).abs() < 1e-14, "{n} {m} {distance}: {got} {expected}");
            }
        }
    }
}
