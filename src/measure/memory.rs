//! Peak resident memory of this process over a stretch of work.

use std::fs;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often the fallback looks at the resident size. A look costs tens of microseconds to some milliseconds,
/// depending on the system, so it stays below a tenth of one core.
const SAMPLING_INTERVAL: Duration = Duration::from_millis(10);

/// Where a peak comes from, and with that how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeakMemorySource {
    /// The kernel's own high-water mark, reset before the run: nothing is missed.
    HighWaterMark,
    /// The highest of samples taken every 10 ms: a shorter peak can be missed.
    Sampled,
}

/// The peak of one stretch of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peak {
    /// Highest resident size of the whole process, in bytes; what it already held at the start counts.
    pub rss_bytes: u64,
    /// How it was found.
    pub source: PeakMemorySource,
}

/// A watch on the process's resident memory, from [`PeakMemory::start`] to [`PeakMemory::finish`].
///
/// The high-water mark belongs to the process, so two watches at a time would reset each other's.
#[derive(Debug)]
pub struct PeakMemory {
    method: Method,
}

#[derive(Debug)]
enum Method {
    HighWaterMark,
    Sampled(Sampler),
}

impl PeakMemory {
    /// Starts a watch: resets the kernel's high-water mark or, where that is refused, starts a sampling
    /// thread.
    ///
    /// Linux resets the mark to the current resident size when `5` is written to `/proc/self/clear_refs`, and
    /// shows it as `VmHWM` in `/proc/self/status` (kernel documentation, `filesystems/proc.rst`).
    #[must_use]
    pub fn start() -> Self {
        let was_reset = fs::write("/proc/self/clear_refs", "5").is_ok();
        if was_reset && peak_rss_bytes().is_some() {
            Self { method: Method::HighWaterMark }
        } else {
            Self::start_sampling()
        }
    }

    fn start_sampling() -> Self {
        Self { method: Method::Sampled(Sampler::start()) }
    }

    /// The peak since the start; `None` where the system shows no resident size at all.
    #[must_use]
    pub fn finish(self) -> Option<Peak> {
        let (rss_bytes, source) = match self.method {
            Method::HighWaterMark => (peak_rss_bytes(), PeakMemorySource::HighWaterMark),
            Method::Sampled(sampler) => (sampler.finish(), PeakMemorySource::Sampled),
        };
        rss_bytes.map(|rss_bytes| Peak { rss_bytes, source })
    }
}

/// The process's high-water mark of resident memory in bytes, since its start or the last
/// [`PeakMemory::start`]; `None` on systems without `/proc`.
#[must_use]
pub fn peak_rss_bytes() -> Option<u64> {
    kibibytes_of(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM")
}

/// The value in bytes of a `Name:   123 kB` line, as `/proc` writes them; its kB are 1,024 bytes.
pub(super) fn kibibytes_of(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kibibytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// A thread that keeps the highest resident size it sees. It ends when the sender goes away, so that a watch
/// that is dropped unfinished leaves no thread behind.
#[derive(Debug)]
struct Sampler {
    highest_at_start: Option<u64>,
    thread: Option<(Sender<()>, JoinHandle<Option<u64>>)>,
}

impl Sampler {
    fn start() -> Self {
        let highest_at_start = resident_bytes();
        let (stop, stopped) = mpsc::channel();
        let sample = move || {
            let mut highest = None;
            while stopped.recv_timeout(SAMPLING_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                highest = highest.max(resident_bytes());
            }
            highest
        };
        // A system that refuses the thread still gives the samples at the start and at the end.
        let thread = thread::Builder::new().name("peak-memory".to_owned()).spawn(sample).ok();
        Self { highest_at_start, thread: thread.map(|thread| (stop, thread)) }
    }

    fn finish(self) -> Option<u64> {
        let highest_at_end = resident_bytes();
        let sampled = self.thread.and_then(|(stop, thread)| {
            drop(stop);
            thread.join().ok().flatten()
        });
        self.highest_at_start.max(highest_at_end).max(sampled)
    }
}

fn resident_bytes() -> Option<u64> {
    memory_stats::memory_stats().and_then(|stats| u64::try_from(stats.physical_mem).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::PEAK_OF_THE_PROCESS;

    const MANY: usize = 200_000_000;

    fn touched(bytes: usize) -> Vec<u8> {
        std::hint::black_box(vec![1_u8; bytes])
    }

    #[test]
    fn a_peak_is_remembered_after_the_memory_is_given_back_and_forgotten_by_the_next_watch() {
        let _lock = PEAK_OF_THE_PROCESS.lock();
        let watch = PeakMemory::start();
        drop(touched(MANY));
        let first = watch.finish().unwrap();
        let second = PeakMemory::start().finish().unwrap();
        if first.source == PeakMemorySource::HighWaterMark {
            assert!(first.rss_bytes > MANY as u64, "{first:?}");
        }
        assert!(second.rss_bytes < MANY as u64, "{second:?}");
    }

    #[test]
    fn sampling_sees_what_stays_for_a_while_and_says_that_it_sampled() {
        let _lock = PEAK_OF_THE_PROCESS.lock();
        let watch = PeakMemory::start_sampling();
        let bytes = touched(MANY);
        thread::sleep(SAMPLING_INTERVAL * 20);
        drop(bytes);
        let peak = watch.finish().unwrap();
        assert_eq!(peak.source, PeakMemorySource::Sampled);
        assert!(peak.rss_bytes > MANY as u64, "{peak:?}");
    }

    #[test]
    fn a_proc_line_is_read_in_bytes() {
        let text = "VmPeak:\t    9000 kB\nVmHWM:\t   13528 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(kibibytes_of(text, "VmHWM"), Some(13_852_672));
        assert_eq!(kibibytes_of(text, "VmSwap"), None);
        assert_eq!(kibibytes_of("VmHWM:\t many kB", "VmHWM"), None);
        assert_eq!(kibibytes_of("VmHWM: 18446744073709551615 kB", "VmHWM"), None);
    }
}
