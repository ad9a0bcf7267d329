//! Pages as they are shipped. Grafana shows them at another address than the sources have, so a link into the sources becomes
//! absolute, or plain words where their address is not known; a picture is left out then.

pub fn with_absolute_links(page: &str, repository: Option<&str>, version: &str) -> String {
    let mut shipped = String::new();
    let mut rest = page;
    while let Some(link) = next_link(rest) {
        shipped.push_str(&rest[..link.start]);
        shipped.push_str(&render(&link, repository, version));
        rest = &rest[link.end..];
    }
    shipped + rest
}

/// Targets of all links that are not absolute and lead out of the page.
pub fn relative_links(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(link) = next_link(rest) {
        if is_relative(link.target) {
            found.push(link.target);
        }
        rest = &rest[link.end..];
    }
    found
}

/// `[label](target)`, or the same behind `!`.
struct Link<'a> {
    start: usize,
    end: usize,
    label: &'a str,
    target: &'a str,
    is_image: bool,
}

fn next_link(text: &str) -> Option<Link<'_>> {
    let middle = text.find("](")?;
    let open = text[..middle].rfind('[')?;
    let target_start = middle + "](".len();
    let end = target_start + text[target_start..].find(')')?;
    let is_image = text[..open].ends_with('!');
    let start = if is_image { open - 1 } else { open };
    Some(Link { start, end: end + 1, label: &text[open + 1..middle], target: &text[target_start..end], is_image })
}

fn render(link: &Link, repository: Option<&str>, version: &str) -> String {
    let (mark, folder) = if link.is_image { ("!", "raw") } else { ("", "blob") };
    match repository {
        _ if !is_relative(link.target) => format!("{mark}[{}]({})", link.label, link.target),
        Some(address) => {
            let address = address.trim_end_matches('/');
            format!("{mark}[{}]({address}/{folder}/v{version}/{})", link.label, link.target)
        }
        // A picture that cannot be fetched says nothing.
        None if link.is_image => String::new(),
        None => link.label.to_owned(),
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
        assert_eq!(relative_links(PAGE), ["docs/queries.md#top", "img/fleet.png"]);
    }
}
