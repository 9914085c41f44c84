//! The lossless tree: every byte of a file belongs to exactly one leaf, white space and comments
//! included, so that the leaves in order are the file.

/// What a node is. Leaves have no children; other nodes have no text of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyntaxKind {
    /// The whole file: settings, blocks and what is between them.
    File,
    /// `kind label { ... }`: a word, perhaps a label, the braces and what is between them.
    Block,
    /// `key = value`: a word or text, the sign, then a word, text, long text or list.
    Setting,
    /// `[a, b]`
    List,
    /// What names a block: a word or text, perhaps with ranges.
    Label,
    /// `[02-04,07]` right after a label's name.
    Ranges,
    /// A bare word.
    Word,
    /// `"..."`
    Text,
    /// `"""` over several lines `"""`
    LongText,
    /// `=` (or what was typed in its place and reported).
    Equals,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `[`
    ListOpen,
    /// `]`
    ListClose,
    /// `,`
    Comma,
    /// From `#` to the end of the line.
    Comment,
    /// `\n` or `\r\n`
    Newline,
    /// White space within a line.
    Space,
    /// The byte order mark that some editors put at the start of a file.
    Bom,
    /// Something that could not be read and has been reported.
    Damage,
}

impl SyntaxKind {
    /// Whether it is trivia: white space, line ends, comments.
    pub fn is_trivia(self) -> bool {
        matches!(
            self,
            Self::Comment | Self::Newline | Self::Space | Self::Bom
        )
    }
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxNode {
    /// What it is.
    pub kind: SyntaxKind,
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
    /// Its parts in order, without a gap between them; none for a leaf.
    pub children: Vec<SyntaxNode>,
}

impl SyntaxNode {
    fn new(kind: SyntaxKind, start: u32, end: u32) -> Self {
        Self {
            kind,
            start,
            end,
            children: Vec::new(),
        }
    }

    /// Its text, as a slice of the text of its file.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }

    /// Its parts without trivia: no white space, line ends or comments.
    pub fn parts(&self) -> impl Iterator<Item = &SyntaxNode> {
        self.children.iter().filter(|child| !child.kind.is_trivia())
    }

    /// Its first part of one kind.
    pub fn part(&self, kind: SyntaxKind) -> Option<&SyntaxNode> {
        self.children.iter().find(|child| child.kind == kind)
    }

    fn collect_leaves<'a>(&'a self, out: &mut Vec<&'a SyntaxNode>) {
        if self.children.is_empty() {
            out.push(self);
        }
        for child in &self.children {
            child.collect_leaves(out);
        }
    }
}

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The node of the whole file.
    pub root: SyntaxNode,
}

impl Tree {
    /// All leaves in order; their texts concatenated are the file.
    pub fn leaves(&self) -> Vec<&SyntaxNode> {
        let mut out = Vec::new();
        self.root.collect_leaves(&mut out);
        out
    }
}

/// Builds a tree from leaves that arrive in order, and fills the gaps between them.
pub(super) struct Builder {
    stack: Vec<SyntaxNode>,
    at: u32,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            stack: vec![SyntaxNode::new(SyntaxKind::File, 0, 0)],
            at: 0,
        }
    }

    /// Begins a node; what follows belongs to it until [`Builder::close`].
    pub(super) fn open(&mut self, kind: SyntaxKind, start: u32) {
        self.fill(start);
        let mut node = SyntaxNode::new(kind, start, start);
        // `key = value`: two words, a sign and the spaces between them.
        node.children.reserve(5);
        self.stack.push(node);
    }

    /// Ends the innermost open node, just after its last leaf.
    pub(super) fn close(&mut self) {
        if self.stack.len() < 2 {
            return;
        }
        if let Some(mut node) = self.stack.pop() {
            node.end = self.at.max(node.start);
            self.add(node);
        }
    }

    pub(super) fn leaf(&mut self, kind: SyntaxKind, start: u32, end: u32) {
        self.fill(start);
        self.at = end;
        self.add(SyntaxNode::new(kind, start, end));
    }

    /// The byte after the last leaf.
    pub(super) fn at(&self) -> u32 {
        self.at
    }

    /// Where the last part of the innermost open node begins.
    pub(super) fn last_start(&self) -> u32 {
        self.stack
            .last()
            .and_then(|node| node.children.last())
            .map_or(self.at, |node| node.start)
    }

    pub(super) fn finish(mut self, len: usize) -> Tree {
        while self.stack.len() > 1 {
            self.close();
        }
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.fill(len);
        let mut root = self.stack.swap_remove(0);
        root.end = len;
        Tree { root }
    }

    fn fill(&mut self, to: u32) {
        if self.at < to {
            let space = SyntaxNode::new(SyntaxKind::Space, self.at, to);
            self.at = to;
            self.add(space);
        }
    }

    fn add(&mut self, node: SyntaxNode) {
        if let Some(parent) = self.stack.last_mut() {
            parent.children.push(node);
        }
    }
}
