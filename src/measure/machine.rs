//! The machine a record was made on.

use std::env::consts::{ARCH, OS};
use std::{fs, thread};

use serde::{Deserialize, Serialize};

use super::memory::kibibytes_of;

/// What is known of the machine; `None` is what the system does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Operating system, as Rust names it: `linux`, `macos`, `windows`.
    pub os: String,
    /// Processor architecture, as Rust names it: `x86_64`, `aarch64`.
    pub arch: String,
    /// The processor's name for itself: the first `model name` of `/proc/cpuinfo`.
    pub cpu_model: Option<String>,
    /// Logical cores that this process may use; affinity and container quotas are taken off.
    pub logical_cores: Option<u64>,
    /// Memory of the whole machine in bytes: `MemTotal` of `/proc/meminfo`.
    pub total_memory_bytes: Option<u64>,
}

impl Machine {
    /// The machine this process runs on.
    #[must_use]
    pub fn this() -> Self {
        Self {
            os: OS.to_owned(),
            arch: ARCH.to_owned(),
            cpu_model: fs::read_to_string("/proc/cpuinfo").ok().as_deref().and_then(cpu_model),
            logical_cores: thread::available_parallelism().ok().and_then(|cores| cores.get().try_into().ok()),
            total_memory_bytes: fs::read_to_string("/proc/meminfo")
                .ok()
                .and_then(|text| kibibytes_of(&text, "MemTotal")),
        }
    }
}

fn cpu_model(cpuinfo: &str) -> Option<String> {
    let (_, name) = cpuinfo
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == "model name")?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_the_first_processors_name() {
        let text = "processor\t: 0\nmodel\t\t: 167\nmodel name\t: Some CPU: 3 GHz\nmodel name\t: Other\n";
        assert_eq!(cpu_model(text).as_deref(), Some("Some CPU: 3 GHz"));
        assert_eq!(cpu_model("processor\t: 0\nFeatures\t: fp asimd\n"), None);
        assert_eq!(cpu_model("model name\t: \n"), None);
    }

    #[test]
    fn this_machine_has_a_name_and_a_core() {
        let machine = Machine::this();
        assert_eq!((machine.os.as_str(), machine.arch.as_str()), (OS, ARCH));
        assert_ne!(machine.logical_cores, Some(0));
    }
}
