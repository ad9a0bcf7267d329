//! The settings of a data source: JSON and secrets in, a validated [`Settings`] out.
//!
//! Reading is pure: what Grafana's administrator allows and what the process environment holds comes in as
//! [`AdminSettings`]. Every AWS data source of Grafana shares these fields and their legacy spellings; only the last
//! few are our own. A wrong field is an error that names it; a secret is never repeated, not even in part.

mod admin;
pub mod costs;
mod endpoints;
mod faults;
mod fields;
mod identity;
mod regions;
mod unused;

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

pub use admin::{AdminSettings, GrafanaVersion, HostEnvironment, HostFiles};
pub use endpoints::{Endpoint, Endpoints};
pub use identity::{AssumedRole, CredentialSource, Identity, Secret};
pub use regions::{AllowedRegions, RegionRefusal};
pub use unused::Finding;

use crate::catalog::operations::{QUOTAS, Quota};
use crate::catalog::similar::is_misspelt;
use crate::notice::count;
use crate::place::{ApplicationName, Region};
use costs::CostLimits;
use faults::Faults;
use fields::Fields;

/// What a data source is set up with.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub auth: AuthType,
    /// Who we are for AWS.
    pub identity: Identity,
    pub default_region: Region,
    pub regions: AllowedRegions,
    pub endpoints: Endpoints,
    /// The application that queries without one are about.
    pub default_application: Option<ApplicationName>,
    /// Dollars; us-east-1's price unless set.
    pub kpu_price_per_hour: f64,
    /// The longest that one request may take, retries included.
    pub request_timeout: Duration,
    pub limits: CallLimits,
    pub costs: CostLimits,
    /// Bytes of metric data that are kept for this data source.
    pub cache_bytes: usize,
    /// What of AWS's environment this process sees; for explanations only.
    pub host: HostEnvironment,
    pub host_files: HostFiles,
    /// None where Grafana does not tell it.
    pub grafana: Option<GrafanaVersion>,
    /// What is set and has no effect.
    pub unused: Vec<Finding>,
}

/// How much is asked of AWS at most, in each region. AWS's quotas are those of the account, and others use it too, so
/// the defaults are well below them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallLimits {
    /// Calls a second, of each row of [`QUOTAS`].
    pub per_second: [f64; QUOTAS.len()],
    /// Calls of one kind that run at a time.
    pub concurrent_calls: usize,
}

/// No limit is NaN.
impl Eq for CallLimits {}

impl Hash for CallLimits {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.per_second.map(f64::to_bits), self.concurrent_calls).hash(state);
    }
}

impl Default for CallLimits {
    fn default() -> Self {
        Self { per_second: QUOTAS.map(|row| row.per_second), concurrent_calls: 16 }
    }
}

impl CallLimits {
    fn parse(fields: &Fields) -> Result<Self, SettingsError> {
        let (default, mut faults) = (Self::default(), Faults::default());
        let rates = QUOTAS.map(|row| faults.take(fields.number(row.setting, row.per_second, 0.1..=row.most)));
        let concurrent_calls = faults.take(fields.whole("maxConcurrentCalls", default.concurrent_calls, 1..=100));
        let made = || {
            let mut per_second = default.per_second;
            for (limit, rate) in per_second.iter_mut().zip(rates) {
                *limit = rate?;
            }
            Some(Self { per_second, concurrent_calls: concurrent_calls? })
        };
        faults.settle(made())
    }

    /// The same with so many calls a second of a quota.
    pub fn with_rate(mut self, quota: Quota, per_second: f64) -> Self {
        if let Some(index) = quota.index() {
            self.per_second[index] = per_second;
        }
        self
    }
}

/// How the credentials are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthType {
    /// The SDK's default chain.
    Default,
    /// An access key in the settings.
    Keys,
    /// A profile of the shared credentials file.
    Credentials,
    /// The role of the machine or workspace; found by the default chain.
    Ec2IamRole,
}

impl AuthType {
    const ALL: &[&str] = &["default", "keys", "credentials", "ec2_iam_role"];

    /// Reads a name in its present or its legacy spelling.
    fn parse(text: &str) -> Option<Self> {
        match text {
            "default" | "arn" => Some(Self::Default),
            "keys" => Some(Self::Keys),
            "credentials" | "sharedCreds" => Some(Self::Credentials),
            "ec2_iam_role" => Some(Self::Ec2IamRole),
            _ => None,
        }
    }

    /// The name in settings files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Keys => "keys",
            Self::Credentials => "credentials",
            Self::Ec2IamRole => "ec2_iam_role",
        }
    }
}

/// A data source as Grafana sends it.
#[derive(Clone, Copy)]
pub struct SettingsSource<'a> {
    /// `jsonData`; empty means `{}`.
    pub json_data: &'a [u8],
    /// `decryptedSecureJsonData`.
    pub secure: &'a HashMap<String, String>,
    /// The top-level field, in which old data sources keep the profile's name.
    pub database: &'a str,
}

/// Tells which secrets are there, and nothing else: a secret may have been pasted into any field.
impl fmt::Debug for SettingsSource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut secure: Vec<&String> = self.secure.keys().collect();
        secure.sort();
        f.debug_struct("SettingsSource").field("secure", &secure).finish_non_exhaustive()
    }
}

/// One field that cannot be used, and those that cannot be used either.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", describe_all(self))]
pub struct SettingsError {
    /// The field as the settings file spells it, or the administrator's setting.
    pub field: &'static str,
    /// What stands there, in words; never a secret.
    pub found: String,
    pub allowed: String,
    /// The next field that is wrong as well.
    pub next: Option<Box<Self>>,
}

/// So many are named; nobody mends more at a time.
const FAULTS_NAMED: usize = 10;

fn describe_all(error: &SettingsError) -> String {
    let all: Vec<&SettingsError> = error.all().collect();
    let one = |error: &&SettingsError| format!("{} is {}; allowed: {}", error.field, error.found, error.allowed);
    let named = all.iter().take(FAULTS_NAMED).map(one).collect::<Vec<_>>().join("; and ");
    match all.len().checked_sub(FAULTS_NAMED) {
        Some(more) if more > 0 => format!("{named}; and {} cannot be used", count(more, "more setting")),
        Some(_) | None => named,
    }
}

impl SettingsError {
    /// This one and the next ones.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |error| error.next.as_deref())
    }

    fn new(field: &'static str, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { field, found: found.into(), allowed: allowed.into(), next: None }
    }

    /// Both, this one first: who mends one field should not be told of the next one only then.
    fn and(mut self, other: Self) -> Self {
        self.next = Some(Box::new(match self.next.take() {
            Some(next) => next.and(other),
            None => other,
        }));
        self
    }

    /// Says of what is missing that there is something like it, such as `acessKey`.
    fn beside(mut self, unknown: &[&str]) -> Self {
        if let Some(near) = unknown.iter().find(|name| self.found == MISSING && is_misspelt(name, self.field)) {
            self.found = format!("{MISSING}, though there is {near:?}");
        }
        self.next = self.next.map(|next| Box::new(next.beside(unknown)));
        self
    }
}

const MISSING: &str = "missing";

/// The price of a KPU hour in us-east-1.
const KPU_PRICE_PER_HOUR: f64 = 0.11;

const REQUEST_TIMEOUT_SECONDS: f64 = 30.0;

/// Room for more than 5,000 series of a day in minutes. Nothing is kept at 0; calls are still shared.
pub const CACHE_BYTES: usize = 64 * MEGABYTE;

const MEGABYTE: usize = 1 << 20;

impl Settings {
    /// Reads a data source under the restrictions of Grafana's administrator.
    pub fn parse(source: &SettingsSource<'_>, admin: &AdminSettings) -> Result<Self, SettingsError> {
        let fields = Fields::parse(source.json_data)?;
        let mut settings =
            Self::read(&fields, source, admin).map_err(|error| error.beside(&unused::unknown(&fields, source)))?;
        settings.unused = unused::find(&fields, source, &settings);
        Ok(settings)
    }

    fn read(fields: &Fields, source: &SettingsSource<'_>, admin: &AdminSettings) -> Result<Self, SettingsError> {
        let mut faults = Faults::default();
        faults.take(refuse_socks_proxy(fields));
        let auth = faults.take(parse_auth_type(fields, admin));
        let region = faults.take(parse_region(fields, admin));
        let credentials = auth.and_then(|auth| faults.take(identity::parse_credentials(auth, fields, source)));
        let role = faults.take(identity::parse_role(fields, admin));
        let named = faults.take(AllowedRegions::parse_named(fields));
        let regions = region.as_ref().zip(named);
        let regions = regions.and_then(|(region, named)| faults.take(AllowedRegions::check(fields, region, named)));
        let endpoints = faults.take(Endpoints::parse(fields, region.as_ref()));
        let default_application = faults.take(parse_application(fields));
        let mut number = |field, default, range| faults.take(fields.number(field, default, range));
        let price = number("kpuPricePerHour", KPU_PRICE_PER_HOUR, 0.0..=1000.0);
        let timeout = number("requestTimeoutSeconds", REQUEST_TIMEOUT_SECONDS, 1.0..=300.0);
        let cache_megabytes = number("cacheMegabytes", (CACHE_BYTES / MEGABYTE) as f64, 0.0..=4096.0);
        let limits = faults.take(CallLimits::parse(fields));
        let costs = faults.take(CostLimits::parse(fields));
        let made = || {
            let default_region = region?;
            Some(Self {
                auth: auth?,
                identity: Identity { credentials: credentials?, role: role?, region: default_region.clone() },
                regions: regions?,
                endpoints: endpoints?,
                default_application: default_application?,
                kpu_price_per_hour: price?,
                request_timeout: Duration::from_secs_f64(timeout?),
                limits: limits?,
                costs: costs?,
                cache_bytes: (cache_megabytes? * MEGABYTE as f64) as usize,
                host: admin.host,
                host_files: admin.host_files.clone(),
                grafana: admin.grafana,
                default_region,
                unused: Vec::new(),
            })
        };
        faults.settle(made())
    }
}

/// Whether `text` can be the name of a region. It becomes part of a host name, so nothing else may pass.
pub fn is_region_name(text: &str) -> bool {
    let is_plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    is_plain && (4..=32).contains(&text.len()) && text.contains('-') && !text.starts_with('-') && !text.ends_with('-')
}

/// Grafana would route the traffic of this data source through its secure proxy. Going past it unasked would be wrong.
fn refuse_socks_proxy(fields: &Fields) -> Result<(), SettingsError> {
    if fields.flag("enableSecureSocksProxy")? {
        let allowed = "false, since this data source cannot use Grafana's secure SOCKS proxy";
        return Err(SettingsError::new("enableSecureSocksProxy", "true", allowed));
    }
    Ok(())
}

fn parse_auth_type(fields: &Fields, admin: &AdminSettings) -> Result<AuthType, SettingsError> {
    let text = fields.text("authType")?.unwrap_or_else(|| AuthType::Default.as_str().to_owned());
    if text == "grafana_assume_role" {
        let allowed = "default, keys, credentials, ec2_iam_role (grafana_assume_role exists in Grafana Cloud only)";
        return Err(SettingsError::new("authType", "grafana_assume_role", allowed));
    }
    let Some(auth) = AuthType::parse(&text) else {
        return Err(SettingsError::new("authType", fields::quoted(&text), AuthType::ALL.join(", ")));
    };
    admin.check_auth_type(auth)?;
    Ok(auth)
}

fn parse_application(fields: &Fields) -> Result<Option<ApplicationName>, SettingsError> {
    let Some(name) = fields.text("defaultApplication")? else { return Ok(None) };
    if !ApplicationName::is_valid(&name) {
        let allowed = match ApplicationName::in_arn(&name) {
            Some(name) => format!("the name alone; of this ARN it is \"{name}\""),
            None if name == "*" || name.starts_with('/') || name.contains(',') => {
                "the name of one application; all, several and patterns are for queries, which name their own where this is empty".to_owned()
            }
            None => "the name of an application: 1 to 128 letters, digits and the characters _ . -".to_owned(),
        };
        return Err(SettingsError::new("defaultApplication", fields::quoted(&name), allowed));
    }
    Ok(Some(ApplicationName::new(name)))
}

fn parse_region(fields: &Fields, admin: &AdminSettings) -> Result<Region, SettingsError> {
    let set = match fields.text("defaultRegion")? {
        Some(region) => Some(region),
        None => fields.text("region")?,
    };
    let chosen = set.filter(|region| region != "default").or_else(|| admin.region.clone());
    let allowed = "the name of an AWS region, such as eu-west-1";
    match chosen {
        None => Err(SettingsError::new("defaultRegion", MISSING, allowed)),
        Some(region) if is_region_name(&region) => Ok(Region::new(region)),
        Some(region) => Err(SettingsError::new("defaultRegion", fields::quoted(&region), allowed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_names_cannot_smuggle_a_host() {
        assert!(is_region_name("eu-west-1") && is_region_name("us-gov-east-1") && is_region_name("cn-north-1"));
        for wrong in ["", "eu", "-eu-1", "eu-west-1/", "EU-WEST-1", "eu.west.1", "evil.example.com#", "default"] {
            assert!(!is_region_name(wrong), "{wrong}");
        }
    }
}
