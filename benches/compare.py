"""Compares the files of two analyses of one recording: compare.py EXPECTED FOUND.

Ends with an error unless the indices are equal and the powers agree within 2e-6. Integrations at the end of a file that only
FOUND has are left out: hardtarget does not analyse the last one of a recording.
"""

import sys
from pathlib import Path

import h5py
import numpy as np

TOLERANCE = 2e-6


def main():
    expected, found = (Path(argument) for argument in sys.argv[1:])
    names = sorted(path.relative_to(expected) for path in expected.glob("*/gmf-*.h5"))
    if names != sorted(path.relative_to(found) for path in found.glob("*/gmf-*.h5")) or not names:
        sys.exit("the analyses wrote other files")
    integrations, values, indices, worst = 0, 0, 0, 0.0
    for name in names:
        with h5py.File(expected / name) as one, h5py.File(found / name) as other:
            rows = one["gmf"].shape[0]
            for index in ["range_rate_index", "acceleration_index"]:
                indices += np.count_nonzero(one[index][:] != other[index][:rows])
            for power in ["gmf", "tx_power"]:
                a, b = (file[power][:rows].astype(float) for file in (one, other))
                worst = max(worst, np.max(np.abs(b / a - 1)))
            integrations += rows
            values += one["gmf"].size
    print(
        f"{values} peaks in {integrations} integrations, {len(names)} files: {indices} indices differ, powers differ by {worst:.1e}"
        " at most"
    )
    if indices or not worst <= TOLERANCE:
        sys.exit("the analyses disagree")


if __name__ == "__main__":
    main()
