//! Where a series changes: segmentations by cost, and the probability of a change online.
