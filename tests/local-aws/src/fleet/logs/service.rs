//! Records of the service itself: about operations that failed. They have another form than Flink's.

use serde::Serialize;

use super::super::describe;
use super::super::job::Job;
use super::lines::{Lines, millis};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceRecord<'a> {
    #[serde(rename = "applicationARN")]
    application_arn: &'a str,
    /// A number here, and text in Flink's records.
    application_version_id: i64,
    message_type: &'a str,
    message: &'a str,
    message_schema_version: &'a str,
    error_code: &'a str,
}

/// How long after its stop somebody tries to start the application again, in seconds.
const SECOND_THOUGHTS: f64 = 600.0;

const MESSAGE: &str = "org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute application.\n\
    \tat org.apache.flink.runtime.webmonitor.handlers.JarRunOverrideHandler.handleRequest(JarRunOverrideHandler.java:248)\n\
    \tat java.base/java.util.concurrent.CompletableFuture.postComplete(CompletableFuture.java:510)\n\
    Caused by: org.apache.flink.client.program.ProgramInvocationException: The main method caused an error: \
    Stream sales-export under account 111111111111 not found.\n\
    \tat org.apache.flink.client.program.PackagedProgram.callMainMethod(PackagedProgram.java:373)\n\
    \t... 12 more\n\
    The application failed to transition to the desired state RUNNING from STARTING, and is being transitioned to READY.";

/// After its stop the application is started again, which fails: the service puts it back to READY.
pub fn write_failed_start(job: &Job, deploy: i64, end: f64, lines: &mut Lines) {
    lines.add_record(millis(end + SECOND_THOUGHTS), |arn| {
        let record = ServiceRecord {
            application_arn: arn,
            application_version_id: describe::version(job, deploy),
            message_type: "ERROR",
            message: MESSAGE,
            message_schema_version: "1",
            error_code: "CodeError.InvalidApplicationCode",
        };
        serde_json::to_string(&record).expect("a record of texts always serialises")
    });
}
