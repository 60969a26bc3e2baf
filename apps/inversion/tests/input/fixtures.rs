//! Files made up for these tests.

use std::io::Cursor;
use std::path::Path;

use jobwise_inversion::survey::{Reading, Survey};
use jobwise_inversion::{Error, Result};

/// Options of the frequency domain, as Python writes them.
pub(crate) const OPTIONS: &str = "# options
from geobipy import *
data_directory = \".\"   # here
data_type = FdemData
data_filename = 'a#b.csv'
system_filename = [\"one.stm\",
                   \"two.stm\"]
n_markov_chains = 1e3
interactive_plot = False
update_plot_every = 500
save_png = False
save_hdf5 = True
solve_parameter = True
solve_gradient = True
solve_relative_error = True
solve_additive_error = True
maximum_number_of_layers = 30
minimum_depth = 1.0
maximum_depth = 150.0
minimum_thickness = None
initial_relative_error = [0.05, 0.03]
minimum_relative_error = 0.001
maximum_relative_error = 0.5
initial_additive_error = 5
minimum_additive_error = 3
maximum_additive_error = 20
relative_error_proposal_variance = 2.5e-3
additive_error_proposal_variance = 10**-2
probability_of_birth = 1.0/6.0
probability_of_death = 1.0/6.0
probability_of_perturb = 1/(2*3)
probability_of_no_change = 0.5
";

/// The frequency domain, in the peer's form; a value is missing.
pub(crate) const FREQUENCY: &str =
    "Line_number,Fiducial,Easting,Northing,Height,Elevation,In_Phase_400.0,In_Phase_3000.0,Quadrature_400.0,Quadrature_3000.0
100.0,2.0,10.0,0.0,31.0,99.0,5.0,NaN,7.0,-8.0
100.0,1.0,0.0,0.0,30.0,100.0,1.0,2.0,3.0,4.0
90.0,1.0,0.0,50.0,30.0,100.0,,,,
";

/// A definition in the dialect with blanks, and data of fixed width without blanks between numbers.
pub(crate) const DEFINITION: &str = "DEFN   ST=RECD,RT=COMM;RT:A4;COMMENTS:A76
DEFN 1 ST=RECD,RT=; Line : I6 : NULL=-9, NAME=Line
DEFN 2 ST=RECD,RT=; Fiducial : F6.1 : NAME=Fiducial
DEFN 3 ST=RECD,RT=; Easting : F8.1 : UNITS=m, NAME=Easting
DEFN 4 ST=RECD,RT=; Northing : F9.1 : UNITS=m, NAME=Northing
DEFN 5 ST=RECD,RT=; Tx_Height : F6.2 : UNITS=m, NULL=-99.99, NAME=Height
DEFN 6 ST=RECD,RT=; EMZ : 3F8.3 : UNIT=fT, NULL=-999.999, NAME=Z
DEFN 7 ST=RECD,RT=; EMZ_STD : 3E9.2 : NAME=deviation;END DEFN
";

pub(crate) const FIXED: &str = "COMM a remark
  1001   1.0500000.06200000.0 30.50  -1.250   2.500-999.999 1.00E-01 1.00E-01 1.00E-01
  1001   2.0500010.06200000.0-99.99   1.250   2.500   3.500 1.00E-01 1.00E-01 1.00E-01
  1001   3.0500020.06200000.0 31.50   1.250   2.500   3.500 1.00E-01 0.00E-01 1.00E-01
";

/// An export of Workbench: channels on alternate rows.
pub(crate) const EXPORT: &str = "/INFO
/made up
/DUMMY
/9999
/NUMBER OF GATES
/Number of gates for channel 1 is 2
/Number of gates for channel 2 is 1
/GATE TIMES (s)
/Gates for channel 1 : 1.0E-05 2.0E-05
/Gates for channel 2 : 1.0E-04
/ DATE, LINE_NO, UTMX, UTMY, ELEVATION, CHANNEL_NO, TX_ALTITUDE, DBDT_Ch1GT1, DBDT_Ch1GT2, \
      DBDT_Ch2GT1, DBDT_STD_Ch1GT1, DBDT_STD_Ch1GT2, DBDT_STD_Ch2GT1,
 2022-07-26, 101, 0, 0, 5, 1, 30, 2E-9, 9999, 9999, 0.03, 9999, 9999
 2022-07-26, 101, 6, 8, 5, 2, 32, 9999, 9999, 4E-10, 9999, 9999, 0.05
 2022-07-26, 101, 40, 0, 5, 1, 33, 1E-9, 5E-10, 9999, 0.03, 0.03, 9999
";

/// The same, older: gates of all channels in the same columns.
pub(crate) const OLD_EXPORT: &str = "/DUMMY
/9999
/Gates for channel 1 : 1.0E-05 2.0E-05
/Gates for channel 2 : 1.0E-04
/ LINE_NO UTMX UTMY ELEVATION CHANNEL_NO TX_ALTITUDE DATA_1 DATA_2 DATASTD_1 DATASTD_2
 101 0 0 5 1 30 2E-9 1E-9 0.03 0.03
 101 0 0 5 2 30 4E-10 9999 0.05 9999
 101 9 0 5 1 30 3E-9 9999 0.03 9999
";

/// Reads what is in memory.
pub(crate) fn survey(text: &str, map: &[&str]) -> Result<Survey> {
    read(text, None, &reading(map))
}

pub(crate) fn read(text: &str, definition: Option<&str>, reading: &Reading) -> Result<Survey> {
    let reader = Box::new(Cursor::new(text.as_bytes().to_vec()));
    let definition = definition.map(|text| (Path::new("a.dfn"), text));
    Survey::from_reader(Path::new("a.dat"), reader, definition, reading)
}

pub(crate) fn reading(map: &[&str]) -> Reading {
    let map: Vec<String> = map.iter().map(|text| (*text).to_owned()).collect();
    Reading::new(&map, &[], &[]).unwrap()
}

/// The message of an error, which is one line.
pub(crate) fn refused<T: std::fmt::Debug>(result: std::result::Result<T, Error>) -> String {
    let message = result.unwrap_err().to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}
