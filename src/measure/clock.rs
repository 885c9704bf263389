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
    use std::time::Instant;

    use super::*;

    #[test]
    fn cpu_time_passes_with_work_and_no_faster_than_all_cores_allow() {
        const CPU_SECONDS: f64 = 0.02;
        let cores = std::thread::available_parallelism().unwrap().get() as f64;
        let (started, before) = (Instant::now(), process_cpu_seconds().unwrap());
        let mut state = 1_u64;
        while process_cpu_seconds().unwrap() - before < CPU_SECONDS {
            state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        }
        // A law rather than a speed: a loaded machine only takes longer. The factor is for the two clocks'
        // granularity.
        assert!(started.elapsed().as_secs_f64() * cores > CPU_SECONDS * 0.5);
    }
}
