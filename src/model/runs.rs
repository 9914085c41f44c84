//! Many names of machines in few words: `node02 to node04` in a sentence, `node[02-04]` as a spec has it.

/// The names in groups, each of one name or of names whose numbers follow each other.
pub fn consecutive<'n, 'a>(names: &'n [&'a str]) -> impl Iterator<Item = &'n [&'a str]> {
    names.chunk_by(|one, other| following(one).as_deref() == Some(*other))
}

/// The name with the next number, written as wide as this one's or wider; nothing for a name without a number.
pub fn following(name: &str) -> Option<String> {
    let (letters, number) = name.split_at_checked(stem(name))?;
    let next = number.parse::<u64>().ok()?.checked_add(1)?;
    Some(format!("{letters}{next:0width$}", width = number.len()))
}

/// The names with runs of them shortened: `node01, node03 to node09`.
pub fn runs<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    joined(names, " to ")
}

/// The names with runs of them shortened to the first, this text and the last.
pub fn joined<'a>(names: impl IntoIterator<Item = &'a str>, between: &str) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let words: Vec<String> = consecutive(&names)
        .map(|run| match run {
            [first, .., last] => format!("{first}{between}{last}"),
            run => run.concat(),
        })
        .collect();
    words.join(", ")
}

/// The names in the notation of a spec, one piece for each stem: `node[01,03-09]`, `r1-[01-40]`.
pub fn bracketed<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let mut stems: Vec<(&str, Vec<&[&str]>)> = Vec::new();
    for run in consecutive(&names) {
        let stem = run.first().map_or("", |first| &first[..stem(first)]);
        match stems.last_mut() {
            Some((known, runs)) if *known == stem && !stem.is_empty() => runs.push(run),
            _ => stems.push((stem, vec![run])),
        }
    }
    let piece = |(stem, runs): (&str, Vec<&[&str]>)| {
        if let [[alone]] = runs.as_slice() {
            return (*alone).to_owned();
        }
        let number = |name: &str| name[stem.len()..].to_owned();
        let numbers = runs.iter().map(|run| match run {
            [first, .., last] => format!("{}-{}", number(first), number(last)),
            run => number(&run.concat()),
        });
        format!("{stem}[{}]", numbers.collect::<Vec<_>>().join(","))
    };
    stems.into_iter().map(piece).collect()
}

/// Where the number at the end of a name begins.
fn stem(name: &str) -> usize {
    name.len() - name.bytes().rev().take_while(u8::is_ascii_digit).count()
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
