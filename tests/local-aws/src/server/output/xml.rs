//! The query protocol's XML: members are elements, list items are `<member>`, timestamps are calendar text.

use std::fmt::Write as _;

use super::Writer;

#[derive(Debug, Default)]
pub struct XmlWriter {
    text: String,
    /// Open elements, innermost last. `None` is a structure whose element someone else opened.
    open: Vec<Option<String>>,
    /// The element that the next value gets.
    next: Option<String>,
    /// Whether each open level is a list, whose items become `<member>`, or a structure.
    lists: Vec<bool>,
}

impl XmlWriter {
    /// Writes the opening tags of an answer; the operation's result comes between.
    pub fn answer(operation: &str, namespace: &str) -> Self {
        let mut writer = Self::default();
        // Writing into a String cannot fail.
        let _ = write!(writer.text, "<{operation}Response xmlns=\"{namespace}\">");
        writer.next = Some(format!("{operation}Result"));
        writer
    }

    pub fn finish(mut self, operation: &str, request_id: &str) -> Vec<u8> {
        let _ = write!(
            self.text,
            "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
        );
        self.text.into_bytes()
    }

    fn open_element(&mut self) {
        let is_item = self.next.is_none() && self.lists.last() == Some(&true);
        let name = if is_item { Some("member".to_owned()) } else { self.next.take() };
        if let Some(name) = &name {
            let _ = write!(self.text, "<{name}>");
        }
        self.open.push(name);
    }

    fn close_element(&mut self) {
        if let Some(Some(name)) = self.open.pop() {
            let _ = write!(self.text, "</{name}>");
        }
    }

    fn scalar(&mut self, value: impl std::fmt::Display) {
        self.open_element();
        let _ = write!(self.text, "{value}");
        self.close_element();
    }
}

impl Writer for XmlWriter {
    fn begin_structure(&mut self) {
        self.open_element();
        self.lists.push(false);
    }

    fn end_structure(&mut self) {
        self.lists.pop();
        self.close_element();
    }

    fn key(&mut self, name: &str) {
        self.next = Some(name.to_owned());
    }

    fn begin_list(&mut self, _length: usize) {
        self.open_element();
        self.lists.push(true);
    }

    fn end_list(&mut self) {
        self.lists.pop();
        self.close_element();
    }

    fn string(&mut self, text: &str) {
        self.scalar(escape(text));
    }

    fn double(&mut self, number: f64) {
        self.scalar(number);
    }

    fn integer(&mut self, number: i64) {
        self.scalar(number);
    }

    fn boolean(&mut self, flag: bool) {
        self.scalar(flag);
    }

    fn timestamp(&mut self, seconds: i64) {
        self.scalar(calendar_text(seconds));
    }

    fn entries(&mut self, entries: &[(String, f64)]) {
        self.open_element();
        for (key, value) in entries {
            let key = escape(key);
            let _ = write!(self.text, "<entry><key>{key}</key><value>{value}</value></entry>");
        }
        self.close_element();
    }
}

/// The whole body of a refusal.
pub fn error_body(error: &crate::server::error::ServiceError, namespace: &str, request_id: &str) -> Vec<u8> {
    let fault = if error.is_sender_fault() { "Sender" } else { "Receiver" };
    format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
        error.code,
        escape(&error.message),
    )
    .into_bytes()
}

/// RFC 3339 in UTC.
pub fn calendar_text(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::output::Answer as _;

    #[test]
    fn lists_have_members_and_text_is_escaped() {
        let mut writer = XmlWriter::answer("ListMetrics", "urn:x");
        serde_json::json!({"Empty": [], "Items": [{"Name": "a<b"}, "plain"]}).write(&mut writer);
        let text = String::from_utf8(writer.finish("ListMetrics", "r1")).unwrap();
        assert_eq!(
            text,
            "<ListMetricsResponse xmlns=\"urn:x\"><ListMetricsResult><Empty></Empty><Items><member><Name>a&lt;b</Name></member>\
            <member>plain</member></Items></ListMetricsResult><ResponseMetadata><RequestId>r1</RequestId></ResponseMetadata></ListMetricsResponse>"
        );
    }

    #[test]
    fn times_and_maps_have_their_own_form() {
        let mut writer = XmlWriter::answer("X", "urn:x");
        writer.begin_structure();
        writer.key("At");
        writer.timestamp(1_700_000_000);
        writer.key("Extended");
        writer.entries(&[("p50".to_owned(), 1.5)]);
        writer.end_structure();
        let text = String::from_utf8(writer.finish("X", "r1")).unwrap();
        assert!(text.contains("<At>2023-11-14T22:13:20Z</At>"));
        assert!(text.contains("<Extended><entry><key>p50</key><value>1.5</value></entry></Extended>"));
    }
}
