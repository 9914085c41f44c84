//! The one way to write the page: the writer of HTML.

pub(super) use crate::file_format::html::Html;
