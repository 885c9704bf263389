//! Recordings whose tempo, beats, key and loudness are known, and the analysis that finds them again.
//!
//! The folders are the stages of the data flow: [`music`] says what a recording is to sound like and what its truth is,
//! [`synthesis`] makes samples of it, [`encoding`] files of samples, [`faults`] damages them; [`decoding`] makes samples
//! of files, [`analysis`] finds tempo, beats, key and loudness in samples, and [`accuracy`] says how right it is.
//!
//! The crate is pure: no threads, no clocks, no environment, no paths. It reads and writes through [`std::io`].

pub mod accuracy;
pub mod analysis;
pub mod decoding;
pub mod encoding;
pub mod faults;
pub mod music;
mod random;
pub mod synthesis;
