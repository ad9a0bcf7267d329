//! Pages as they are shipped. Grafana shows them at another address than the sources have, so a link into the sources
//! becomes absolute, or plain words where their address is not known; a picture is left out then.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Parser, Tag};

pub fn with_absolute_links(page: &str, repository: Option<&str>, version: &str) -> String {
    let mut shipped = String::new();
    let mut end = 0;
    for link in links(page).filter(|link| is_relative(&link.target)) {
        // A picture in a link that was written already.
        if link.place.start < end {
            continue;
        }
        shipped.push_str(&page[end..link.place.start]);
        shipped.push_str(&render(page, &link, repository, version));
        end = link.place.end;
    }
    shipped + &page[end..]
}

/// Targets of all links that are not absolute and lead out of the page.
pub fn relative_links(page: &str) -> Vec<String> {
    links(page).filter(|link| is_relative(&link.target)).map(|link| link.target.into_string()).collect()
}

/// `[label](target)`, or the same behind `!`.
struct Link<'a> {
    place: Range<usize>,
    target: CowStr<'a>,
    is_image: bool,
}

fn links(page: &str) -> impl Iterator<Item = Link<'_>> {
    Parser::new(page).into_offset_iter().filter_map(|(event, place)| {
        let Event::Start(tag) = event else { return None };
        if let Tag::Link { dest_url: target, .. } = tag {
            return Some(Link { place, target, is_image: false });
        }
        if let Tag::Image { dest_url: target, .. } = tag {
            return Some(Link { place, target, is_image: true });
        }
        None
    })
}

fn render(page: &str, link: &Link, repository: Option<&str>, version: &str) -> String {
    let (mark, folder) = if link.is_image { ("!", "raw") } else { ("", "blob") };
    let label = page[link.place.clone()].trim_start_matches('!').split("](").next().unwrap_or_default();
    let label = label.trim_start_matches('[');
    match repository {
        Some(address) => {
            let address = address.trim_end_matches('/');
            format!("{mark}[{label}]({address}/{folder}/v{version}/{})", link.target)
        }
        // A picture that cannot be fetched says nothing.
        None if link.is_image => String::new(),
        None => label.to_owned(),
    }
}

fn is_relative(target: &str) -> bool {
    !target.starts_with('#') && !target.starts_with("mailto:") && !target.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "See [queries](docs/queries.md#top), [below](#more), [Rust](https://rustup.rs).\n![fleet](img/fleet.png)";

    #[test]
    fn links_into_the_sources_become_absolute() {
        let page = with_absolute_links(PAGE, Some("https://host/flinkwatch/"), "1.2.3");
        assert_eq!(
            page,
            "See [queries](https://host/flinkwatch/blob/v1.2.3/docs/queries.md#top), [below](#more), [Rust](https://rustup.rs).\n\
             ![fleet](https://host/flinkwatch/raw/v1.2.3/img/fleet.png)"
        );
        assert!(relative_links(&page).is_empty());
    }

    #[test]
    fn without_an_address_they_become_words() {
        let page = with_absolute_links(PAGE, None, "1.2.3");
        assert_eq!(page, "See queries, [below](#more), [Rust](https://rustup.rs).\n");
        assert_eq!(relative_links("`[an](example)` of a link"), [""; 0]);
        assert_eq!(relative_links(PAGE), ["docs/queries.md#top", "img/fleet.png"]);
    }
}
