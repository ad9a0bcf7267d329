//! STS GetCallerIdentity: whose credentials these are. It needs no permission.

use aws_sdk_sts::Client;

use super::call::send;
use crate::failure::{CallError, CallErrorKind};
use crate::place::{AccountId, Region};

pub(super) const OPERATION: &str = "sts:GetCallerIdentity";

/// The account of the client's identity.
pub(super) async fn caller_account(client: &Client, region: &Region) -> Result<AccountId, CallError> {
    let output = send(OPERATION, region, client.get_caller_identity().send()).await?;
    output.account().map(AccountId::from).ok_or_else(|| CallError {
        kind: CallErrorKind::ServiceFailure,
        operation: OPERATION,
        region: region.clone(),
        message: "the answer names no account".to_owned(),
    })
}
