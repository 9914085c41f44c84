//! A spec as an editor has it open: what the analysis found, and the tree of each of its files.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::Analysis;
use crate::ast::{Block, Item, Setting};
use crate::diagnostic::Diagnostics;
use crate::model::ENDING;
pub use crate::model::Page;
use crate::plan;
use crate::schema::{BlockSchema, LabelRule, Schema, SettingSchema, TOP};
use crate::source::Span;

/// A spec, analyzed, with the trees of the main file and of every file that it uses.
#[derive(Clone, Debug)]
pub struct Project {
    /// What `check` knows about it.
    pub analysis: Analysis,
    /// Its schema, the same as the library's.
    pub schema: Arc<Schema>,
    pages: Vec<Page>,
    /// What the library adds to a block of a kind with a label: the options of `cni flannel`.
    options: OnceLock<BTreeMap<(String, String), Options>>,
    classes: OnceLock<BTreeMap<String, String>>,
}

/// Settings that the library adds to a block, by name.
pub(super) type Options = Arc<BTreeMap<String, SettingSchema>>;

impl Project {
    /// Reads the trees of an analysis's own files. Files of the library have none: editors show them but ask nothing.
    pub fn new(analysis: Analysis) -> Self {
        Self::with_pages(analysis, Vec::new())
    }

    /// The same, with the pages that are known: those of [`analyze_with_pages`](crate::analyze_with_pages). What else was read is no
    /// spec, unless it is the main file.
    pub fn with_pages(analysis: Analysis, mut pages: Vec<Page>) -> Self {
        for (at, (file, source)) in analysis.sources.files().enumerate() {
            let known = pages.iter().any(|page| page.file == file);
            if !known && (at == 0 || source.name.ends_with(ENDING)) {
                pages.push(Page::read(file, &source.text, &mut Diagnostics::default()));
            }
        }
        pages.sort_by_key(|page| page.file);
        Self {
            pages,
            classes: OnceLock::new(),
            schema: analysis.library.spec_schema(),
            analysis,
            options: OnceLock::new(),
        }
    }

    fn read_options(&self) -> BTreeMap<(String, String), Options> {
        let mut library = self.analysis.library.clone();
        let mut sources = self.analysis.sources.clone();
        // Mistakes in the library were reported when the spec was analyzed.
        let mut known = Diagnostics::default();
        let mut found = BTreeMap::new();
        for (_, block) in self.blocks() {
            let schema = self.block_schema(&block.kind.value);
            let rule = schema.map(|schema| &schema.label);
            if let (Some(LabelRule::Reference(of)), Some(label)) = (rule, &block.label) {
                let name = &label.name.value;
                let key = (block.kind.value.clone(), name.clone());
                found
                    .entry(key)
                    .or_insert_with(|| library.options(of, name, &mut sources, &mut known));
            }
        }
        found
    }

    /// What the library adds to the settings of a block that names something in it.
    pub(super) fn options(&self, block: &Block) -> Options {
        let Some(label) = &block.label else {
            return Options::default();
        };
        let key = (block.kind.value.clone(), label.name.value.clone());
        let all = self.options.get_or_init(|| self.read_options());
        all.get(&key).cloned().unwrap_or_default()
    }

    /// Its files, in the order in which they were read: the main file is the first.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// One of its files, by the name that reports show for it.
    pub fn view(&self, name: &str) -> Option<View<'_>> {
        let (file, _) = self
            .analysis
            .sources
            .files()
            .find(|(_, source)| source.name == name)?;
        let page = self.pages.iter().find(|page| page.file == file)?;
        Some(View {
            project: self,
            page,
        })
    }

    /// The class of each machine, by the machine's name; empty for a spec with errors. Worked out once.
    pub fn classes(&self) -> &BTreeMap<String, String> {
        self.classes.get_or_init(|| {
            let checked = self.analysis.checked.as_ref();
            checked.map_or_else(BTreeMap::new, |checked| {
                plan::class_names(checked, &plan::Options::default())
            })
        })
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> &str {
        self.analysis.sources.text(span)
    }

    /// All blocks of all files with the blocks around them, outermost first, in reading order.
    pub fn blocks(&self) -> Vec<(Vec<&Block>, &Block)> {
        let mut out = Vec::new();
        for page in &self.pages {
            descend(&page.document.items, &mut Vec::new(), &mut out);
        }
        out
    }

    /// The schema of a block, by the kinds from the outermost block to it. A fragment can stand at the top level of a file.
    pub fn block_schema(&self, kind: &str) -> Option<&Arc<BlockSchema>> {
        self.schema.blocks.get(kind)
    }
}

fn descend<'a>(
    items: &'a [Item],
    around: &mut Vec<&'a Block>,
    out: &mut Vec<(Vec<&'a Block>, &'a Block)>,
) {
    for item in items {
        if let Item::Block(block) = item {
            out.push((around.clone(), block));
            around.push(block);
            descend(&block.items, around, out);
            around.pop();
        }
    }
}

/// One file of a project: what a question is about.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The whole spec.
    pub project: &'a Project,
    /// The file.
    pub page: &'a Page,
}

impl<'a> View<'a> {
    /// The file's text.
    pub fn text(&self) -> &'a str {
        &self.project.analysis.sources.file(self.page.file).text
    }

    /// A span in this file.
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.page.file, start, end)
    }

    /// The kinds of block that are allowed in a block of this kind ([`TOP`] for a file), in alphabetical order.
    pub fn children(&self, parent: &str) -> Vec<&'a BlockSchema> {
        let parent = if parent.is_empty() { TOP } else { parent };
        let schema: &'a Schema = &self.project.schema;
        schema
            .blocks
            .values()
            .map(Arc::as_ref)
            .filter(|block| block.parents.iter().any(|name| name == parent))
            .collect()
    }

    /// The setting that covers a byte, with the blocks around it, outermost first.
    pub fn setting_at(&self, offset: usize) -> Option<(Vec<&'a Block>, &'a Setting)> {
        let mut around = Vec::new();
        let mut items: &'a [Item] = &self.page.document.items;
        loop {
            let covering = items.iter().find(|item| covers(item_span(item), offset))?;
            match covering {
                Item::Setting(setting) => return Some((around, setting)),
                Item::Block(block) => {
                    around.push(block);
                    items = &block.items;
                }
            }
        }
    }
}

/// All of a setting or a block.
pub(super) fn item_span(item: &Item) -> Span {
    match item {
        Item::Setting(setting) => setting.span,
        Item::Block(block) => block.span,
    }
}

/// Whether a place lies in a span or right behind it: a cursor stands between two characters.
pub(super) fn covers(span: Span, offset: usize) -> bool {
    span.start as usize <= offset && offset <= span.end as usize
}
