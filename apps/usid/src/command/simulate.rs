use std::path::PathBuf;

use clap::Subcommand;
use jobwise_kit::Failure;
use jobwise_usid::simulate;

use super::failed;

/// Make a file with known content to try commands on
#[derive(Subcommand, Debug)]
pub(crate) enum What {
    /// A noisy image of a hexagonal lattice
    Image {
        /// The file to make
        file: PathBuf,
        /// Pixels along each side
        #[arg(
            long,
            value_name = "N",
            default_value_t = 256,
            value_parser = clap::value_parser!(u16).range(1..)
        )]
        size: u16,
    },
    /// Lines of noisy sines of 10 and 30 kHz, sampled with 4 MHz
    Lines {
        /// The file to make
        file: PathBuf,
        /// Lines (positions)
        #[arg(
            long,
            value_name = "N",
            default_value_t = 64,
            value_parser = clap::value_parser!(u32).range(1..)
        )]
        lines: u32,
        /// Points of a line
        #[arg(
            long,
            value_name = "N",
            default_value_t = 16384,
            value_parser = clap::value_parser!(u32).range(1..)
        )]
        points: u32,
    },
    /// Currents of one period each, under a bias of 6 V and 200 Hz
    Currents {
        /// The file to make
        file: PathBuf,
        /// Positions
        #[arg(
            long,
            value_name = "N",
            default_value_t = 64,
            value_parser = clap::value_parser!(u32).range(1..)
        )]
        positions: u32,
        /// Points of a period
        #[arg(
            long,
            value_name = "N",
            default_value_t = 1000,
            value_parser = clap::value_parser!(u32).range(1..)
        )]
        points: u32,
    },
}

pub(crate) fn run(what: &What) -> Result<(), Failure> {
    match what {
        What::Image { file, size } => simulate::image_file(file, (*size).into()),
        What::Lines {
            file,
            lines,
            points,
        } => simulate::lines_file(file, *lines as usize, *points as usize),
        What::Currents {
            file,
            positions,
            points,
        } => simulate::currents_file(file, *positions as usize, *points as usize),
    }
    .map_err(failed)
}
