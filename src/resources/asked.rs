//! The arguments of one request. Pure.

use super::ResourceError;
use crate::limits;
use crate::place::{Account, AccountId, ApplicationName, Place, Region};
use crate::query::filter::parse_filter;
use crate::query::kinds;
use crate::query::spelling::count_patterns;
use crate::query::wire::variable_in;
use crate::query::{NameFilter, Names, Patterns, QueryDefaults};
use crate::settings::is_region_name;

/// Longest piece of an argument that an error repeats.
const FOUND_BYTES: usize = 120;

/// Empty arguments count as absent, and "default" as the default region. What is written in the language of queries is
/// read once.
pub(super) struct Asked<'a> {
    arguments: Arguments<'a>,
    defaults: &'a QueryDefaults,
    applications: Vec<NameFilter>,
    /// The tasks that are named; none where all are meant.
    pub tasks: Vec<NameFilter>,
    pub search: Search,
}

#[derive(Clone, Copy)]
struct Arguments<'a>(&'a [(String, String)]);

impl<'a> Arguments<'a> {
    /// The first value of an argument.
    fn first(self, name: &str) -> Option<&'a str> {
        self.all(name).into_iter().next()
    }

    fn all(self, name: &str) -> Vec<&'a str> {
        let named = self.0.iter().filter(|(of, _)| of == name);
        named.map(|(_, text)| text.trim()).filter(|text| !text.is_empty()).collect()
    }

    fn filters(
        self,
        argument: &'static str,
        names: Names,
        patterns: &mut Patterns,
    ) -> Result<Vec<NameFilter>, ResourceError> {
        let texts = self.all(argument);
        limit(argument, texts.len(), limits::LIST_ENTRIES, "names")?;
        limit(argument, texts.iter().map(|text| count_patterns(text)).sum(), limits::PATTERNS, "patterns")?;
        let mut filters = Vec::with_capacity(texts.len());
        for text in texts {
            if text.len() > limits::TEXT_BYTES {
                return Err(wrong(argument, text, &format!("texts of at most {} bytes", limits::TEXT_BYTES)));
            }
            filters.extend(parse_filter(text, names, patterns).map_err(|allowed| wrong(argument, text, &allowed))?);
            limit(argument, filters.len(), limits::LIST_ENTRIES, "names")?;
        }
        Ok(filters)
    }
}

impl<'a> Asked<'a> {
    pub fn read(arguments: &'a [(String, String)], defaults: &'a QueryDefaults) -> Result<Self, ResourceError> {
        let arguments = Arguments(arguments);
        let mut patterns = Patterns::at_most(limits::PATTERNS);
        Ok(Self {
            arguments,
            defaults,
            applications: arguments.filters("application", Names::Applications, &mut patterns)?,
            tasks: arguments.filters("task", Names::Any, &mut patterns)?,
            search: Search {
                text: arguments.first("q").map(str::to_owned),
                filters: arguments.filters("match", Names::Any, &mut patterns)?,
            },
        })
    }

    pub fn argument(&self, name: &str) -> Option<&'a str> {
        self.arguments.first(name)
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

    /// What is named in the language of queries, once or several times. None where nothing is.
    pub fn named_applications(&self) -> Option<Vec<NameFilter>> {
        if self.applications.is_empty() {
            return Some(vec![NameFilter::Exact(self.defaults.application.clone()?)]);
        }
        Some(self.applications.clone())
    }

    /// The one application that is asked for.
    pub fn application(&self) -> Result<ApplicationName, ResourceError> {
        match self.named_applications().as_deref() {
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
        self.arguments.all("tag")
    }

    pub fn query_type(&self) -> Result<Option<&str>, ResourceError> {
        match self.argument("queryType") {
            Some(other) if !kinds::names().contains(&other) => {
                Err(wrong("queryType", other, &kinds::names().join(", ")))
            }
            known => Ok(known),
        }
    }
}

/// A variable that nobody replaced would find nothing, and a drop-down would be empty without a word. `q` is what
/// somebody types.
pub(super) fn refuse_variables(arguments: &[(String, String)]) -> Result<(), ResourceError> {
    for (argument, text) in arguments.iter().filter(|(argument, _)| argument != "q") {
        if let Some(variable) = variable_in(text) {
            let cut = |text| limits::cut(text, FOUND_BYTES).into_owned();
            return Err(ResourceError::Variable { argument: cut(argument), found: cut(text), variable: cut(variable) });
        }
    }
    Ok(())
}

/// What `match` cannot be where it is compared with names of applications, and a list of nothing where it is compared
/// with any names.
pub(super) fn refuse_empty_lists(path: &str, arguments: &[(String, String)]) -> Result<(), ResourceError> {
    let texts = arguments.iter().filter(|(argument, _)| argument == "match").map(|(_, text)| text.trim());
    let mut patterns = Patterns::at_most(limits::PATTERNS);
    for text in texts.filter(|text| !text.is_empty()) {
        if path == "applications" {
            parse_filter(text, Names::Applications, &mut patterns).map_err(|allowed| wrong("match", text, &allowed))?;
        } else if text.chars().all(|c| "{}(),| ".contains(c)) {
            return Err(wrong("match", text, "names, or a list with at least one name"));
        }
    }
    Ok(())
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
    /// In the language of queries; a name finds what contains it.
    filters: Vec<NameFilter>,
}

impl Search {
    pub fn finds(&self, texts: &[&str]) -> bool {
        let contains = |search: &str, text: &str| text.to_lowercase().contains(&search.to_lowercase());
        let has_text = self.text.as_ref().is_none_or(|search| texts.iter().any(|text| contains(search, text)));
        let fits = |filter: &NameFilter| texts.iter().any(|text| filter.selects(text, contains));
        has_text && (self.filters.is_empty() || self.filters.iter().any(fits))
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
