//! Names that somebody may have meant who wrote another one.

use std::collections::BTreeSet;

/// Names that are offered.
const OFFERED: usize = 5;

/// Longer than any name twice over: not a misspelling, and slow to compare.
const LONGEST: usize = 80;

/// Parts of a name that are as long may be meant for the whole.
const PART: usize = 3;

/// The known names that contain what was asked or are contained in it, or differ from it by few letters: the nearest
/// first, those that are equally near by name, at most five.
pub fn nearest<'n>(asked: &str, known: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let asked = fold(asked);
    if asked.len() > LONGEST {
        return Vec::new();
    }
    let is_part = |part: &str, whole: &str| part.len() >= PART && whole.contains(part);
    let near = |name: &'n str| {
        let known = fold(name);
        let steps = distance(&asked, &known);
        (is_near(steps, &known) || is_part(&asked, &known) || is_part(&known, &asked)).then_some((steps, known, name))
    };
    let near: BTreeSet<(usize, String, &str)> = known.into_iter().filter_map(near).collect();
    near.into_iter().take(OFFERED).map(|(_, _, name)| name).collect()
}

/// Whether the known name differs from what was written by few letters, or is its singular or plural.
pub fn is_misspelt(asked: &str, known: &str) -> bool {
    let singular = |name: &str| fold(name).trim_end_matches('s').to_owned();
    let (asked, known) = (singular(asked), singular(known));
    asked.len() <= LONGEST && is_near(distance(&asked, &known), &known)
}

/// The nearest of the known names that may be meant by a misspelt one.
pub fn misspelt<'n>(asked: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let near = known.into_iter().filter(|known| is_misspelt(asked, known));
    near.min_by_key(|known| (distance(&fold(asked), &fold(known)), *known))
}

/// A third of the letters: more than that is another word.
fn is_near(steps: usize, known: &str) -> bool {
    steps * 3 <= known.len()
}

/// Letters and digits, in lower case.
pub fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

/// Levenshtein's distance: letters to insert, drop or replace.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_comes_first_and_equals_stand_by_name() {
        let known = ["orders-b", "zrders", "orders", "borders", "orders-a", "payments", "Orders"];
        assert_eq!(nearest("orders", known), ["Orders", "orders", "borders", "orders-a", "orders-b"]);
        assert_eq!(nearest("ordres", ["orders", "payments", "or"]), ["orders"]);
        assert_eq!(nearest("orders-production-eu", known), ["Orders", "orders"]);
    }

    #[test]
    fn a_misspelt_name_means_the_nearest() {
        assert_eq!(misspelt("tops", ["tasks", "top", "steps"]), Some("top"));
        assert_eq!(misspelt("sginals", ["single", "signals"]), Some("signals"));
        assert_eq!(misspelt("refId", ["region", "top"]), None);
    }

    #[test]
    fn nothing_far_is_offered() {
        for asked in ["", "o", "or", "xyz", "completely-else", &"orders".repeat(20)] {
            assert!(nearest(asked, ["orders", "payments", "recommendations"]).is_empty(), "{asked}");
        }
    }
}
