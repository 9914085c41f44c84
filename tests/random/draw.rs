//! The source of a generated spec's choices: a list of numbers that proptest generates and shrinks.
//!
//! Every choice uses the next number; when none is left it is 0, and 0 is always the plainest choice. So a shorter list with
//! smaller numbers is a plainer spec, and the failing case that proptest prints is small.

/// The choices that are still to be made.
pub struct Draw {
    numbers: Vec<u32>,
    at: usize,
}

impl Draw {
    /// From a list of numbers.
    pub fn new(numbers: Vec<u32>) -> Self {
        Self { numbers, at: 0 }
    }

    /// As many numbers as any spec needs, all from one seed: the same in every run, for tests that need many specs.
    pub fn numbers(seed: u32) -> Vec<u32> {
        let mut state = u64::from(seed) | 1 << 40;
        let next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            u32::try_from(state >> 32).unwrap_or_default()
        };
        std::iter::repeat_with(next).take(400).collect()
    }

    fn next(&mut self) -> u32 {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        number
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        self.next() % end
    }

    /// A number from `first` to `last`.
    pub fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }

    /// Whether something other than the plain case happens, with this percentage.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) >= 100 - percent
    }

    /// One of these; the first is the plainest.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let count = u32::try_from(of.len()).expect("a short list");
        &of[self.below(count) as usize]
    }

    /// Another order; the plainest is the original one.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in 1..list.len() {
            let back = self.below(u32::try_from(at + 1).expect("a short list")) as usize;
            list.swap(at, at - back);
        }
    }
}
