//! `top`: only the highest.

use super::error::QueryError;
use super::signals::{self, AskedSignal};
use super::wire::Fields;

/// Keep the `count` applications, tasks, operators or subtasks with the highest mean of `by`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Top {
    pub count: usize,
    pub by: AskedSignal,
}

/// More lines than this cannot be read, and cost without use.
const TOP_LIMIT: i64 = 500;

pub(super) fn parse_top(fields: &Fields, signals: &[AskedSignal]) -> Result<Option<Top>, QueryError> {
    let Some(top) = fields.object("top")? else { return Ok(None) };
    top.allow(&["top.count", "top.by"])?;
    let Some(count) = top.integer("top.count")? else {
        let is_empty = !top.has_any(&["top.count", "top.by"]);
        let hint = format!("how many are kept, 1 to {TOP_LIMIT}");
        return if is_empty { Ok(None) } else { Err(QueryError::Missing { field: "top.count", hint }) };
    };
    if !(1..=TOP_LIMIT).contains(&count) {
        return Err(QueryError::wrong_thing("top.count", count, format!("1 to {TOP_LIMIT}")));
    }
    let by = match top.text("top.by")?.filter(|by| !by.is_empty()) {
        Some(name) => signals::parse_signal("top.by", &name)?,
        None => *signals.first().ok_or_else(|| QueryError::wrong("top.by", "", "the id of a signal"))?,
    };
    Ok(usize::try_from(count).ok().map(|count| Top { count, by }))
}
