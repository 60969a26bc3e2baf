//! G3 files, pipelines of frames over threads and MPI ranks, and maps of the sky.
//!
//! | room | what is in it |
//! |---|---|
//! | [`archive`] | the binary form of values: numbers, texts, versions of classes, pointers |
//! | [`frame`](mod@frame) | frames: names and objects, their bytes, checksum and digest |
//! | [`object`] | the classes of objects |
//! | [`flac`] | samples compressed without loss |
//! | [`json`] | frames as JSON |
//! | [`input`] | frames from files, compressed or not, from pipes and from the network |
//! | [`output`] | frames into files |
//! | [`pipeline`] | modules, one after the other, through which frames go |
//! | [`module`] | modules that every pipeline may need |
//! | [`distributor`] | ranks that read, and pipelines on ranks and threads that compute |
//! | [`accumulate`] | what pipelines found in each frame, brought together |
//! | [`pointing`] | where detectors look |
//! | [`sky`] | pixels of the sky: projections, HEALPix |
//! | [`filter`] | polynomials taken from timestreams |
//! | [`map`] | maps from timestreams, sums of maps |
//! | [`run`] | scans filtered, and maps made of them, on any backend |
//! | [`program`] | programs of one's own: flags, backend and pipelines |
//! | [`fits`] | maps as FITS files |
//! | [`toast`] | observations as TOAST files |
//! | [`live`] | frames sent to whoever asks |
//! | [`plot`] | figures |
//! | [`simulate`] | files with known content |

#![deny(unsafe_code)]

pub mod accumulate;
pub mod archive;
pub mod distributor;
pub mod filter;
pub mod fits;
pub mod flac;
pub mod frame;
pub mod input;
pub mod json;
pub mod live;
pub mod map;
pub mod module;
pub mod object;
pub mod output;
pub mod pipeline;
pub mod plot;
pub mod pointing;
pub mod program;
pub mod run;
pub mod simulate;
pub mod sky;
pub mod toast;
mod vectors;
