"""What pyUSID makes of a file: one line per main dataset, with its dimensions as pyUSID decodes them."""

import collections
import collections.abc
import sys
from unittest import mock

# Widgets of notebooks, which nothing here uses, and names that Python 3.10 removed.
for name in ("ipywidgets", "IPython", "IPython.display"):
    sys.modules.setdefault(name, mock.MagicMock())
for name in ("Callable", "Iterable", "Mapping", "MutableMapping", "Sequence"):
    setattr(collections, name, getattr(collections.abc, name))

import h5py
import pyUSID
from pyUSID.io.hdf_utils import check_if_main, find_results_groups, get_all_main

with h5py.File(sys.argv[1], "r") as file:
    for main in sorted(get_all_main(file), key=lambda main: main.name):
        assert check_if_main(file[main.name], verbose=True)
        cube = pyUSID.USIDataset(file[main.name]).get_n_dim_form()
        print(main.name, main.data_descriptor, main.dtype, sep="|")
        for labels, sizes, values in (
            (main.pos_dim_labels, main.pos_dim_sizes, main.get_pos_values),
            (main.spec_dim_labels, main.spec_dim_sizes, main.get_spec_values),
        ):
            for label, size in zip(labels, sizes):
                print("", label, size, ",".join(f"{value:g}" for value in values(label)), sep="|")
        print("shape", cube.shape, sep="|")
    groups = find_results_groups(file["Measurement_000/Channel_000/Raw_Data"], "My_Tool")
    for group in groups:
        source = file[group.attrs["source_000"]].name
        print("results", group.name, source, group.attrs["tool"], group.attrs["flag"], sep="|")
