"""Compares the files of two analyses of one recording: compare.py EXPECTED FOUND RECORDING.

Powers must agree within 2e-6. Indices must be equal, except where two peaks are so close that rounding decides: there both are
computed again from the samples in double precision, and must differ by less than 1e-5. Integrations at the end of a file that
only FOUND has are left out: hardtarget does not analyse the last one of a recording.
"""

import sys
from pathlib import Path

import digital_rf
import h5py
import numpy as np

TOLERANCE = 2e-6
TIE = 1e-5


def power(file, samples, gate, rate_index, acceleration_index):
    """The matched-filter power of one range gate, range rate and acceleration, by its definition, in double precision."""
    experiment, processing = file["experiment"].attrs, file["processing"].attrs
    ipp, pulse = experiment["ipp_samp"], experiment["tx_pulse_samps"]
    decimation, length = processing["frequency_decimation"], processing["decimated_read_length"]
    starts = np.arange(processing["n_ipp"])[:, None] * ipp
    within = np.arange(pulse)
    tx = samples[starts + experiment["T_tx_start_samp"] + within]
    first = starts + processing["il0_min_range_gate"] + within
    echo = np.conj(tx) / np.linalg.norm(tx) * samples[first + gate * processing["range_gate_step"]]

    def decimated(values):
        return values.reshape(len(starts), -1, decimation)

    seconds = decimated(first / experiment["sample_rate"]).mean(-1)
    position = starts // decimation + np.arange(pulse // decimation)
    acceleration = file["accelerations"][acceleration_index]
    cycles = acceleration * seconds**2 / (2 * experiment["wavelength"]) + rate_index * position / length
    return abs(np.sum(decimated(echo).sum(-1) * np.exp(-2j * np.pi * cycles))) ** 2


def margin(recording, files, row, gate):
    """By how much the peak of the second file is above that of the first, relatively."""
    experiment = files[0]["experiment"].attrs
    span = int(files[0]["processing"].attrs["n_ipp"] * experiment["ipp_samp"])
    start = round(files[0]["epoch_unix"][()] * experiment["sample_rate"]) + row * span
    reader = digital_rf.DigitalRFReader(str(recording))
    samples = reader.read_vector(start, span, experiment["rx_channel"]).reshape(-1).astype(complex)
    first, second = (
        power(file, samples, gate, file["range_rate_index"][row, gate], file["acceleration_index"][row, gate]) for file in files
    )
    return second / first - 1


def main():
    expected, found, recording = (Path(argument) for argument in sys.argv[1:])
    names = sorted(path.relative_to(expected) for path in expected.glob("*/gmf-*.h5"))
    if names != sorted(path.relative_to(found) for path in found.glob("*/gmf-*.h5")) or not names:
        sys.exit("the analyses wrote other files")
    integrations, values, worst, margins = 0, 0, 0.0, []
    for name in names:
        with h5py.File(expected / name) as one, h5py.File(found / name) as other:
            rows = one["gmf"].shape[0]
            differ = np.zeros(one["gmf"].shape, bool)
            for index in ["range_rate_index", "acceleration_index"]:
                differ |= one[index][:] != other[index][:rows]
            margins += [margin(recording, (one, other), row, gate) for row, gate in np.argwhere(differ)]
            for quantity in ["gmf", "tx_power"]:
                a, b = (file[quantity][:rows].astype(float) for file in (one, other))
                worst = max(worst, np.max(np.abs(b / a - 1)))
            integrations += rows
            values += one["gmf"].size
    print(f"{values} peaks in {integrations} integrations, {len(names)} files: powers differ by {worst:.1e} at most, indices of {len(margins)}")
    for gained in margins:
        print(f"one of these: in double precision, the second's peak is higher by {gained:.1e}")
    if not worst <= TOLERANCE or any(abs(gained) >= TIE for gained in margins):
        sys.exit("the analyses disagree")


if __name__ == "__main__":
    main()
