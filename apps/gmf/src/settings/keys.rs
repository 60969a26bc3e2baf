//! Every key of a configuration, what it is without one, and what it means: for the reader, for
//! help, and for the page of the documentation.

use std::fmt::Write as _;

use super::Settings;

/// A key of `[signal-processing]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Its value where it is absent, as it would be written.
    pub default: String,
    /// What it means, with units and values, in a sentence or two.
    pub meaning: &'static str,
}

/// A name, how it is written where it is absent, and a meaning.
type Entry = (&'static str, fn(&Settings) -> String, &'static str);

/// All of them, in the order of the documentation.
const KEYS: [Entry; 24] = [
    (
        "gmf_implementation",
        |s| s.gmf_implementation.clone(),
        "Where the search runs unless a flag says so: serial, threads, mpi or cuda. \
         auto, numpy and c leave it to how the program is started.",
    ),
    (
        "gmf_method",
        |s| s.gmf_method.name().to_owned(),
        "The method: fgmf, fdpt, grid-fast-no-reduce, optimize or optimize-grid.",
    ),
    (
        "n_ipp",
        |s| s.n_ipp.to_string(),
        "Pulses per coherent integration.",
    ),
    (
        "ipp_offset",
        |s| s.ipp_offset.to_string(),
        "Range alias: whole inter-pulse periods between a pulse and its echo.",
    ),
    (
        "dpt_ipp_delay_parameter",
        |s| s.dpt_ipp_delay_parameter.to_string(),
        "fdpt: the lag of the discrete polynomial transform, in inter-pulse periods.",
    ),
    (
        "min_range_gate",
        |s| s.min_range_gate.to_string(),
        "The first range gate. A gate is a sample, gate 0 one sample after the start of \
         transmission; negative numbers count from the last possible gate.",
    ),
    (
        "max_range_gate",
        |s| s.max_range_gate.to_string(),
        "The end of the range gates, exclusive; negative numbers as above.",
    ),
    (
        "range_gate_step",
        |s| s.range_gate_step.to_string(),
        "The step between range gates, in samples.",
    ),
    (
        "frequency_decimation",
        |s| s.frequency_decimation.to_string(),
        "Samples that are summed into one before the Doppler search.",
    ),
    (
        "clutter_length",
        |s| s.clutter_length.to_string(),
        "Not used; files of hardtarget have it.",
    ),
    (
        "min_acceleration",
        |s| s.min_acceleration.to_string(),
        "The lowest acceleration of the total path, in m/s^2, inclusive.",
    ),
    (
        "max_acceleration",
        |s| s.max_acceleration.to_string(),
        "The highest acceleration of the total path, in m/s^2, inclusive.",
    ),
    (
        "num_cohints_per_file",
        |s| s.num_cohints_per_file.to_string(),
        "Coherent integrations per output file.",
    ),
    (
        "node_gpus",
        |s| s.node_gpus.to_string(),
        "GPUs of a node. Not used: --gpus names devices.",
    ),
    (
        "missing",
        |s| s.missing.name().to_owned(),
        "Integrations with samples that were never recorded are left out (skip), get \
         zeros there (zero), or end the run (error).",
    ),
    (
        "min_tx_amplitude",
        |s| s.min_tx_amplitude.to_string(),
        "An integration is analysed when the square root of its transmitted power \
         exceeds this.",
    ),
    (
        "dpt_restrict",
        |s| s.dpt_restrict.to_string(),
        "fdpt: look only at accelerations from min_acceleration to max_acceleration.",
    ),
    (
        "dc",
        |s| s.dc.name().to_owned(),
        "What gmf_zero_frequency holds: the power at zero Doppler without acceleration \
         (plain), or at the lowest acceleration (first-acceleration).",
    ),
    (
        "reduce",
        |s| derived(Some(s.reduce.list()).filter(|list| !list.is_empty())),
        "grid-fast-no-reduce: the axes of which only the maximum is kept, a list of \
         range, range_rate and acceleration; without it, none.",
    ),
    (
        "targets",
        |s| s.targets.to_string(),
        "The most targets that are told apart in an integration, up to 1000. More than \
         one adds the datasets target_*.",
    ),
    (
        "target_separation_gates",
        |s| derived(s.target_separation_gates),
        "Targets closer than this may be one, in gates of one sample; without it, the \
         length of the pulse.",
    ),
    (
        "target_separation_range_rate",
        |s| derived(s.target_separation_range_rate),
        "The same of range rates, in m/s; without it, what two steps of acceleration \
         shift a range rate by, and one bin.",
    ),
    (
        "target_separation_acceleration",
        |s| derived(s.target_separation_acceleration),
        "The same of accelerations, in m/s^2; without it, 2.5 steps of the grid.",
    ),
    (
        "compat",
        |s| s.compat.to_string(),
        "optimize-grid on the grid of hardtarget, which may miss its own start.",
    ),
];

/// What the program derives from others, where nothing is said.
fn derived(given: Option<impl ToString>) -> String {
    given.map_or_else(|| "derived".to_owned(), |value| value.to_string())
}

impl Settings {
    /// Every key, in the order of the documentation, with these settings as defaults.
    pub fn keys(&self) -> [Key; 24] {
        KEYS.map(|(name, written, meaning)| Key {
            name,
            default: written(self),
            meaning,
        })
    }
}

/// All keys for a terminal.
pub fn keys_as_text() -> String {
    let mut text =
        "Keys of the configuration, with what they are when they are absent:\n".to_owned();
    for Key {
        name,
        default,
        meaning,
    } in Settings::default().keys()
    {
        // Writing to a String cannot fail.
        let _ = write!(text, "  {name} = {default}\n      {meaning}\n");
    }
    text
}

/// The page of the documentation, in Markdown.
pub fn keys_as_page() -> String {
    let mut page = "# Keys of a configuration of `gmf`\n\n\
         A configuration is an INI file with the section `[signal-processing]`; every key may be \
         absent.\nThis table is made from the code, as that of `gmf analyze --help` is.\n\n\
         | key | when absent | meaning |\n|---|---|---|\n"
        .to_owned();
    for Key {
        name,
        default,
        meaning,
    } in Settings::default().keys()
    {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| `{name}` | `{default}` | {meaning} |");
    }
    page.replace("`derived`", "derived")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_that_of_the_code() {
        let page = include_str!("../../../../docs/gmf-keys.md");
        assert!(
            page == keys_as_page(),
            "docs/gmf-keys.md should be:\n{}",
            keys_as_page()
        );
    }

    #[test]
    fn every_default_is_what_the_reader_takes_for_an_absent_key() {
        let keys = Settings::default().keys();
        let written = keys.iter().filter(|key| key.default != "derived");
        let lines: Vec<_> = written
            .map(|key| format!("{} = {}", key.name, key.default))
            .collect();
        let text = format!("[signal-processing]\n{}\n", lines.join("\n"));
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("all.ini");
        std::fs::write(&path, text).unwrap();
        let read = Settings::read(&path).unwrap();
        let path = read.path.clone();
        assert_eq!(
            read,
            Settings {
                path,
                ..Settings::default()
            }
        );
    }
}
