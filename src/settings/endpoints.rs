//! Where services are asked instead of at AWS's public addresses: one URL for all, or one per service.
//!
//! `endpoint` is for what answers as several services, such as a gateway or a simulator. An address of AWS answers as
//! one service in one region, so it is refused where it cannot fit: the answer would be somebody else's.

use super::faults::Faults;
use super::fields::{self, Fields};
use super::{Region, SettingsError};

/// The base URL of a custom endpoint, with its scheme and without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    url: String,
    field: &'static str,
}

impl Endpoint {
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The setting that it stands in.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        let (_, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        rest.split('/').next().unwrap_or_default()
    }

    /// Without scheme, port and path.
    pub fn host(&self) -> &str {
        let authority = self.authority();
        match authority.strip_prefix('[') {
            Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        }
    }

    /// The region that the address belongs to, where it is one of AWS.
    pub fn region(&self) -> Option<&str> {
        AwsHost::parse(self.host())?.region
    }
}

/// By service. None means AWS's own address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Endpoints {
    pub cloudwatch: Option<Endpoint>,
    pub kinesis_analytics: Option<Endpoint>,
    pub logs: Option<Endpoint>,
    /// Never that of another service: credentials go there.
    pub sts: Option<Endpoint>,
}

impl Endpoints {
    pub(super) fn parse(fields: &Fields, default_region: Option<&Region>) -> Result<Self, SettingsError> {
        let mut faults = Faults::default();
        let shared = faults.take(parse_shared(fields));
        let mut of = |field, service| faults.take(parse_endpoint_of(fields, field, service, default_region));
        let cloudwatch = of("cloudwatchEndpoint", "monitoring");
        let kinesis_analytics = of("kinesisAnalyticsEndpoint", "kinesisanalytics");
        let logs = of("logsEndpoint", "logs");
        let sts = of("stsEndpoint", "sts");
        let made = || {
            let shared = shared?;
            let cloudwatch = cloudwatch?.or_else(|| shared.clone());
            let kinesis_analytics = kinesis_analytics?.or_else(|| shared.clone());
            Some(Self { cloudwatch, kinesis_analytics, logs: logs?.or(shared), sts: sts? })
        };
        faults.settle(made())
    }

    /// Where an operation is asked, by its name as IAM has it; None means at AWS.
    pub fn of(&self, operation: &str) -> Option<&Endpoint> {
        match operation.split(':').next() {
            Some("cloudwatch") => self.cloudwatch.as_ref(),
            Some("kinesisanalytics") => self.kinesis_analytics.as_ref(),
            Some("logs") => self.logs.as_ref(),
            Some("sts") => self.sts.as_ref(),
            Some(_) | None => None,
        }
    }

    /// Whether a service that answers queries is asked elsewhere than at AWS's public addresses.
    pub fn are_custom(&self) -> bool {
        self.cloudwatch.is_some() || self.kinesis_analytics.is_some() || self.logs.is_some()
    }
}

/// One of AWS's own addresses, of the services that are asked here.
#[derive(Debug, PartialEq, Eq)]
struct AwsHost<'a> {
    /// The first part of the name, without `-fips`.
    service: &'a str,
    region: Option<&'a str>,
}

/// The domains of AWS's partitions, and those that answer over IPv6 as well.
const DOMAINS: [&str; 5] =
    [".amazonaws.com.cn", ".amazonaws.com", ".amazonaws.eu", ".api.aws", ".api.amazonwebservices.com.cn"];

const SERVICES: [&str; 4] = ["monitoring", "kinesisanalytics", "sts", "logs"];

impl<'a> AwsHost<'a> {
    /// `<service>.<region>.<domain>`, or `vpce-….<service>.<region>.vpce.<domain>` for an interface endpoint.
    fn parse(host: &'a str) -> Option<Self> {
        let name = DOMAINS.iter().find_map(|domain| host.strip_suffix(domain))?;
        let mut labels = name.split('.').filter(|label| !label.starts_with("vpce"));
        let service = labels.next()?;
        let service = service.strip_suffix("-fips").unwrap_or(service);
        SERVICES.contains(&service).then(|| Self { service, region: labels.next() })
    }

    fn describe(&self) -> String {
        match self.region {
            Some(region) => format!("AWS's address of {} in {region}", self.service),
            None => format!("AWS's address of {}", self.service),
        }
    }
}

/// The address that stands for all services but STS.
fn parse_shared(fields: &Fields) -> Result<Option<Endpoint>, SettingsError> {
    let shared = parse_endpoint(fields, "endpoint")?;
    if let Some(host) = shared.as_ref().and_then(|endpoint| AwsHost::parse(endpoint.host())) {
        let allowed = "the address of a server that answers as all services; AWS's own address of one service belongs in cloudwatchEndpoint, kinesisAnalyticsEndpoint, logsEndpoint or stsEndpoint";
        return Err(SettingsError::new("endpoint", host.describe(), allowed));
    }
    Ok(shared)
}

fn parse_endpoint_of(
    fields: &Fields,
    field: &'static str,
    service: &str,
    default_region: Option<&Region>,
) -> Result<Option<Endpoint>, SettingsError> {
    let endpoint = parse_endpoint(fields, field)?;
    let Some(host) = endpoint.as_ref().and_then(|endpoint| AwsHost::parse(endpoint.host())) else {
        return Ok(endpoint);
    };
    if host.service != service {
        return Err(SettingsError::new(field, host.describe(), format!("an address of {service}")));
    }
    let default_region = default_region.map_or(host.region.unwrap_or_default(), Region::as_str);
    // Credentials may come from another region.
    if service != "sts" && host.region.is_some_and(|region| region != default_region) {
        let allowed =
            format!("one in the default region, {default_region}; another region needs a data source of its own");
        return Err(SettingsError::new(field, host.describe(), allowed));
    }
    Ok(endpoint)
}

/// Reads one URL. Like other AWS data sources, a bare host means https.
fn parse_endpoint(fields: &Fields, field: &'static str) -> Result<Option<Endpoint>, SettingsError> {
    let Some(text) = fields.text(field)? else { return Ok(None) };
    let wrong = |found: String| {
        Err(SettingsError::new(field, found, "an http or https URL of a host, such as https://proxy.example.com:8443"))
    };
    if text.contains('@') {
        return wrong("a URL with a user name or password".to_owned());
    }
    if matches!(text.as_str(), "default" | "none" | "null" | "auto") {
        let allowed = "a URL, or nothing for AWS's own addresses";
        return Err(SettingsError::new(field, fields::quoted(&text), allowed));
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text.as_str()));
    let scheme = scheme.to_ascii_lowercase();
    match url_fault(&scheme, rest) {
        Some(fault) => wrong(fault),
        None => Ok(Some(Endpoint { url: format!("{scheme}://{}", rest.trim_end_matches('/')), field })),
    }
}

/// What keeps a URL from being one of a host, without repeating it: it may hold a secret.
fn url_fault(scheme: &str, rest: &str) -> Option<String> {
    if !matches!(scheme, "http" | "https") {
        return Some(format!("a URL with the scheme {}", fields::quoted(scheme)));
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    if let Some(sign) = authority.chars().find(|c| !is_of_host(*c)) {
        return Some(format!("a URL with {sign:?} in its host"));
    }
    let is_of_path = |c: char| c.is_ascii_graphic() && !"?#\\\"<>^`{|}".contains(c);
    if let Some(sign) = rest.chars().find(|c| !is_of_path(*c)) {
        return Some(format!("a URL with {sign:?} in its path"));
    }
    let (host, port) = split_port(authority);
    if host.is_empty() {
        return Some("a URL without a host".to_owned());
    }
    let port = port.filter(|port| port.parse::<u16>().is_err())?;
    Some(format!("a URL with the port {}", fields::quoted(port)))
}

/// Host and port; an IPv6 address stands in brackets.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(']') {
        Some((address, port)) => (address, port.strip_prefix(':')),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: serde_json::Value) -> Result<Endpoints, SettingsError> {
        let fields = Fields::parse(json.to_string().as_bytes()).unwrap();
        Endpoints::parse(&fields, Some(&Region::from("eu-west-1")))
    }

    fn cloudwatch_of(text: &str) -> Option<String> {
        parse(serde_json::json!({ "endpoint": text })).unwrap().cloudwatch.map(|endpoint| endpoint.url)
    }

    #[test]
    fn endpoints_are_urls_of_a_host() {
        assert_eq!(cloudwatch_of("http://127.0.0.1:4566/").as_deref(), Some("http://127.0.0.1:4566"));
        assert_eq!(cloudwatch_of("HTTPS://Proxy.example.com").as_deref(), Some("https://Proxy.example.com"));
        assert_eq!(cloudwatch_of("localstack:4566").as_deref(), Some("https://localstack:4566"));
        assert_eq!(cloudwatch_of("http://[::1]:80").as_deref(), Some("http://[::1]:80"));
        assert_eq!(cloudwatch_of("  "), None);
        let wrong = [
            "ftp://host",
            "http://",
            "http://host:99999",
            "http://host:x",
            "http://ho st",
            "http://h?x=1",
            "://h",
            "default",
        ];
        for wrong in wrong {
            let error = parse(serde_json::json!({ "endpoint": wrong })).unwrap_err();
            assert_eq!(error.field, "endpoint", "{wrong}");
        }
    }

    #[test]
    fn a_password_in_an_endpoint_is_not_repeated() {
        let error = parse(serde_json::json!({ "stsEndpoint": "http://user:CANARY@host" })).unwrap_err();
        assert!(!error.to_string().contains("CANARY"));
    }

    #[test]
    fn an_address_of_aws_fits_its_own_service_and_region_only() {
        let vpce = "vpce-0a1b-eu.monitoring.eu-west-1.vpce.amazonaws.com";
        let fits = [
            ("cloudwatchEndpoint", "monitoring.eu-west-1.amazonaws.com"),
            ("cloudwatchEndpoint", "https://monitoring-fips.eu-west-1.amazonaws.com"),
            ("cloudwatchEndpoint", vpce),
            ("kinesisAnalyticsEndpoint", "kinesisanalytics.eu-west-1.api.aws"),
            ("stsEndpoint", "sts.amazonaws.com"),
            ("stsEndpoint", "sts.us-east-1.amazonaws.com"),
            ("endpoint", "abc.execute-api.eu-west-1.amazonaws.com"),
            ("endpoint", "lb-1.eu-west-1.elb.amazonaws.com"),
        ];
        for (field, host) in fits {
            parse(serde_json::json!({ field: host })).unwrap();
        }
        let misfits = [
            ("endpoint", vpce, "cloudwatchEndpoint"),
            ("endpoint", "https://sts.eu-west-1.amazonaws.com", "stsEndpoint"),
            ("endpoint", "kinesisanalytics.cn-north-1.amazonaws.com.cn", "kinesisAnalyticsEndpoint"),
            ("cloudwatchEndpoint", "sts.eu-west-1.amazonaws.com", "an address of monitoring"),
            ("kinesisAnalyticsEndpoint", "monitoring.eu-west-1.amazonaws.com", "an address of kinesisanalytics"),
            ("stsEndpoint", "monitoring.eu-west-1.amazonaws.com", "an address of sts"),
            ("cloudwatchEndpoint", "monitoring.us-east-1.amazonaws.com", "one in the default region, eu-west-1"),
            ("kinesisAnalyticsEndpoint", "kinesisanalytics.eusc-de-east-1.amazonaws.eu", "one in the default region"),
        ];
        for (field, host, words) in misfits {
            let error = parse(serde_json::json!({ field: host })).unwrap_err();
            assert!(error.field == field && error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn one_url_stands_for_both_services_and_never_for_sts() {
        let both =
            parse(serde_json::json!({ "endpoint": "http://gateway", "cloudwatchEndpoint": "http://cw" })).unwrap();
        let url = |endpoint: Option<Endpoint>| endpoint.map(|endpoint| endpoint.url);
        assert_eq!(url(both.cloudwatch).as_deref(), Some("http://cw"));
        assert_eq!(url(both.kinesis_analytics).as_deref(), Some("http://gateway"));
        assert_eq!(url(both.sts), None);
    }
}
