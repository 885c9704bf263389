use insta::assert_snapshot;

use super::*;
use crate::measure::Case;
use crate::reports::{REPORTS, example, report};

fn rendered(record: &Record, look: Look) -> String {
    let mut out = Vec::new();
    Table::new(look).render(record, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain(record: &Record) -> String {
    rendered(record, Look::default())
}

/// The text without "select graphic rendition" sequences.
fn uncolored(text: &str) -> String {
    let mut pieces = text.split('\x1b');
    let first = pieces.next().unwrap().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').unwrap().1)
}

#[test]
fn one_size_is_a_block() {
    assert_snapshot!(plain(&example::one_size()), @r#"
    bench-drift 0.1.0 (1a2b3c4)  2026-01-31T12:00:00Z
    linux x86_64, Example CPU, 2 threads on 2 logical cores, 25.28 GB of memory, seed 42

    claims: 1,000,000 claims, generated as Parquet, 31.2 MB, set up in 0.414 s
      Average runtime             0.0215 s
      Minimum runtime             0.0201 s
      Maximum runtime             0.0241 s
      Median runtime              0.0210 s  MAD 0.0003 s, 95 % interval 0.0201 to 0.0241 s
      Peak memory                   41.5 MB  highest of the runs; the system's high-water mark
      Claims/sec              13,568,190  median, over the 284,932 claims read
      Events detected                 12
      Segments            224 considered, 218 with enough claims in both windows
      Rows left out       1,234 with a null in a needed column
      Grade                    Excellent
      Target at 1M        >1,000 claims/s ✓ met, <1 GB ✓ met
      Injected drifts     7 watched, 6 found, 1 missed, 1 without change between the windows, 2 not watched
      Events              11 matching a drift, 1 matching none
      Agreement           precision 0.917, recall 0.857
    "#);
}

#[test]
fn several_sizes_are_compared() {
    assert_snapshot!(plain(&example::two_sizes()), @r#"
    bench-drift 0.1.0 (1a2b3c4)  2026-01-31T12:00:00Z
    linux x86_64, Example CPU, 2 threads on 2 logical cores, 25.28 GB of memory, seed 42

    claims: 10,000 claims, generated as Parquet, set up in 0.00 s
      Average runtime               2.50 s
      Minimum runtime               2.50 s
      Maximum runtime               2.50 s
      Median runtime                2.50 s  MAD 0.00 s
      Peak memory                  120.0 MB  highest of the runs; sampled every 10 ms, so a shorter peak may be missed
      Claims/sec                   1,140  median, over the 2,850 claims read
      Events detected                 12
      Grade                   Acceptable
      Target at 10K       >10,000 claims/s ✗ missed, <50 MB ✗ missed

    claims: 1,000,000 claims, generated as Parquet, 31.2 MB, set up in 0.414 s
      Average runtime             0.0215 s
      Minimum runtime             0.0201 s
      Maximum runtime             0.0241 s
      Median runtime              0.0210 s  MAD 0.0003 s, 95 % interval 0.0201 to 0.0241 s
      Peak memory                   41.5 MB  highest of the runs; the system's high-water mark
      Claims/sec              13,568,190  median, over the 284,932 claims read
      Events detected                 12
      Segments            224 considered, 218 with enough claims in both windows
      Rows left out       1,234 with a null in a needed column
      Grade                    Excellent
      Target at 1M        >1,000 claims/s ✓ met, <1 GB ✓ met
      Injected drifts     7 watched, 6 found, 1 missed, 1 without change between the windows, 2 not watched
      Events              11 matching a drift, 1 matching none
      Agreement           precision 0.917, recall 0.857

       claims  runtime s    claims/s  peak MB  events       grade    target
       10,000       2.50       1,140    120.0      12  acceptable  ✗ missed
    1,000,000     0.0210  13,568,190     41.5      12   excellent     ✓ met
    "#);
}

#[test]
fn what_is_unknown_is_said_or_left_out() {
    assert_snapshot!(plain(&example::unknown()), @r#"
    bench-drift 0.1.0  2026-01-31T12:00:00Z
    linux x86_64, 2 threads

    given: 7 claims, from a.parquet and 1 more, set up in 0.00 s
      Average runtime              0.500 s
      Minimum runtime              0.500 s
      Maximum runtime              0.500 s
      Median runtime               0.500 s  MAD 0.000 s
      Peak memory           not measured
      Claims/sec            not measured
      Events detected             1 to 2  the runs differ
    "#);
}

#[test]
fn runs_that_read_nothing_have_no_numbers() {
    let text = plain(&example::empty_windows(0));
    assert_snapshot!(text.split("\n\n").nth(1).unwrap(), @r#"
    claims: 10,000 claims, generated as Parquet, set up in 0.00 s
      Claims read                   none  no complete claim was submitted in the windows
    "#);
}

#[test]
fn rows_read_in_vain_are_measured_and_the_windows_called_empty() {
    let text = plain(&example::empty_windows(10_000));
    for part in
        ["Claims/sec", "Grade", "none  no complete claim was submitted in the windows", "0 considered"]
    {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    assert!(!text.contains("Rows left out"), "{text}");
}

#[test]
fn run_lines_are_there_when_asked_for() {
    let record = example::one_size();
    let with_runs = rendered(&record, Look { run_lines: true, color: false });
    let lines: Vec<&str> = with_runs.lines().filter(|line| line.contains("Run ")).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    Run 1/5 … 0.0213s | 41.1 MB | 12 events
    Run 2/5 … 0.0201s | 41.2 MB | 12 events
    Run 3/5 … 0.0241s | 41.3 MB | 12 events
    Run 4/5 … 0.0210s | 41.4 MB | 12 events
    Run 5/5 … 0.0208s | 41.5 MB | 12 events
    "#);
    let without: String =
        with_runs.lines().filter(|line| !line.contains("Run ")).map(|l| l.to_owned() + "\n").collect();
    assert_eq!(without, plain(&record));
}

#[test]
fn a_run_line_names_what_was_measured() {
    let record = example::one_size();
    let run = |seconds, peak, events| {
        let mut run = record.cases[0].runs[0].clone();
        (run.wall_seconds, run.peak_rss_bytes, run.events) = (seconds, peak, events);
        run
    };
    assert_eq!(
        run_line(&run(12.345, Some(1_234_000_000), Some(1)), 5),
        "Run 1/5 … 12.35s | 1.23 GB | 1 event"
    );
    assert_eq!(run_line(&run(0.000_512, None, None), 10), "Run  1/10 … 0.000512s");
}

#[test]
fn colour_adds_nothing_but_colour() {
    for record in [example::one_size(), example::two_sizes(), example::unknown()] {
        let colored = rendered(&record, Look { color: true, run_lines: false });
        assert!(colored.contains("\x1b["));
        assert!(!plain(&record).contains('\x1b'));
        assert_eq!(uncolored(&colored), plain(&record));
    }
}

#[test]
fn a_record_without_cases_or_runs_is_printed() {
    let mut record = example::one_size();
    record.cases.clear();
    assert_eq!(plain(&record).lines().count(), 2);
    let empty = example::one_size().cases.remove(0);
    let measured = crate::measure::Measured { warm_up_runs: 0, runs: Vec::new(), peak_memory_source: None };
    record.cases.push(Case::new(empty.dataset, empty.setup, measured).judge_claims());
    assert!(plain(&record).contains("no run was counted"));
}

#[test]
fn every_listed_report_is_found_and_prints() {
    for entry in REPORTS {
        let mut out = Vec::new();
        report(entry.name, Look::default()).unwrap().render(&example::one_size(), &mut out).unwrap();
        assert!(out.ends_with(b"\n"), "{}", entry.name);
    }
    assert!(report("tables", Look::default()).is_none());
}

#[test]
fn a_closed_pipe_is_passed_on() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for entry in REPORTS {
        let error = (entry.build)(Look::default()).render(&example::one_size(), &mut Closed).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{}", entry.name);
    }
}
