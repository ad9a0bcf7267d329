//! Which regions may be asked. A viewer's query may name any, and each becomes a host name, a budget of calls and a
//! client.

use super::fields::Fields;
use super::{Region, SettingsError, is_region_name};
use crate::catalog::regions::{REGIONS, find_region};
use crate::catalog::similar::nearest;

/// By default every region that AWS has; the default region always.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AllowedRegions {
    default: Region,
    named: Vec<Region>,
}

/// Why a region may not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionRefusal {
    /// The data source names others.
    NotAllowed,
    /// It is invented, or newer than this plugin.
    Unknown,
}

impl AllowedRegions {
    /// The regions of the list, whatever the default region is.
    pub(super) fn parse_named(fields: &Fields) -> Result<Vec<Region>, SettingsError> {
        let names = fields.list("allowedRegions")?;
        if let Some(wrong) = names.iter().find(|name| !is_region_name(name)) {
            let allowed = "names of AWS regions, such as [\"eu-west-1\", \"us-east-1\"]";
            return Err(SettingsError::new("allowedRegions", super::fields::quoted(wrong), allowed));
        }
        Ok(names.into_iter().map(Region::new).collect())
    }

    pub(super) fn check(fields: &Fields, default: &Region, named: Vec<Region>) -> Result<Self, SettingsError> {
        let regions = Self { default: default.clone(), named };
        regions.check_default(fields)?;
        Ok(regions)
    }

    /// A default region that is misspelt would be told as a host that cannot be reached.
    fn check_default(&self, fields: &Fields) -> Result<(), SettingsError> {
        let name = self.default.as_str();
        if find_region(name).is_some() || self.named.contains(&self.default) {
            return Ok(());
        }
        let is_set = ["defaultRegion", "region"]
            .into_iter()
            .any(|field| fields.text(field).is_ok_and(|text| text.as_deref() == Some(name)));
        let from = if is_set { "" } else { ", from AWS_REGION of the Grafana server" };
        let near = nearest(name, REGIONS.iter().map(|region| region.name));
        let such =
            if near.is_empty() { "such as eu-west-1".to_owned() } else { format!("for example {}", near.join(", ")) };
        let allowed =
            format!("a region of AWS, {such}; one that is newer than this plugin must also be in allowedRegions");
        Err(SettingsError::new("defaultRegion", format!("{}{from}", super::fields::quoted(name)), allowed))
    }

    /// Those named that AWS does not have, as far as this program knows.
    pub fn unknown(&self) -> Vec<&str> {
        self.named.iter().map(Region::as_str).filter(|name| find_region(name).is_none()).collect()
    }

    /// None where the region may be asked.
    pub fn refusal(&self, region: &Region) -> Option<RegionRefusal> {
        if *region == self.default || self.named.contains(region) {
            return None;
        }
        match self.named.is_empty() {
            false => Some(RegionRefusal::NotAllowed),
            true if find_region(region.as_str()).is_some() => None,
            true => Some(RegionRefusal::Unknown),
        }
    }
}
