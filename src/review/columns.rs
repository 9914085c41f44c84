//! The tables of what differs by node: each distinct value once, however many files and lines have it.

use std::collections::HashMap;

use super::page::{Column, Table};

/// How many places a column's title names.
const NAMED: usize = 3;

/// The tables met so far.
#[derive(Default)]
pub(super) struct Tables {
    tables: Vec<Table>,
    by_nodes: HashMap<Vec<String>, usize>,
    by_values: HashMap<(usize, Vec<String>), usize>,
    places: Vec<Vec<Vec<String>>>,
}

impl Tables {
    /// The table with these rows.
    pub(super) fn table(&mut self, nodes: Vec<String>) -> usize {
        let next = self.tables.len();
        let number = *self.by_nodes.entry(nodes.clone()).or_insert(next);
        if number == next {
            self.places.push(Vec::new());
            self.tables.push(Table {
                nodes,
                columns: Vec::new(),
            });
        }
        number
    }

    /// The column of a table with these values, which are at this place.
    pub(super) fn column(&mut self, table: usize, values: Vec<String>, place: String) -> usize {
        let columns = &mut self.tables[table].columns;
        let next = columns.len();
        let number = *self
            .by_values
            .entry((table, values.clone()))
            .or_insert(next);
        if number == next {
            self.places[table].push(Vec::new());
            columns.push(Column {
                title: String::new(),
                values,
            });
        }
        self.places[table][number].push(place);
        number
    }

    /// All of them, with their titles.
    pub(super) fn finish(mut self) -> Vec<Table> {
        for (table, places) in self.tables.iter_mut().zip(&self.places) {
            for (column, places) in table.columns.iter_mut().zip(places) {
                let more = places.len().saturating_sub(NAMED);
                column.title = places[..places.len() - more].join(", ");
                if more > 0 {
                    column.title.push_str(&format!(" and {more} more"));
                }
            }
        }
        self.tables
    }
}

/// What all lines begin with and end with, cut so that what is between is whole words; byte lengths.
pub(super) fn around(lines: &[&str]) -> (usize, usize) {
    let Some((first, rest)) = lines.split_first() else {
        return (0, 0);
    };
    let mut before = first.len();
    let mut after = first.len();
    for line in rest {
        let same = |pair: &(u8, u8)| pair.0 == pair.1;
        before = before.min(first.bytes().zip(line.bytes()).take_while(same).count());
        let ends = first.bytes().rev().zip(line.bytes().rev());
        after = after.min(ends.take_while(same).count());
    }
    let shortest = lines.iter().map(|line| line.len()).min().unwrap_or(0);
    after = after.min(shortest - before);
    // The bytes there are the same in all lines, so any of them shows where words end.
    while before > 0 && !ends_word(first, before) {
        before -= 1;
    }
    while after > 0 && !begins_word(first, first.len() - after) {
        after -= 1;
    }
    (before, after)
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | ':' | '-' | '_')
}

/// Whether what precedes this place is complete.
fn ends_word(line: &str, at: usize) -> bool {
    line.get(..at)
        .is_some_and(|before| !before.ends_with(in_word))
}

/// Whether what follows this place is complete.
fn begins_word(line: &str, at: usize) -> bool {
    line.get(at..)
        .is_some_and(|after| !after.starts_with(in_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_whole_words() {
        let cut = |lines: &[&str]| {
            let (before, after) = around(lines);
            let middle = |line: &&str| line[before..line.len() - after].to_owned();
            lines.iter().map(middle).collect::<Vec<_>>()
        };
        assert_eq!(
            cut(&["a: node01 # x", "a: node02 # x"]),
            ["node01", "node02"]
        );
        assert_eq!(
            cut(&["[10.0.0.1/24]", "[10.0.0.11/24]"]),
            ["10.0.0.1", "10.0.0.11"]
        );
        assert_eq!(cut(&["aa", "aaa"]), ["aa", "aaa"]);
        assert_eq!(cut(&["", " x"]), ["", " x"]);
        assert_eq!(cut(&["'ä'", "'ö'"]), ["ä", "ö"]);
        assert_eq!(cut(&["x x", "x x x"]), ["x", "x x"]);
    }

    #[test]
    fn a_value_has_one_column() {
        let mut tables = Tables::default();
        let table = tables.table(vec!["a".to_owned(), "b".to_owned()]);
        let values = || vec!["1".to_owned(), "2".to_owned()];
        assert_eq!(tables.column(table, values(), "x:1".to_owned()), 0);
        assert_eq!(tables.column(table, values(), "y:2".to_owned()), 0);
        let tables = tables.finish();
        assert_eq!(tables[0].columns.len(), 1);
        assert_eq!(tables[0].columns[0].title, "x:1, y:2");
    }
}
