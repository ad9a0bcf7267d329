//! Who calls: the access key and region of a SigV4 `Authorization` header.
//!
//! The signature itself is not verified. Temporary keys carry their role in the key id, so that a key
//! made by one server is recognised by another.

use super::error::ServiceError;
use super::options::{Identity, Options};

const TEMPORARY: &str = "ASIALOCAL";
const ACCOUNT_DIGITS: usize = 12;

/// The caller of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub access_key: String,
    pub region: String,
    /// The signing name, such as `monitoring`.
    pub service: String,
}

impl Caller {
    /// Reads `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…`.
    pub fn parse(authorization: Option<&str>) -> Result<Self, ServiceError> {
        let header = authorization
            .map(str::trim)
            .filter(|header| !header.is_empty())
            .ok_or_else(ServiceError::missing_authentication)?;
        let garbled = || ServiceError::incomplete_signature(header);
        let fields = header.strip_prefix("AWS4-HMAC-SHA256").ok_or_else(garbled)?;
        let field = |name: &str| {
            fields.split(',').find_map(|part| {
                let (key, value) = part.trim().split_once('=')?;
                (key == name && !value.is_empty()).then_some(value)
            })
        };
        let credential = field("Credential").ok_or_else(garbled)?;
        field("SignedHeaders").ok_or_else(garbled)?;
        field("Signature").ok_or_else(garbled)?;
        let parts: Vec<&str> = credential.split('/').collect();
        let [access_key, _date, region, service, "aws4_request"] = parts[..] else {
            return Err(garbled());
        };
        if access_key.is_empty() || region.is_empty() {
            return Err(garbled());
        }
        Ok(Self { access_key: access_key.to_owned(), region: region.to_owned(), service: service.to_owned() })
    }

    /// Account and role name, for a key that AssumeRole made.
    pub fn role(&self) -> Option<(&str, &str)> {
        let rest = self.access_key.strip_prefix(TEMPORARY)?;
        let (account, role) = rest.split_at_checked(ACCOUNT_DIGITS)?;
        (is_account(account) && !role.is_empty()).then_some((account, role))
    }

    /// The account that the caller acts in.
    pub fn account<'a>(&'a self, options: &'a Options) -> &'a str {
        self.role().map_or(&options.account, |(account, _)| account)
    }

    pub fn arn(&self, options: &Options) -> String {
        match self.role() {
            Some((account, role)) => format!("arn:aws:sts::{account}:assumed-role/{role}/session"),
            None => format!("arn:aws:iam::{}:user/{}", options.account, self.access_key),
        }
    }

    /// What the options say about the caller, if anything.
    pub fn identity<'a>(&self, options: &'a Options) -> Option<&'a Identity> {
        options.identities.get(&self.access_key).or_else(|| {
            options
                .identities
                .iter()
                .find(|(arn, _)| temporary_key(arn).as_ref() == Some(&self.access_key))
                .map(|(_, identity)| identity)
        })
    }

    pub fn check_known(&self, options: &Options) -> Result<(), ServiceError> {
        let is_known = !options.only_known_keys || self.role().is_some() || self.identity(options).is_some();
        if is_known { Ok(()) } else { Err(ServiceError::unknown_key()) }
    }
}

/// The key id of whoever assumes a role. Key ids consist of word characters, so others become `_`.
pub fn temporary_key(role_arn: &str) -> Option<String> {
    let mut parts = role_arn.splitn(6, ':');
    let ("arn", _partition, "iam", "", account, resource) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?)
    else {
        return None;
    };
    let path = resource.strip_prefix("role/")?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    if !is_account(account) {
        return None;
    }
    let word: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    Some(format!("{TEMPORARY}{account}{word}"))
}

fn is_account(text: &str) -> bool {
    text.len() == ACCOUNT_DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "AWS4-HMAC-SHA256 Credential=AKID/20261121/eu-west-1/monitoring/aws4_request, SignedHeaders=host;x-amz-date, Signature=ab12";

    #[test]
    fn key_and_region_come_from_the_credential_scope() {
        let caller = Caller::parse(Some(GOOD)).unwrap();
        assert_eq!(caller.access_key, "AKID");
        assert_eq!(caller.region, "eu-west-1");
        assert_eq!(caller.service, "monitoring");
        assert_eq!(caller.role(), None);
    }

    #[test]
    fn absent_and_garbled_headers_are_told_apart() {
        let code = |header: Option<&str>| Caller::parse(header).unwrap_err().code;
        let refuse = |header: &str| code(Some(header));
        assert_eq!(code(None), "MissingAuthenticationToken");
        assert_eq!(code(Some("Bearer abc")), "IncompleteSignature");
        assert_eq!(refuse(&GOOD.replace("Signature=ab12", "")), "IncompleteSignature");
        assert_eq!(refuse(&GOOD.replace("/monitoring", "")), "IncompleteSignature");
    }

    #[test]
    fn a_temporary_key_tells_its_role_and_finds_its_identity() {
        let arn = "arn:aws:iam::222222222222:role/path/grafana-reader";
        let key = temporary_key(arn).unwrap();
        let caller = Caller::parse(Some(&GOOD.replace("AKID", &key))).unwrap();
        assert_eq!(caller.role(), Some(("222222222222", "grafana_reader")));
        let mut options = Options::default();
        options.identities.insert(arn.to_owned(), Identity::denying(["cloudwatch:*"]));
        assert!(caller.identity(&options).unwrap().is_denied("cloudwatch:ListMetrics"));
        assert_eq!(caller.account(&options), "222222222222");
    }

    #[test]
    fn only_role_arns_make_keys() {
        assert_eq!(temporary_key("arn:aws:iam::1:role/x"), None);
        assert_eq!(temporary_key("arn:aws:iam::111111111111:user/x"), None);
        assert_eq!(temporary_key("nonsense"), None);
    }
}
