//! What a process has used up to now, as Linux tells in `/proc`.

use std::{fmt, fs};

/// Parts of a second in which `/proc/…/stat` counts; 100 on every platform that Linux and Rust share (proc(5), `USER_HZ`).
const TICKS: f64 = 100.0;

/// CPU and memory of one process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// Seconds of CPU since its start, user and system.
    pub cpu: f64,
    /// Most memory that it had at a time (`VmHWM`), in MiB.
    pub peak: f64,
    /// Memory that it has now (`VmRSS`), in MiB.
    pub resident: f64,
    /// Files that it has open now, its connections among them; 0 where only the process itself may know.
    pub files: usize,
}

impl Usage {
    /// That of the process with this number, or of this one (`self`); `None` where it is not to be had.
    pub fn of(process: &str) -> Option<Self> {
        let read = |file| fs::read_to_string(format!("/proc/{process}/{file}")).ok();
        let status = read("status")?;
        let files = fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count);
        Some(Self {
            cpu: cpu(&read("stat")?)?,
            peak: mib(&status, "VmHWM:")?,
            resident: mib(&status, "VmRSS:")?,
            files,
        })
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CPU {:.2} s, peak memory {:.1} MiB", self.cpu, self.peak)
    }
}

/// Members 14 and 15. The second one is the command's name, which may hold blanks and brackets.
fn cpu(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let ticks = |at| rest.split_whitespace().nth(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

fn mib(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib = line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_brackets_do_not_shift_the_members() {
        let stat = "42 (a) b) c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 3 0 100 0 0";
        assert_eq!(cpu(stat), Some(3.0));
        assert_eq!(cpu("42 (a) S 1"), None);
    }

    #[test]
    fn memory_is_told_in_mib() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 512 kB\n";
        assert_eq!((mib(status, "VmHWM:"), mib(status, "VmRSS:")), (Some(2.0), Some(0.5)));
        assert_eq!(mib("Name:\tx\n", "VmHWM:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_uses_something() {
        let usage = Usage::of("self").unwrap();
        assert!(usage.peak >= usage.resident && usage.resident > 0.1 && usage.files > 2, "{usage:?}");
        assert_eq!(Usage::of("no such process"), None);
    }
}
