//! Kinesis Analytics ListApplications: names, statuses and runtimes, all pages of 50.

use aws_sdk_kinesisanalyticsv2::Client;
use aws_sdk_kinesisanalyticsv2::operation::list_applications::{ListApplications, ListApplicationsError};
use aws_sdk_kinesisanalyticsv2::types::ApplicationSummary as Row;

use super::call::{Gate, Pages, send};
use super::promised::{OF_APPLICATION, Promised, missing_in_json};
use crate::catalog::runtime::Runtime;
use crate::failure::CallError;
use crate::model::application::{ApplicationStatus, ApplicationSummary};
use crate::place::{ApplicationArn, ApplicationName};

pub const OPERATION: &str = "kinesisanalytics:ListApplications";

/// The most that the service puts on a page.
const PAGE: i32 = 50;

/// What a page lacks.
fn missing(body: &[u8]) -> Option<String> {
    missing_in_json(body, "ApplicationSummaries", OF_APPLICATION)
}

/// Reads all pages.
pub(super) async fn list_applications(client: &Client, gate: &Gate<'_>) -> Result<Vec<ApplicationSummary>, CallError> {
    let mut pages = Pages::new(gate);
    let mut applications = Vec::new();
    while let Some(token) = pages.next_token() {
        let request = client.list_applications().limit(PAGE).set_next_token(token);
        let request = request.customize().interceptor(gate.attempts::<ListApplicationsError>());
        let page = send(gate, request.interceptor(Promised::<ListApplications>::new(missing)).send()).await?;
        applications.extend(page.application_summaries().iter().map(summary));
        pages.read(page.next_token())?;
    }
    Ok(applications)
}

fn summary(row: &Row) -> ApplicationSummary {
    ApplicationSummary {
        name: ApplicationName::from(row.application_name()),
        arn: Some(ApplicationArn::from(row.application_arn())),
        status: Some(ApplicationStatus::parse(row.application_status().as_str())),
        runtime: Some(Runtime::parse(row.runtime_environment().as_str())),
        version: Some(row.application_version_id()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_statuses_and_runtimes_that_nobody_knows_yet() {
        let row = Row::builder()
            .application_name("orders")
            .application_arn("arn:aws:kinesisanalytics:eu-west-1:123456789012:application/orders")
            .application_status("HIBERNATING".into())
            .application_version_id(7)
            .runtime_environment("FLINK-9_1".into())
            .build()
            .unwrap();
        let expected = ApplicationSummary {
            name: ApplicationName::from("orders"),
            arn: Some(ApplicationArn::from("arn:aws:kinesisanalytics:eu-west-1:123456789012:application/orders")),
            status: Some(ApplicationStatus::Other("HIBERNATING".to_owned())),
            runtime: Some(Runtime::Flink(9, 1)),
            version: Some(7),
        };
        assert_eq!(summary(&row), expected);
    }
}
