//! The integrations of an analysis, searched on CUDA devices.

use std::sync::Arc;

use jobwise_core::{Cause, Signature, Workload};
use jobwise_cuda::driver::CudaStream;
use jobwise_cuda::{Cuda, CudaKernel, Demand, Fault};

use super::kernel::{Integrations, Row};
use super::source::Windows;
use crate::cuda::{DeviceSearch, Lane};
use crate::product::Devices;

/// Integrations, and the search of a device.
#[derive(Debug)]
pub(super) struct OnDevice<'a> {
    integrations: &'a Integrations,
    search: &'a DeviceSearch,
}

impl<'a> OnDevice<'a> {
    pub(super) fn new(integrations: &'a Integrations, search: &'a DeviceSearch) -> OnDevice<'a> {
        OnDevice {
            integrations,
            search,
        }
    }
}

impl Signature for OnDevice<'_> {
    type Item<'t>
        = Windows
    where
        Self: 't;
    type Output = Row;
}

impl Workload for OnDevice<'_> {
    fn len(&self) -> usize {
        self.integrations.len()
    }

    fn read(&self, index: usize) -> std::result::Result<Windows, Cause> {
        self.integrations.read(index)
    }
}

impl CudaKernel for OnDevice<'_> {
    const NAME: &'static str = "the search";

    type Lane = Lane;

    fn demand(&self, device: &Cuda) -> std::result::Result<Demand, Cause> {
        Ok(self.search.demand(device)?)
    }

    fn lane(
        &self,
        device: &Cuda,
        stream: &Arc<CudaStream>,
        room: usize,
    ) -> std::result::Result<Lane, Fault> {
        self.search.lane(device, stream, room)
    }

    fn pack(
        &self,
        lane: &mut Lane,
        slot: usize,
        _: usize,
        windows: &Windows,
    ) -> std::result::Result<(), Cause> {
        Ok(self.search.pack(lane, slot, &windows.tx, &windows.rx)?)
    }

    fn launch(&self, lane: &mut Lane, used: usize) -> std::result::Result<(), Fault> {
        self.search.launch(lane, used)
    }

    fn unpack(
        &self,
        lane: &mut Lane,
        slot: usize,
        _: usize,
        windows: Windows,
    ) -> std::result::Result<Row, Cause> {
        let integration = self.search.unpack(lane, slot)?;
        Ok(Row::new(integration, &windows, Devices::CUDA))
    }
}
