//! A spec as a tree that can be changed in one place, and its text with the lines of that place.

/// A block of a spec, or the whole of it (with no head).
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// `cni flannel`
    pub head: String,
    /// Its contents.
    pub items: Vec<Item>,
    /// Whether its first line is where the spec was changed.
    pub marked: bool,
}

/// A line or a block.
#[derive(Clone, Debug)]
pub enum Item {
    /// `backend = vxlan`
    Setting(Setting),
    /// A block within.
    Block(Block),
}

/// A setting.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub key: String,
    /// Its value as it is written.
    pub value: String,
    /// Whether the spec was changed here.
    pub marked: bool,
}

impl Block {
    /// An empty block.
    pub fn new(head: impl Into<String>) -> Self {
        Self {
            head: head.into(),
            ..Self::default()
        }
    }

    /// With one more setting.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.say(key, value);
        self
    }

    /// Adds a setting.
    pub fn say(&mut self, key: &str, value: impl Into<String>) {
        self.items.push(Item::Setting(Setting {
            key: key.to_owned(),
            value: value.into(),
            marked: false,
        }));
    }

    /// Adds a block.
    pub fn add(&mut self, block: Block) {
        self.items.push(Item::Block(block));
    }

    /// The value of a setting.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.settings()
            .find(|one| one.key == key)
            .map(|one| one.value.as_str())
    }

    /// Its settings.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.items.iter().filter_map(|item| match item {
            Item::Setting(setting) => Some(setting),
            Item::Block(_) => None,
        })
    }

    /// Its blocks.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.items.iter().filter_map(|item| match item {
            Item::Setting(_) => None,
            Item::Block(block) => Some(block),
        })
    }

    /// The first block in it whose head begins with these words.
    pub fn child(&mut self, head: &str) -> Option<&mut Block> {
        let begins = |block: &Block| {
            block.head == head
                || (block.head.strip_prefix(head)).is_some_and(|rest| rest.starts_with([' ', '[']))
        };
        self.items.iter_mut().find_map(|item| match item {
            Item::Block(block) if begins(block) => Some(block),
            _ => None,
        })
    }

    /// The block at this path, created if it does not exist.
    pub fn make(&mut self, head: &str) -> &mut Block {
        if self.child(head).is_none() {
            self.add(Block::new(head));
        }
        self.child(head).expect("just created")
    }

    /// Sets a setting, or adds it, and marks the place.
    pub fn change(&mut self, key: &str, value: impl Into<String>) {
        let found = self.items.iter_mut().find_map(|item| match item {
            Item::Setting(setting) if setting.key == key => Some(setting),
            _ => None,
        });
        match found {
            Some(setting) => {
                setting.value = value.into();
                setting.marked = true;
            }
            None => self.items.push(Item::Setting(Setting {
                key: key.to_owned(),
                value: value.into(),
                marked: true,
            })),
        }
    }

    /// Adds a block, and marks its first line.
    pub fn insert(&mut self, mut block: Block) {
        block.marked = true;
        self.add(block);
    }

    /// Removes a setting, and marks the block; returns whether it was there.
    pub fn drop_setting(&mut self, key: &str) -> bool {
        let before = self.items.len();
        self.items
            .retain(|item| !matches!(item, Item::Setting(one) if one.key == key));
        self.marked = true;
        self.items.len() < before
    }

    /// Removes the blocks of a kind, and marks the block; returns whether there were any.
    pub fn drop_blocks(&mut self, kind: &str) -> bool {
        let before = self.items.len();
        let of_kind = |block: &Block| block.head.split([' ', '[']).next() == Some(kind);
        self.items
            .retain(|item| !matches!(item, Item::Block(block) if of_kind(block)));
        self.marked = true;
        self.items.len() < before
    }

    /// The text, and the lines (from 1) of the places that are marked.
    pub fn print(&self) -> (String, Vec<usize>) {
        let (mut text, mut lines) = (String::new(), Vec::new());
        self.print_items(0, &mut text, &mut lines);
        (text, lines)
    }

    fn print_items(&self, depth: usize, text: &mut String, lines: &mut Vec<usize>) {
        let indent = "  ".repeat(depth);
        for item in &self.items {
            let marked = match item {
                Item::Setting(setting) => setting.marked,
                Item::Block(block) => block.marked,
            };
            if marked {
                lines.push(text.lines().count() + 1);
            }
            match item {
                Item::Setting(one) => {
                    text.push_str(&format!("{indent}{} = {}\n", one.key, one.value));
                }
                Item::Block(block) => {
                    text.push_str(&format!("{indent}{} {{\n", block.head));
                    block.print_items(depth + 1, text, lines);
                    text.push_str(&format!("{indent}}}\n"));
                }
            }
        }
    }
}
