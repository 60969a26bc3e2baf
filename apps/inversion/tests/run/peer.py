# Reads results as geobipy's users do: arguments are a directory, and what works on geobipy's own
# files (those that fail there too are not asked for).
import sys
import warnings

warnings.filterwarnings("ignore")
import matplotlib

matplotlib.use("Agg")
import numpy as np
from geobipy import Inference3D

line = Inference3D.fromHdf(sys.argv[1], prng=np.random.default_rng(1)).lines[0]
for name in ["fiducials", "burned_in", "halfspace", "mesh", "model", "interfacePosterior", "entropy", "doi", "data"]:
    getattr(line, name)
for name in [
    "mean_parameters", "compute_mean_parameter", "compute_median_parameter", "compute_mode_parameter",
    "parameter_posterior", "plot_summary",
]:
    getattr(line, name)()
line.percentile(0.05)
for index in [0, 3, 5]:
    line.inference_1d(index=index)
mean = np.asarray(line.mean_parameters().values)
print("mean", mean.shape, np.isfinite(mean).all(), float(np.log10(mean).mean()))
print("halfspace", *[float(x) for x in np.asarray(line.halfspace)])
