"""Dump every sample of a recording as digital_rf reads it: little-endian, (samples, sub-channels)."""

import os
import sys

import digital_rf

top, out = sys.argv[1:3]
reader = digital_rf.DigitalRFReader(top)
number = 0
for channel in reader.get_channels():
    first, last = reader.get_bounds(channel)
    print("bounds", channel, first, last)
    for start, length in reader.get_continuous_blocks(first, last, channel).items():
        samples = reader.read_vector_raw(start, length, channel)
        name = os.path.join(out, "%d.bin" % number)
        samples.astype(samples.dtype.newbyteorder("<")).tofile(name)
        print("block", channel, start, length, name)
        number += 1
