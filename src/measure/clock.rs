//! The clock of CPU time; wall time is [`std::time::Instant`].

/// Seconds of CPU time that all threads of this process have used so far, user and system together.
///
/// The clock is POSIX `CLOCK_PROCESS_CPUTIME_ID`. `None` on systems without it.
#[cfg(unix)]
#[must_use]
pub fn process_cpu_seconds() -> Option<f64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
}

/// Seconds of CPU time that all threads of this process have used so far: `None`, as this system has no such
/// clock.
#[cfg(not(unix))]
#[must_use]
pub fn process_cpu_seconds() -> Option<f64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn work_takes_cpu_time_and_sleep_takes_next_to_none() {
        let before = process_cpu_seconds().unwrap();
        let mut state = 1_u64;
        while process_cpu_seconds().unwrap() - before < 0.01 {
            state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        }
        assert!(process_cpu_seconds().unwrap() >= before + 0.01);
    }
}
