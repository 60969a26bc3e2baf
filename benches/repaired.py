"""Runs pycroscopy 0.60.7 on a USID file, repaired so far that it can run at all: repaired.py JOB FILE, JOB is clean, filter or giv.

Prints the CPU seconds of the computation, files included, without the start of the interpreter and of its packages. The repairs
change no numbers:

* names that Python 3.10 took out of `collections` are put back,
* an index that is a list of slices becomes a tuple,
* an argument that the writer of attributes no longer takes is dropped,
* the selection of components, a pair, is unpacked,
* the file's attribute `normalized`, which pycroscopy's own translator does not write there, is added.
"""

import ast
import collections
import collections.abc
import inspect
import sys
import time
import warnings

for name in ["Callable", "Iterable", "Mapping", "MutableMapping", "Sequence"]:
    setattr(collections, name, getattr(collections.abc, name))
warnings.filterwarnings("ignore")

import h5py
from pycroscopy.analysis.giv_bayesian import GIVBayesian
from pycroscopy.io import hdf_writer
from pycroscopy.processing import image_processing
from pycroscopy.processing.fft import LowPassFilter
from pycroscopy.processing.signal_filter import SignalFilter
from pycroscopy.processing.svd_utils import SVD
from pyUSID import USIDataset

WINDOW, STEP, KEPT = 32, 2, 24
CUTOFF, NOISE, RATE = 100e3, 1e-6, 4e6
FREQUENCY, BIASES, MEMORY = 200, 250, 1024


def is_call(node, name):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


class Repair(ast.NodeTransformer):
    """Of the module that cuts and rebuilds windows."""

    def visit_List(self, node):
        self.generic_visit(node)
        slices = node.elts and all(is_call(element, "slice") for element in node.elts)
        return ast.Tuple(node.elts, node.ctx) if slices else node

    def visit_Assign(self, node):
        self.generic_visit(node)
        if isinstance(node.targets[0], ast.Name) and is_call(node.value, "get_component_slice"):
            node.value = ast.Subscript(node.value, ast.Constant(0), ast.Load())
        return node


def repair():
    tree = Repair().visit(ast.parse(inspect.getsource(image_processing)))
    code = compile(ast.fix_missing_locations(tree), image_processing.__file__, "exec")
    exec(code, vars(image_processing))
    write = hdf_writer.write_simple_attrs
    hdf_writer.write_simple_attrs = lambda item, attrs, *_, verbose=False, **__: write(item, attrs, verbose=verbose)


def clean(main):
    """Windows, all their components, and the image of the first."""
    main.file.attrs["normalized"] = False
    images = image_processing.ImageWindow(main, cores=1)
    windows = images.do_windowing(win_x=WINDOW, win_y=WINDOW, win_step_x=STEP, win_step_y=STEP)
    SVD(windows).compute()
    images.clean_and_build_batch(components=KEPT)


def filter(main):
    low = LowPassFilter(main.shape[1], RATE, CUTOFF)
    SignalFilter(main, low, noise_threshold=NOISE, cores=1, max_mem_mb=MEMORY).compute()


def giv(main):
    GIVBayesian(main, FREQUENCY, gain=8, num_x_steps=BIASES, cores=1).compute()


def main():
    job, path = sys.argv[1:]
    repair()
    start = time.process_time()
    with h5py.File(path, "r+") as file:
        {"clean": clean, "filter": filter, "giv": giv}[job](USIDataset(file["Measurement_000/Channel_000/Raw_Data"]))
    print(f"CPU {time.process_time() - start:.3f}")


if __name__ == "__main__":
    main()
