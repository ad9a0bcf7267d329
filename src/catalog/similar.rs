//! Names that somebody may have meant who wrote another one.

/// Names that are offered.
const OFFERED: usize = 5;

/// Longer than any name twice over: not a misspelling, and slow to compare.
const LONGEST: usize = 80;

/// The known names that contain what was asked, or differ from it by few letters: best first, at most five.
pub fn nearest<'n>(asked: &str, known: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let asked = fold(asked);
    if asked.len() < 2 || asked.len() > LONGEST {
        return Vec::new();
    }
    let near = |name: &'n str| {
        let known = fold(name);
        let contained = known.contains(&asked) || (known.len() >= 4 && asked.contains(&known));
        let steps = if contained { 0 } else { distance(&asked, &known) };
        (contained || is_near(steps, &known)).then_some((steps, name))
    };
    let mut near: Vec<(usize, &str)> = known.into_iter().filter_map(near).collect();
    near.sort_by_key(|(steps, name)| (*steps, name.len()));
    near.dedup_by_key(|(_, name)| fold(name));
    near.truncate(OFFERED);
    near.into_iter().map(|(_, name)| name).collect()
}

/// Whether the known name differs from what was written by few letters, or is its singular or plural.
pub fn is_misspelt(asked: &str, known: &str) -> bool {
    let singular = |name: &str| fold(name).trim_end_matches('s').to_owned();
    let (asked, known) = (singular(asked), singular(known));
    asked.len() <= LONGEST && is_near(distance(&asked, &known), &known)
}

/// A third of the letters: more than that is another word.
fn is_near(steps: usize, known: &str) -> bool {
    steps * 3 <= known.len()
}

/// Letters and digits, in lower case.
pub(super) fn fold(text: &str) -> String {
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
