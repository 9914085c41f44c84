//! What several commands use. Nothing in here knows a command.

pub(super) mod args;
pub(super) mod console;
pub(super) mod doubts;
pub(super) mod drawn;
pub(super) mod exit;
pub(super) mod files;
pub(super) mod fixed;
pub(super) mod folders;
pub(super) mod handed;
pub(super) mod key_values;
pub(super) mod make;
pub(super) mod pairs;
pub(super) mod passphrase;
pub(super) mod passwords;
pub(super) mod paths;
pub(super) mod progress;
pub(super) mod report;
pub(super) mod rewrite;
pub(super) mod secrets;
pub(super) mod vault;
pub(super) mod vendored;
pub(super) mod words;
