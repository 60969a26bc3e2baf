"""What geobipy 2.3.2 says of its own results, for peer.json: peer.py LINE.h5 > peer.json

Needs geobipy 2.3.2 with numpy 2.2. Its entropies are of a density over the whole line; they are
brought to bits per bin of depth here, with the number that the density was divided by.
"""

import contextlib
import io
import json
import sys

import numpy as np
from geobipy import Inference2D

DEPTHS = [0, 10, 40, 119]

with contextlib.redirect_stdout(io.StringIO()):
    line = Inference2D.fromHdf(sys.argv[1], prng=np.random.default_rng(1))
    found = {
        "mean": line.compute_mean_parameter(),
        "median": line.compute_median_parameter(),
        "mode": line.compute_mode_parameter(),
        "p05": line.percentile(5.0),
        "p95": line.percentile(95.0),
        "opacity": line.compute_opacity(),
    }
    found = {name: np.asarray(model.values) for name, model in found.items()}
    posterior = line.parameter_posterior()
    divisor = np.sum(np.asarray(posterior.mesh.area) * np.asarray(posterior.values))
    divisor /= np.asarray(posterior.values)[0, :, 0].sum()
    found["entropy"] = np.asarray(line.entropy.values) * divisor - np.log2(divisor)
    doi = np.asarray(line.elevation) - np.asarray(line.compute_doi(track=False))

numbers = {name: values[:, DEPTHS].tolist() for name, values in found.items()}
print(json.dumps({"depths": DEPTHS, "doi": doi.tolist(), **numbers}))
