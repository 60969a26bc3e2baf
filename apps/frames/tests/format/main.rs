//! The format: reference files and files of others, read, shown and written again.

mod command;
mod damaged;
mod huge;
mod legacy;
mod old_versions;
mod reference;
mod round_trip;
mod samples;
mod wheel;

#[global_allocator]
static ALLOCATOR: jobwise_testing::Counting = jobwise_testing::Counting;
