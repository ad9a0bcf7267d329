//! The answer, how it is written, and how faults apply_faults it.

use super::GetMetricDataRequest;
use super::request::Source;
use crate::server::faults::InjectedFault;
use crate::server::output::{Answer, Writer};
use crate::server::points::Point;

#[derive(Debug, Clone, PartialEq)]
pub struct GetMetricDataAnswer {
    pub results: Vec<MetricDataResult>,
    pub next_token: Option<String>,
}

/// Results of one query share its id.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDataResult {
    pub id: String,
    pub label: String,
    /// In the order that was asked.
    pub points: Vec<Point>,
    /// `Complete`, `PartialData`, `InternalError` or `Forbidden`.
    pub status: String,
    /// Code and text.
    pub messages: Vec<(String, String)>,
}

impl GetMetricDataAnswer {
    /// Applies the faults that AWS reports inside of a successful answer.
    pub fn apply_faults(&mut self, request: &GetMetricDataRequest, fault: &InjectedFault) {
        for result in &mut self.results {
            let metric = request.queries.iter().find_map(|query| match &query.source {
                Source::Stat(stat) if query.id == result.id => Some(stat.metric.as_str()),
                Source::Stat(_) | Source::Expression(_) => None,
            });
            if metric.is_some_and(|metric| fault.vanished_metrics.iter().any(|vanished| vanished == metric)) {
                result.points.clear();
            }
            let status = metric.and_then(|metric| fault.metric_status.get(metric));
            let status = status.map(String::as_str);
            match status.or(fault.partial_data.then_some("PartialData")) {
                None => {}
                Some("PartialData") => result.become_partial(),
                Some(other) => result.fail(other),
            }
        }
    }
}

impl MetricDataResult {
    fn become_partial(&mut self) {
        self.points.truncate(self.points.len() / 2);
        self.status = "PartialData".to_owned();
        self.messages.push(("PartialData".to_owned(), "An incomplete set of data points was returned.".to_owned()));
    }

    pub(super) fn fail(&mut self, status: &str) {
        self.points.clear();
        self.status = status.to_owned();
        self.messages.push((status.to_owned(), format!("The metric could not be read: {status}.")));
    }
}

impl Answer for GetMetricDataAnswer {
    fn write<W: Writer>(&self, to: &mut W) {
        to.begin_structure();
        to.key("MetricDataResults");
        to.begin_list(self.results.len());
        for result in &self.results {
            result.write(to);
        }
        to.end_list();
        to.key("Messages");
        to.begin_list(0);
        to.end_list();
        if let Some(token) = &self.next_token {
            to.key("NextToken");
            to.string(token);
        }
        to.end_structure();
    }
}

impl Answer for MetricDataResult {
    fn write<W: Writer>(&self, to: &mut W) {
        to.begin_structure();
        to.key("Id");
        to.string(&self.id);
        to.key("Label");
        to.string(&self.label);
        to.key("Timestamps");
        to.begin_list(self.points.len());
        for (at, _) in &self.points {
            to.timestamp(*at);
        }
        to.end_list();
        to.key("Values");
        to.begin_list(self.points.len());
        for (_, value) in &self.points {
            to.double(*value);
        }
        to.end_list();
        to.key("StatusCode");
        to.string(&self.status);
        if !self.messages.is_empty() {
            to.key("Messages");
            to.begin_list(self.messages.len());
            for (code, value) in &self.messages {
                to.begin_structure();
                to.key("Code");
                to.string(code);
                to.key("Value");
                to.string(value);
                to.end_structure();
            }
            to.end_list();
        }
        to.end_structure();
    }
}
