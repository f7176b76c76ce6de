//! rsigma: the workloads that a correlation of Sigma's can say, over events that are parsed already.
//!
//! Its time is in whole seconds, and its window holds its start: a window of a minute that does not is one of 59 seconds.
//! It tells of each event at which the condition holds, as a sliding window of tocsin does.

use std::fs;
use std::io::Write;
use std::process::exit;
use std::time::Instant;

use rsigma_eval::{CorrelationConfig, CorrelationEngine, JsonEvent, ProcessResultExt};
use rsigma_parser::{parse_sigma_yaml, SigmaCollection};
use serde_json::Value;

const DETECTION: &str = "
title: Hit
id: bench-hit
logsource:
  category: bench
detection:
  selection:
    k|exists: true
  condition: selection
";

/// A workload as Sigma; none where Sigma has no words for it.
fn rules(workload: &str) -> Option<String> {
    let correlation = match workload {
        "sliding_count" => "
  type: event_count
  condition:
    gte: 15",
        "sliding_distinct" => "
  type: value_count
  condition:
    field: v
    gte: 12",
        _ => return None,
    };
    Some(format!(
        "{DETECTION}---
title: {workload}
id: bench-{workload}
correlation:{correlation}
  rules:
    - bench-hit
  group-by:
    - k
  timespan: 59s
"
    ))
}

struct Settings {
    workload: String,
    file: String,
    runs: usize,
    warmup: usize,
    answers: Option<String>,
}

fn settings() -> Option<Settings> {
    let mut paths = Vec::new();
    let mut found = Settings { workload: String::new(), file: String::new(), runs: 5, warmup: 1, answers: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--runs" => found.runs = arguments.next()?.parse().ok()?,
            "--warmup" => found.warmup = arguments.next()?.parse().ok()?,
            "--answers" => found.answers = Some(arguments.next()?),
            _ => paths.push(argument),
        }
    }
    (found.workload, found.file) = match <[String; 2]>::try_from(paths) {
        Ok([workload, file]) => (workload, file),
        Err(_) => return None,
    };
    Some(found)
}

fn run(collection: &SigmaCollection, events: &[(Value, i64)]) -> (f64, Vec<u64>) {
    let config = CorrelationConfig {
        emit_detections: false,
        max_state_entries: usize::MAX, // state thrown away would be answers missed
        ..CorrelationConfig::default()
    };
    let mut answers = Vec::new();
    let begin = Instant::now();
    let mut engine = CorrelationEngine::new(config);
    engine.add_collection(collection).expect("the rules fit the engine");
    for (index, (event, seconds)) in events.iter().enumerate() {
        let result = engine.process_event_at(&JsonEvent::borrow(event), *seconds);
        answers.extend(result.correlations().map(|_| index as u64 + 1));
    }
    (begin.elapsed().as_secs_f64(), answers)
}

/// FNV-1a over the answers as text, each with its line end.
fn digest(answers: &[u64]) -> u64 {
    let text: String = answers.iter().map(|answer| format!("{answer}\n")).collect();
    text.bytes().fold(0xcbf29ce484222325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100000001b3))
}

/// The most memory that the process has had, as the system counts it; -1 where it does not say.
fn peak_kilobytes() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(-1)
}

fn main() {
    let Some(settings) = settings() else {
        eprintln!("usage: rsigma-peer WORKLOAD FILE [--runs N] [--warmup N] [--answers FILE]");
        exit(3);
    };
    let Some(rules) = rules(&settings.workload) else {
        eprintln!("rsigma: not expressed: {}", settings.workload);
        exit(4);
    };
    let collection = parse_sigma_yaml(&rules).expect("the rules are YAML");
    assert!(collection.errors.is_empty(), "the rules are Sigma: {:?}", collection.errors);
    let decoding = Instant::now();
    let events: Vec<(Value, i64)> = fs::read_to_string(&settings.file)
        .expect("the file can be read")
        .lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line).expect("a line is JSON");
            let seconds = event["ts"].as_i64().expect("ts is a number") / 1000;
            (event, seconds)
        })
        .collect();
    let decoded = decoding.elapsed().as_secs_f64();
    for _ in 0..settings.warmup {
        run(&collection, &events);
    }
    let mut seconds = Vec::new();
    let mut answers = Vec::new();
    for _ in 0..settings.runs {
        let (taken, found) = run(&collection, &events);
        seconds.push(format!("{taken:.6}"));
        answers = found;
    }
    let matches = answers.len();
    answers.sort_unstable();
    answers.dedup();
    if let Some(path) = &settings.answers {
        let mut out = fs::File::create(path).expect("the answers can be written");
        for answer in &answers {
            writeln!(out, "{answer}").expect("the answers can be written");
        }
    }
    println!(
        "{{\"engine\":\"rsigma\",\"workload\":\"{}\",\"events\":{},\"decode_seconds\":{decoded:.6},\"seconds\":[{}],\
         \"matches\":{matches},\"answers\":{},\"digest\":\"{:016x}\",\"peak_kb\":{}}}",
        settings.workload, events.len(), seconds.join(","), answers.len(), digest(&answers), peak_kilobytes()
    );
}
