//! Detectors that read one value at a time.
