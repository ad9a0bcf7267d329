//! The arguments of one request. Pure.

use super::ResourceError;
use crate::limits;
use crate::place::{Account, AccountId, ApplicationName, Place, Region};
use crate::query::filter::parse_filter;
use crate::query::{KINDS, NameFilter, QueryDefaults};
use crate::settings::is_region_name;

/// Longest piece of an argument that an error repeats.
const FOUND_BYTES: usize = 120;

/// Empty arguments count as absent, and "default" as the default region.
pub(super) struct Asked<'a> {
    pub arguments: &'a [(String, String)],
    pub defaults: &'a QueryDefaults,
}

impl Asked<'_> {
    /// The first value of an argument.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.values(name).into_iter().next()
    }

    fn values(&self, name: &str) -> Vec<&str> {
        let named = self.arguments.iter().filter(|(of, _)| of == name);
        named.map(|(_, text)| text.trim()).filter(|text| !text.is_empty()).collect()
    }

    pub fn region(&self) -> Result<Region, ResourceError> {
        match self.argument("region") {
            None | Some("default") => Ok(self.defaults.region.clone()),
            Some(name) if is_region_name(name) => Ok(Region::from(name)),
            Some(other) => Err(wrong("region", other, "the name of an AWS region, or default")),
        }
    }

    pub fn place(&self) -> Result<Place, ResourceError> {
        let account = match self.argument("accountId") {
            None => Account::Own,
            Some("all") => Account::All,
            Some(id) if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) => {
                Account::Linked(AccountId::from(id))
            }
            Some(other) => return Err(wrong("accountId", other, "twelve digits, or all")),
        };
        Ok(Place { region: self.region()?, account })
    }

    /// Repeated or separated by commas, which no name has; a pattern is an argument of its own. None where nothing is named.
    pub fn named_applications(&self) -> Result<Option<Vec<NameFilter>>, ResourceError> {
        let is_pattern = |text: &str| text.starts_with('/') && text.ends_with('/');
        let split = |text| if is_pattern(text) { vec![text] } else { text.split(',').map(str::trim).collect() };
        let texts = self.values("application").into_iter().flat_map(split).filter(|text| !text.is_empty());
        let texts: Vec<&str> = texts.collect();
        limit("application", texts.len(), limits::LIST_ENTRIES, "names")?;
        let patterns = texts.iter().filter(|text| text.starts_with('/')).count();
        limit("application", patterns, limits::PATTERNS, "patterns")?;
        let parse = |text: &&str| {
            let not_a_pattern = |_| wrong("application", text, "names, *, or a valid /regex/");
            parse_filter("application", text).map_err(not_a_pattern)
        };
        let filters: Vec<NameFilter> = texts.iter().map(parse).collect::<Result<_, _>>()?;
        let invalid = filters.iter().filter_map(NameFilter::exact).find(|name| !ApplicationName::is_valid(name));
        if let Some(name) = invalid {
            return Err(wrong(
                "application",
                name,
                "names of 1 to 128 letters, digits and the signs _ . -, or a /regex/",
            ));
        }
        let default = || Some(vec![NameFilter::Exact(self.defaults.application.clone()?)]);
        Ok(if filters.is_empty() { default() } else { Some(filters) })
    }

    /// The one application that is asked for.
    pub fn application(&self) -> Result<ApplicationName, ResourceError> {
        match self.named_applications()?.as_deref() {
            None => {
                Err(ResourceError::MissingArgument { argument: "application", wanted: "the name of an application" })
            }
            Some([NameFilter::Exact(name)]) => Ok(ApplicationName::from(name.as_str())),
            Some(_) => {
                let found = self.argument("application").unwrap_or_default();
                Err(wrong("application", found, "the name of one application"))
            }
        }
    }

    /// By status; one that is unknown counts as running.
    pub fn status(&self) -> Result<StatusFilter, ResourceError> {
        match self.argument("status") {
            None | Some("all") => Ok(StatusFilter::All),
            Some("running") => Ok(StatusFilter::Running),
            Some("stopped") => Ok(StatusFilter::Stopped),
            Some(other) => Err(wrong("status", other, "running, stopped, all")),
        }
    }

    /// Tags that applications must have, each as `key` or `key:value`.
    pub fn tags(&self) -> Vec<&str> {
        self.values("tag")
    }

    pub fn search(&self) -> Result<Search, ResourceError> {
        let pattern = self.argument("match").map(|text| {
            let not_a_pattern = |_| wrong("match", text, "a text, or a valid /regex/");
            parse_filter("match", text).map_err(not_a_pattern)
        });
        Ok(Search { text: self.argument("q").map(str::to_owned), pattern: pattern.transpose()? })
    }

    pub fn query_type(&self) -> Result<Option<&str>, ResourceError> {
        match self.argument("queryType") {
            Some(other) if !KINDS.contains(&other) => Err(wrong("queryType", other, &KINDS.join(", "))),
            known => Ok(known),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusFilter {
    All,
    Running,
    Stopped,
}

/// What an entry's value or label must have: what somebody types (`q`), and what a variable was saved with (`match`).
pub(super) struct Search {
    text: Option<String>,
    pattern: Option<NameFilter>,
}

impl Search {
    pub fn finds(&self, texts: &[&str]) -> bool {
        let contains = |search: &str, text: &str| text.to_lowercase().contains(&search.to_lowercase());
        let has_text = self.text.as_ref().is_none_or(|search| texts.iter().any(|text| contains(search, text)));
        let fits = |pattern: &NameFilter| texts.iter().any(|text| pattern.selects(text, contains));
        has_text && self.pattern.as_ref().is_none_or(fits)
    }
}

/// More of it is refused before it is read.
fn limit(argument: &'static str, found: usize, most: usize, what: &str) -> Result<(), ResourceError> {
    if found <= most {
        return Ok(());
    }
    Err(wrong(
        argument,
        &format!("{found} {what}"),
        &format!("at most {most}; several names are one pattern, such as /a|b/"),
    ))
}

fn wrong(argument: &'static str, found: &str, allowed: &str) -> ResourceError {
    let found = limits::cut(found, FOUND_BYTES).into_owned();
    ResourceError::WrongArgument { argument, found, allowed: allowed.to_owned() }
}
