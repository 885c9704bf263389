//! Tests and distances of two windows: a baseline and a current sample.
