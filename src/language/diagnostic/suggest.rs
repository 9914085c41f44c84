//! Did-you-mean: the known name nearest to a misspelt one.

/// A longer list of names is no help.
const MOST_LISTED: usize = 12;

/// How many names chosen by the user are compared with others in one run. Each unknown name is compared with all known ones,
/// which is quadratic in the size of the spec; a spec with more mistakes than this gets no suggestions for the rest.
#[derive(Clone, Debug)]
pub struct Patience(usize);

impl Default for Patience {
    fn default() -> Self {
        Self(500_000)
    }
}

impl Patience {
    /// As [`nearest`], until the budget is used up.
    pub fn nearest<'a>(
        &mut self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let most = self.0;
        let mut count = 0;
        let found = nearest(
            name,
            candidates.into_iter().take(most).inspect(|_| count += 1),
        );
        self.0 -= count;
        found
    }
}

/// The candidate most like `name`, if one is near enough to be meant: at most a third of its
/// letters differ (swapped neighbours count once), and ties go to the first in alphabetical order.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count().max(3) / 3).max(1);
    let lower = name.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
        if distance > limit {
            continue;
        }
        if best.is_none_or(|found| (distance, candidate) < found) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// "did you mean `node`?" for the nearest candidate; else those of the same family (`debian-13` for `debian`), or all of them, when the list
/// is short; or nothing.
pub fn sentence<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(found) = nearest(name, candidates.clone()) {
        return Some(format!("did you mean `{found}`?"));
    }
    let family = name.split('-').next().unwrap_or_default().to_lowercase();
    let of_family = candidates
        .clone()
        .into_iter()
        .filter(|one| one.split('-').next() == Some(family.as_str()) && one.contains('-'));
    choice(of_family).or_else(|| choice(candidates))
}

/// The whole list when it is short, or nothing.
pub fn choice<'a>(candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    // A name can be in the list more than once, but not often enough to matter.
    let mut all: Vec<&str> = candidates.into_iter().take(MOST_LISTED * 64).collect();
    all.sort_unstable();
    all.dedup();
    match all.as_slice() {
        [] => None,
        [only] => Some(format!("write `{only}`")),
        some if some.len() <= MOST_LISTED => Some(format!("one of {}", list(some))),
        _ => None,
    }
}

/// `a`, `b` or `c`, each in backticks.
pub fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_far_fetched() {
        let kinds = ["cluster", "node", "network", "profile"];
        assert_eq!(nearest("nod", kinds), Some("node"));
        assert_eq!(nearest("Netwrok", kinds), Some("network"));
        assert_eq!(nearest("zebra", kinds), None);
    }

    #[test]
    fn offers_the_family_of_a_name_that_is_only_its_beginning() {
        let mut systems: Vec<String> = (0..20).map(|n| format!("other{n}-1")).collect();
        systems.extend(["debian-12", "debian-13"].map(str::to_owned));
        let said = |name| sentence(name, systems.iter().map(String::as_str));
        assert_eq!(
            said("debian"),
            Some("one of `debian-12` or `debian-13`".to_owned())
        );
        assert_eq!(said("zebra"), None);
    }
}
