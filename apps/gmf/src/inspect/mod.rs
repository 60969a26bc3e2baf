//! What a recording or an analysis holds, as text.

mod drf;
mod gmf;
mod peaks;
mod table;
mod truth;

pub use drf::recording;
pub use gmf::{product, product_with};
pub use peaks::{Peak, peaks, peaks_with};
pub use table::{peak_table, peak_table_with};
