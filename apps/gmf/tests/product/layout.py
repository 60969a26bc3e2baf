"""Compares the layout of a GMF file with that of a file by hardtarget: layout.py PEER OURS."""
import sys
import h5py
import numpy as np

peer, ours = h5py.File(sys.argv[1]), h5py.File(sys.argv[2])

def kind(attribute):
    """Type and shape of an attribute as stored."""
    stored = attribute.get_type()
    description = (stored.get_class(), stored.get_size(), attribute.shape,
                   attribute.get_space().get_simple_extent_type())
    if stored.get_class() == h5py.h5t.STRING:
        description += (stored.is_variable_str(), stored.get_cset(), stored.get_strpad())
    return description

def attributes(a, b, where, defined=(), grown=()):
    assert set(a.attrs) | set(defined) == set(b.attrs), (where, set(a.attrs) ^ set(b.attrs))
    for key in a.attrs:
        if key not in grown:
            assert kind(a.attrs.get_id(key)) == kind(b.attrs.get_id(key)), (where, key)
        if key not in ("long_name", "REFERENCE_LIST", "DIMENSION_LIST"):
            assert np.array_equal(a.attrs[key], b.attrs[key]), (where, key, a.attrs[key], b.attrs[key])
    for key in ("DIMENSION_LIST", "REFERENCE_LIST"):
        if key in a.attrs:
            assert a.attrs.get_id(key).dtype == b.attrs.get_id(key).dtype, (where, key)

assert set(ours) - set(peer) == {"missing_samples"} and set(peer) <= set(ours)
assert set(ours.attrs) - set(peer.attrs) == {"software", "software_version", "config_hash", "first_sample"}
for name, a in peer.items():
    b = ours[name]
    if isinstance(a, h5py.Group):
        attributes(a, b, name)
        continue
    defined = ["range_alias_offset"] if name == "ranges" else []
    # Our missing_samples uses the time scale too.
    attributes(a, b, name, defined, ["REFERENCE_LIST"] if name == "integration_index" else [])
    assert a.dtype == b.dtype, name
    # The peer writes one row too few without a pointing channel.
    assert b.shape == (2, 2) if name == "pointing" else a.shape == b.shape, name
    assert b.chunks is None and b.compression is None, name
    assert b.maxshape == b.shape, name
    assert a.is_scale == b.is_scale, name
    assert [d.label for d in a.dims] == [d.label for d in b.dims], name
    for da, db in zip(a.dims, b.dims):
        assert [s.name for s in da.values()] == [s.name for s in db.values()], name
    if b.is_scale:
        assert np.allclose(a[()], b[()], rtol=1e-13, atol=0), name
assert ours["epoch_unix"][()] == peer["epoch_unix"][()]
assert ours["ranges"].is_scale and ours["gmf"].dims[1][0] == ours["ranges"]
assert ours["gmf"].dims[0][0] == ours["integration_index"]
assert ours["missing_samples"].dims[0][0] == ours["integration_index"]
assert len(ours["integration_index"].attrs["REFERENCE_LIST"]) == 11
for dataset, dimension in ours["integration_index"].attrs["REFERENCE_LIST"]:
    assert dimension == 0 and ours[dataset].dims[0][0] == ours["integration_index"]

index = np.arange(100)
assert np.array_equal(ours["gmf"][0], index + 0.5) and not ours["gmf"][1].any()
assert np.array_equal(ours["gmf_zero_frequency"][0], index + 1000.25)
assert np.array_equal(ours["range_rate_index"][()], [index, 0 * index - 1])
assert np.array_equal(ours["acceleration_index"][()], [2 * index, 0 * index - 1])
for name, value in [("tx_power", 7.5), ("range_peak", 1.5), ("range_rate_peak", 2.5),
                    ("acceleration_peak", 3.5), ("gmf_peak", 4.5)]:
    assert ours[name][0] == value, name
assert np.isnan(ours["range_peak"][1]) and ours["tx_power"][1] == 0.25
assert ours["missing_samples"][()].tolist() == [0, 12]
assert ours["missing_samples"].dtype == np.int64
print("equal")
