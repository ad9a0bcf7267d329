//! The regions of AWS: names, places, and the partition that each belongs to, which has a console and host names of its
//! own.
//!
//! By AWS's lists of regions and partitions (general reference, "AWS service endpoints" and "AWS Management Console
//! endpoints"; the user guides of China, GovCloud and the European Sovereign Cloud). The isolated partitions have no
//! console that anybody else can open.

/// Regions that share accounts, policies and host names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    Aws,
    China,
    GovCloud,
    EuropeanSovereignCloud,
    Isolated,
}

impl Partition {
    /// The domain of the console; None where there is none to link to.
    fn console(self) -> Option<&'static str> {
        match self {
            Self::Aws => Some("console.aws.amazon.com"),
            Self::China => Some("console.amazonaws.cn"),
            Self::GovCloud => Some("console.amazonaws-us-gov.com"),
            Self::EuropeanSovereignCloud => Some("console.amazonaws-eusc.eu"),
            Self::Isolated => None,
        }
    }
}

/// One region.
#[derive(Debug, Clone, Copy)]
pub struct KnownRegion {
    pub name: &'static str,
    pub place: &'static str,
    pub partition: Partition,
}

const fn row(name: &'static str, place: &'static str, partition: Partition) -> KnownRegion {
    KnownRegion { name, place, partition }
}

/// Every region, by name.
pub const REGIONS: &[KnownRegion] = &[
    row("af-south-1", "Africa (Cape Town)", Partition::Aws),
    row("ap-east-1", "Asia Pacific (Hong Kong)", Partition::Aws),
    row("ap-east-2", "Asia Pacific (Taipei)", Partition::Aws),
    row("ap-northeast-1", "Asia Pacific (Tokyo)", Partition::Aws),
    row("ap-northeast-2", "Asia Pacific (Seoul)", Partition::Aws),
    row("ap-northeast-3", "Asia Pacific (Osaka)", Partition::Aws),
    row("ap-south-1", "Asia Pacific (Mumbai)", Partition::Aws),
    row("ap-south-2", "Asia Pacific (Hyderabad)", Partition::Aws),
    row("ap-southeast-1", "Asia Pacific (Singapore)", Partition::Aws),
    row("ap-southeast-2", "Asia Pacific (Sydney)", Partition::Aws),
    row("ap-southeast-3", "Asia Pacific (Jakarta)", Partition::Aws),
    row("ap-southeast-4", "Asia Pacific (Melbourne)", Partition::Aws),
    row("ap-southeast-5", "Asia Pacific (Malaysia)", Partition::Aws),
    row("ap-southeast-6", "Asia Pacific (New Zealand)", Partition::Aws),
    row("ap-southeast-7", "Asia Pacific (Thailand)", Partition::Aws),
    row("ca-central-1", "Canada (Central)", Partition::Aws),
    row("ca-west-1", "Canada West (Calgary)", Partition::Aws),
    row("cn-north-1", "China (Beijing)", Partition::China),
    row("cn-northwest-1", "China (Ningxia)", Partition::China),
    row("eu-central-1", "Europe (Frankfurt)", Partition::Aws),
    row("eu-central-2", "Europe (Zurich)", Partition::Aws),
    row("eu-isoe-west-1", "EU ISOE West", Partition::Isolated),
    row("eu-north-1", "Europe (Stockholm)", Partition::Aws),
    row("eu-south-1", "Europe (Milan)", Partition::Aws),
    row("eu-south-2", "Europe (Spain)", Partition::Aws),
    row("eu-west-1", "Europe (Ireland)", Partition::Aws),
    row("eu-west-2", "Europe (London)", Partition::Aws),
    row("eu-west-3", "Europe (Paris)", Partition::Aws),
    row("eusc-de-east-1", "AWS European Sovereign Cloud (Germany)", Partition::EuropeanSovereignCloud),
    row("il-central-1", "Israel (Tel Aviv)", Partition::Aws),
    row("me-central-1", "Middle East (UAE)", Partition::Aws),
    row("me-south-1", "Middle East (Bahrain)", Partition::Aws),
    row("mx-central-1", "Mexico (Central)", Partition::Aws),
    row("sa-east-1", "South America (São Paulo)", Partition::Aws),
    row("us-east-1", "US East (N. Virginia)", Partition::Aws),
    row("us-east-2", "US East (Ohio)", Partition::Aws),
    row("us-gov-east-1", "AWS GovCloud (US-East)", Partition::GovCloud),
    row("us-gov-west-1", "AWS GovCloud (US-West)", Partition::GovCloud),
    row("us-iso-east-1", "US ISO East", Partition::Isolated),
    row("us-iso-west-1", "US ISO West", Partition::Isolated),
    row("us-isob-east-1", "US ISOB East (Ohio)", Partition::Isolated),
    row("us-isob-west-1", "US ISOB West", Partition::Isolated),
    row("us-isof-east-1", "US ISOF East", Partition::Isolated),
    row("us-isof-south-1", "US ISOF South", Partition::Isolated),
    row("us-west-1", "US West (N. California)", Partition::Aws),
    row("us-west-2", "US West (Oregon)", Partition::Aws),
];

/// The row of a region; None for one that AWS has opened since, and for an invented one.
pub fn find_region(name: &str) -> Option<&'static KnownRegion> {
    REGIONS.iter().find(|region| region.name == name)
}

/// An application's page in the console of its partition, up to the application's name; None where no console is known.
pub fn console_of_applications(region: &str) -> Option<String> {
    let domain = find_region(region)?.partition.console()?;
    Some(format!("https://{region}.{domain}/flink/home?region={region}#/details/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_order_and_once() {
        assert!(REGIONS.is_sorted_by(|one, other| one.name < other.name));
    }

    #[test]
    fn each_partition_has_its_own_console() {
        let host =
            |region| console_of_applications(region).map(|url| url.split('/').nth(2).unwrap_or_default().to_owned());
        assert_eq!(host("eu-west-1").as_deref(), Some("eu-west-1.console.aws.amazon.com"));
        assert_eq!(host("cn-north-1").as_deref(), Some("cn-north-1.console.amazonaws.cn"));
        assert_eq!(host("us-gov-west-1").as_deref(), Some("us-gov-west-1.console.amazonaws-us-gov.com"));
        assert_eq!(host("eusc-de-east-1").as_deref(), Some("eusc-de-east-1.console.amazonaws-eusc.eu"));
        assert_eq!(host("us-iso-east-1"), None);
        assert_eq!(host("default"), None);
        assert_eq!(host("aa-aaa-1"), None);
    }
}
