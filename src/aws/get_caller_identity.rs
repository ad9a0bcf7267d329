//! STS GetCallerIdentity: whose credentials these are. It needs no permission.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;

use super::call::{Gate, send};
use crate::failure::{CallError, CallErrorKind};
use crate::place::AccountId;

pub const OPERATION: &str = "sts:GetCallerIdentity";

/// The account of the client's identity.
pub(super) async fn caller_account(client: &Client, gate: &Gate<'_>) -> Result<AccountId, CallError> {
    let request = client.get_caller_identity().customize().interceptor(gate.attempts::<GetCallerIdentityError>());
    let output = send(gate, request.send()).await?;
    let account = output.account().map(AccountId::from);
    account.ok_or_else(|| gate.error(CallErrorKind::ServiceFailure, "the answer names no account"))
}
