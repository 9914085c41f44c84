//! For tests: ending the process, or finding the disk full, just before the N-th call that changes
//! the disk. Counts for the whole process, so only a process that does one write may arm it.

use std::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;

/// How a process that was ended here exits.
pub(super) const ENDED: i32 = 97;

static CHANGES: AtomicU64 = AtomicU64::new(0);
static END: AtomicU64 = AtomicU64::new(0);
static FULL: AtomicU64 = AtomicU64::new(0);

/// Ends the process before this change, with nothing flushed and nothing dropped. 0: never.
pub(super) fn end_before(change: u64) {
    END.store(change, Ordering::SeqCst);
}

/// This change finds the disk full. 0: none.
pub(super) fn full_at(change: u64) {
    FULL.store(change, Ordering::SeqCst);
}

pub(super) fn before_change() -> rustix::io::Result<()> {
    let number = CHANGES.fetch_add(1, Ordering::SeqCst) + 1;
    if number == END.load(Ordering::SeqCst) {
        std::process::exit(ENDED);
    }
    if number == FULL.load(Ordering::SeqCst) {
        return Err(Errno::NOSPC);
    }
    Ok(())
}
