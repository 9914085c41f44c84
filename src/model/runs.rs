//! Many names of machines in few words: `node02 to node04` in a sentence, `node[02-04]` as a spec has it.

/// The names with runs of them shortened: `node01, node03 to node09`.
pub fn runs<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = found(names)
        .into_iter()
        .map(|(first, last)| match first == last {
            true => first.to_owned(),
            false => format!("{first} to {last}"),
        })
        .collect();
    words.join(", ")
}

/// The names in the notation of a spec, one piece for each stem: `node[01,03-09]`, `r1-[01-40]`.
pub fn bracketed<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut stems: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for (first, last) in found(names) {
        let stem = &first[..stem(first)];
        match stems.last_mut() {
            Some((known, runs)) if *known == stem && !stem.is_empty() => runs.push((first, last)),
            _ => stems.push((stem, vec![(first, last)])),
        }
    }
    let piece = |(stem, runs): (&str, Vec<(&str, &str)>)| {
        let number = |name: &str| name[stem.len()..].to_owned();
        if let [(first, last)] = runs.as_slice()
            && first == last
        {
            return (*first).to_owned();
        }
        let numbers = runs.iter().map(|(first, last)| match first == last {
            true => number(first),
            false => format!("{}-{}", number(first), number(last)),
        });
        format!("{stem}[{}]", numbers.collect::<Vec<_>>().join(","))
    };
    stems.into_iter().map(piece).collect()
}

/// The first and the last name of each run.
fn found<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut runs: Vec<(&str, &str)> = Vec::new();
    for name in names {
        match runs.last_mut() {
            Some((_, last)) if follows(last, name) => *last = name,
            _ => runs.push((name, name)),
        }
    }
    runs
}

/// Where the number at the end of a name begins.
fn stem(name: &str) -> usize {
    name.len() - name.bytes().rev().take_while(u8::is_ascii_digit).count()
}

/// Whether the second name has the next number.
fn follows(one: &str, other: &str) -> bool {
    let parts = |name: &'_ str| -> Option<(usize, u64)> {
        let at = stem(name);
        Some((at, name.get(at..)?.parse().ok()?))
    };
    let (Some((at, number)), Some((place, next))) = (parts(one), parts(other)) else {
        return false;
    };
    at == place && one.get(..at) == other.get(..at) && number.checked_add(1) == Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_names_are_shortened() {
        assert_eq!(
            runs(["n1", "n2", "n3", "m", "n9", "n10"]),
            "n1 to n3, m, n9 to n10"
        );
        assert_eq!(runs(["a", "b"]), "a, b");
        assert_eq!(
            runs(["x99999999999999999999999", "x1"]),
            "x99999999999999999999999, x1"
        );
        assert_eq!(runs([]), "");
    }

    #[test]
    fn brackets_are_those_of_a_spec() {
        assert_eq!(
            bracketed(["n01", "n02", "n03", "n07", "m", "r1-09", "r1-10", "r2-01"]),
            ["n[01-03,07]", "m", "r1-[09-10]", "r2-01"]
        );
        assert_eq!(bracketed(["7", "8", "10"]), ["[7-8]", "10"]);
    }
}
