//! The QEMU Machine Protocol: commands in JSON, a line each, with answers and events in between.

use std::io::{BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longest line in bytes.
const LINE_MAX: u64 = 1 << 20;
/// How long an answer may take: a busy machine under emulation is slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection.
#[derive(Debug)]
pub(super) struct Qmp<W> {
    to: W,
    lines: Receiver<Value>,
    events: Vec<Value>,
}

impl<W: Write> Qmp<W> {
    /// Over these two, whose other end has greeted or will.
    pub(super) fn new(to: W, from: impl Read + Send + 'static) -> std::io::Result<Self> {
        let (send, lines) = sync_channel(256);
        std::thread::Builder::new().name("qmp".to_owned()).spawn(move || {
            let mut from = BufReader::new(from);
            loop {
                let mut line = String::new();
                match (&mut from).take(LINE_MAX).read_line(&mut line) {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {}
                }
                let Ok(value) = serde_json::from_str(&line) else { continue };
                if send.send(value).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { to, lines, events: Vec::new() })
    }

    /// Runs a command.
    ///
    /// # Errors
    /// What QEMU says against it, or that it says nothing.
    pub(super) fn run(&mut self, command: &str, arguments: Value) -> Result<Value, String> {
        let line = json!({ "execute": command, "arguments": arguments }).to_string() + "\n";
        let sent = self.to.write_all(line.as_bytes()).and_then(|()| self.to.flush());
        sent.map_err(|error| format!("{command}: {error}"))?;
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let mut value = match self.lines.recv_timeout(left) {
                Ok(value) => value,
                Err(RecvTimeoutError::Timeout) => return Err(format!("{command}: no answer")),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(format!("{command}: it is gone"));
                }
            };
            if let Some(answer) = value.get_mut("return") {
                return Ok(answer.take());
            }
            if let Some(error) = value.get("error") {
                return Err(format!("{command}: {}", error["desc"].as_str().unwrap_or("refused")));
            }
            self.keep(value);
        }
    }

    /// The events since the last time.
    pub(super) fn events(&mut self) -> Vec<Value> {
        while let Ok(value) = self.lines.try_recv() {
            self.keep(value);
        }
        std::mem::take(&mut self.events)
    }

    fn keep(&mut self, value: Value) {
        if value.get("event").is_some() {
            self.events.push(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_between_a_command_and_its_answer_are_kept() {
        let from = "{\"QMP\": {}}\n{\"event\": \"RESUME\"}\n{\"return\": {\"a\": 1}}\nno JSON\n\
                    {\"error\": {\"desc\": \"so not\"}}\n";
        let mut said = Vec::new();
        let mut qmp = Qmp::new(&mut said, from.as_bytes()).expect("a thread");
        assert_eq!(qmp.run("one", json!({})), Ok(json!({ "a": 1 })));
        assert_eq!(qmp.run("two", json!({ "x": 2 })), Err("two: so not".to_owned()));
        assert_eq!(qmp.run("three", json!({})), Err("three: it is gone".to_owned()));
        assert_eq!(qmp.events(), [json!({ "event": "RESUME" })]);
        let said = String::from_utf8(said).expect("text");
        assert_eq!(said.lines().count(), 3);
        assert!(said.contains("{\"arguments\":{\"x\":2},\"execute\":\"two\"}\n"), "{said}");
    }
}
