//! Which regions may be asked. A viewer's query may name any, and each becomes a host name, a budget of calls and a client.

use super::fields::Fields;
use super::{Region, SettingsError, is_region_name};
use crate::catalog::regions::find_region;

/// By default every region that AWS has; the default region always.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub(super) fn parse(fields: &Fields, default: &Region) -> Result<Self, SettingsError> {
        let names = fields.list("allowedRegions")?;
        if let Some(wrong) = names.iter().find(|name| !is_region_name(name)) {
            let allowed = "names of AWS regions, such as [\"eu-west-1\", \"us-east-1\"]";
            return Err(SettingsError::new("allowedRegions", super::fields::quoted(wrong), allowed));
        }
        Ok(Self { default: default.clone(), named: names.into_iter().map(Region::new).collect() })
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
