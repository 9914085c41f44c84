//! A progress bar for long work, on a terminal only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::console::Console;

/// How long a wait may be before the bar shows.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Shown from [`PATIENCE`] on, until it is dropped.
pub(in crate::cli) struct Progress {
    counts: Arc<Counts>,
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

#[derive(Default)]
struct Counts {
    done: AtomicU64,
    all: AtomicU64,
}

impl Progress {
    /// Begins to watch the clock.
    pub(in crate::cli) fn start(console: &Console, what: &'static str) -> Self {
        let counts = Arc::new(Counts::default());
        let running = console.watched.then(|| {
            let (stop, stopped) = mpsc::channel();
            let counts = Arc::clone(&counts);
            let thread = std::thread::spawn(move || {
                if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                let bar = ProgressBar::new_spinner().with_message(what);
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    draw(&bar, &counts);
                }
                bar.finish_and_clear();
            });
            (stop, thread)
        });
        Self { counts, running }
    }

    /// Sets how many of all files are done.
    pub(in crate::cli) fn set(&self, done: usize, all: usize) {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.counts.all.store(number(all), Ordering::Relaxed);
        self.counts.done.fetch_max(number(done), Ordering::Relaxed);
    }
}

fn draw(bar: &ProgressBar, counts: &Counts) {
    let all = counts.all.load(Ordering::Relaxed);
    if all > 0 && bar.length() != Some(all) {
        let style = ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} files")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        bar.set_length(all);
    }
    if all > 0 {
        bar.set_position(counts.done.load(Ordering::Relaxed));
    }
    bar.tick();
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            // Ends at once: the thread waits for just this. It cannot have panicked in a way that
            // matters: it only draws.
            drop(stop);
            let _ = thread.join();
        }
    }
}
