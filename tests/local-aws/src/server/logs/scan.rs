//! Reads a group slice by slice, in either direction, and stops where AWS would.

use super::pattern::Pattern;
use super::{LogReader, PAGE_BYTES};
use crate::world::{LogEvent, LogGroup};

/// Milliseconds that are read at once.
const SLICE: i64 = 600_000;
/// A page ends when so much was read for it, in bytes and in slices.
const READ_BYTES: usize = 4 << 20;
const READ_SLICES: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}

/// A place between two events: those before `time`, and `passed` of those at `time`, lie before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub time: i64,
    pub passed: usize,
}

/// What is read: streams of a group within `start..end`, epoch milliseconds.
#[derive(Debug)]
pub struct Scan<'a> {
    pub group: &'a LogGroup,
    pub streams: &'a [String],
    pub start: i64,
    pub end: i64,
    pub pattern: &'a Pattern,
    pub limit: usize,
}

#[derive(Debug)]
pub struct Found {
    /// Which of the scan's streams.
    pub stream: usize,
    /// How many events of that stream and millisecond came before it.
    pub number: usize,
    pub event: LogEvent,
}

/// One page: in the order of its direction.
#[derive(Debug)]
pub struct Page {
    pub found: Vec<Found>,
    /// Where the page began and where it ended, in the order of time.
    pub first: Position,
    pub last: Position,
    /// Nothing is left in its direction.
    pub is_end: bool,
    pub bytes: usize,
    pub read_bytes: usize,
}

impl Scan<'_> {
    pub fn page(&self, reader: &LogReader<'_>, from: Position, direction: Direction) -> Page {
        let mut page = Page { found: Vec::new(), first: from, last: from, is_end: false, bytes: 0, read_bytes: 0 };
        for _ in 0..READ_SLICES {
            let at = match direction {
                Direction::Forward => page.last,
                Direction::Backward => page.first,
            };
            let Some((start, end)) = self.slice(at, direction) else {
                page.is_end = true;
                return page;
            };
            let is_full = self.read_slice(reader, start, end, at, direction, &mut page);
            if is_full || page.read_bytes >= READ_BYTES {
                break;
            }
        }
        page
    }

    /// The next times to read, if any are left.
    fn slice(&self, at: Position, direction: Direction) -> Option<(i64, i64)> {
        let slice = match direction {
            Direction::Forward => (at.time, (at.time + SLICE).min(self.end)),
            // The millisecond of the position itself still has events before it.
            Direction::Backward => {
                let end = if at.passed > 0 { at.time + 1 } else { at.time };
                ((end - SLICE).max(self.start), end)
            }
        };
        (slice.0 < slice.1).then_some(slice)
    }

    /// Whether the page is full.
    fn read_slice(
        &self,
        reader: &LogReader<'_>,
        start: i64,
        end: i64,
        at: Position,
        direction: Direction,
        page: &mut Page,
    ) -> bool {
        let mut events = self.events(reader, start, end);
        match direction {
            Direction::Forward => drop(events.drain(..at.passed.min(events.len()))),
            Direction::Backward => {
                let before = events.partition_point(|found| found.event.timestamp < at.time);
                events.truncate(before + if end > at.time { at.passed } else { 0 });
            }
        }
        let mut events = std::collections::VecDeque::from(events);
        loop {
            let next = match direction {
                Direction::Forward => events.pop_front(),
                Direction::Backward => events.pop_back(),
            };
            let Some(found) = next else { break };
            let bytes = found.event.message.len();
            let time = found.event.timestamp;
            let is_match = self.pattern.is_match(&found.event.message);
            let is_too_much =
                page.found.len() >= self.limit || (!page.found.is_empty() && page.bytes + bytes > PAGE_BYTES);
            if is_match && is_too_much {
                return true;
            }
            match direction {
                Direction::Forward => {
                    let passed = if page.last.time == time { page.last.passed + 1 } else { 1 };
                    page.last = Position { time, passed };
                }
                Direction::Backward => {
                    let passed = events.iter().rev().take_while(|earlier| earlier.event.timestamp == time).count();
                    page.first = Position { time, passed };
                }
            }
            page.read_bytes += bytes;
            if is_match {
                page.bytes += bytes;
                page.found.push(found);
            }
        }
        match direction {
            Direction::Forward => page.last = Position { time: end, passed: 0 },
            Direction::Backward => page.first = Position { time: start, passed: 0 },
        }
        false
    }

    /// All events of a slice, by time; those of one millisecond by stream.
    fn events(&self, reader: &LogReader<'_>, start: i64, end: i64) -> Vec<Found> {
        let mut all = Vec::new();
        for (stream, name) in self.streams.iter().enumerate() {
            let mut number = 0;
            let mut time = i64::MIN;
            for event in reader.events(self.group, name, start..end) {
                number = if event.timestamp == time { number + 1 } else { 0 };
                time = event.timestamp;
                all.push(Found { stream, number, event });
            }
        }
        all.sort_by_key(|found| (found.event.timestamp, found.stream));
        all
    }
}
