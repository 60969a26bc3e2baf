//! Systems to compute with: figures made up for these tests.

use std::path::Path;

use jobwise_inversion::system::{FrequencySystem, TimeSystem};

/// Pairs of coils of each kind.
pub(crate) const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
3000, x, -1, 0, 0, 0, x, 1, 9, 0, 0
90000, z, 1, 0, 0, 0, z, 1, 7.5, 0, 0
5000, z, 1, 0, 0, 0, x, 1, 8, 0, 0
5000, x, 1, 0, 0, 0, z, 1, 8, 0, 0
";

/// A loop with a short ramp.
pub(crate) const RAMP: &str = "System Begin
 Name = Ramp
 Type = Time Domain
 Transmitter Begin
  NumberOfTurns = 2
  PeakCurrent = 10
  LoopArea = 100
  BaseFrequency = 100
  WaveformDigitisingFrequency = 409600
  WaveFormCurrent Begin
   -2.0e-3 0
   -1.8e-3 1 // what follows two slashes is a remark
   0.0 1
   5.0e-5 0
   3.2e-3 0
  WaveFormCurrent End
 Transmitter End
 Receiver Begin
  NumberOfWindows = 3
  WindowWeightingScheme = LinearTaper
  WindowTimes Begin
   1e-4 2e-4
   2e-4 5e-4
   5e-4 1e-3
  WindowTimes End
  LowPassFilter Begin
   CutOffFrequency = 30000
   Order = 2
  LowPassFilter End
 Receiver End
 ForwardModelling Begin
  ModellingLoopRadius = 5.6
  OutputType = dB/dt
  XOutputScaling = 1
  YOutputScaling = 1
  ZOutputScaling = 1
  SecondaryFieldNormalisation = none
  FrequenciesPerDecade = 6
  NumberOfAbsiccaInHankelTransformEvaluation = 21
 ForwardModelling End
System End
";

pub(crate) fn coils() -> FrequencySystem {
    FrequencySystem::parse(Path::new("coils.stm"), COILS).unwrap()
}

pub(crate) fn ramp() -> TimeSystem {
    TimeSystem::parse(Path::new("ramp.stm"), RAMP).unwrap()
}
