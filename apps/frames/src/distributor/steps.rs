use super::{Block, Files, Mode};

/// What one reader does with one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) block: u32,
    pub(super) file: u32,
    /// Whether the reader brings the data frames too, and not only the metadata.
    pub(super) brings_data: bool,
    /// Whether its metadata must be those of the first file of its block.
    pub(super) is_compared: bool,
}

/// The steps of reader `reader` of `readers`.
pub(super) fn steps(files: &Files, mode: Mode, reader: usize, readers: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for (block, files) in (0..).zip(files.blocks()) {
        match files {
            Block::Shared(_) => steps.push(Step {
                block,
                file: 0,
                brings_data: reader == 0,
                is_compared: false,
            }),
            Block::Parallel(files) => {
                for round in 0..files.len().div_ceil(readers) {
                    let own = round * readers + reader;
                    let brings_data = own < files.len();
                    if !brings_data && mode == Mode::Relaxed {
                        continue;
                    }
                    // Readers stay in step by the metadata of the first file.
                    steps.push(Step {
                        block,
                        file: if brings_data { own as u32 } else { 0 },
                        brings_data,
                        is_compared: mode == Mode::Strict,
                    });
                }
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mode: Mode, reader: usize) -> Vec<(u32, u32, bool)> {
        let parallel = (0..3).map(|number| format!("{number}.g3").into()).collect();
        let shared = Block::Shared("shared.g3".into());
        let files = Files::new(vec![shared, Block::Parallel(parallel)]);
        let steps = steps(&files, mode, reader, 2);
        steps
            .iter()
            .map(|step| (step.block, step.file, step.brings_data))
            .collect()
    }

    #[test]
    fn readers_take_turns_and_stay_in_step() {
        let first = [(0, 0, true), (1, 0, true), (1, 2, true)];
        assert_eq!(of(Mode::Strict, 0), first);
        assert_eq!(of(Mode::Relaxed, 0), first);
        let second = [(0, 0, false), (1, 1, true), (1, 0, false)];
        assert_eq!(of(Mode::Strict, 1), second);
        assert_eq!(of(Mode::Relaxed, 1), second[..2]);
    }
}
