//! STS GetCallerIdentity: whose credentials these are. It needs no permission.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;

use super::CallerIdentity;
use super::call::{Gate, send};
use crate::failure::{CallError, CallErrorKind};
use crate::place::AccountId;

pub const OPERATION: &str = "sts:GetCallerIdentity";

/// The client's identity.
pub(super) async fn caller_identity(client: &Client, gate: &Gate<'_>) -> Result<CallerIdentity, CallError> {
    let request = client.get_caller_identity().customize().interceptor(gate.attempts::<GetCallerIdentityError>());
    let output = send(gate, request.send()).await?;
    let account = output.account().map(AccountId::from);
    let account = account.ok_or_else(|| gate.error(CallErrorKind::ServiceFailure, "the answer names no account"))?;
    Ok(CallerIdentity { arn: output.arn().unwrap_or_default().to_owned(), account })
}
