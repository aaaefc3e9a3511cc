"""What the benchmarks write: the page is that of the results, the pictures are well formed, the client signs in."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from bench import flame, page, plot, results
from bench.load.servers import SQLITE, ours, stores
from bench.server import visit


def test_the_page_is_that_of_the_results():
    assert page.PAGE.read_text("utf-8") == page.text(), "python -m bench page"


@pytest.mark.parametrize("name", plot.PLOTS)
def test_pictures_are_those_of_the_results(name):
    value = results.read(name)
    picture = results.FOLDER / f"{name}.svg"
    if value is None:
        assert not picture.exists()
        return
    assert picture.read_text("utf-8") == plot.PLOTS[name](value), "python -m bench page"
    ET.fromstring(picture.read_text("utf-8"))


def test_flame_graph():
    idle = "Thread.run (threading.py);_worker (concurrent/futures/thread.py) 90\n"
    root = flame.fold(f"a (unlatch/x.py);b (y.py) 3\n{idle}a (unlatch/x.py) 1\nc (z.py) 4\n")
    assert root.samples == 8
    assert root.inner["a (unlatch/x.py)"].inner["b (y.py)"].samples == 3
    widths = [
        float(box.get("width"))
        for box in ET.fromstring(flame.svg(root, "all")).iter()
        if box.get("rx") is None and "width" in box.attrib
    ]
    assert sorted(widths) == [450.0, 600.0, 600.0]


@pytest.mark.needs("redis")
def test_the_client_signs_in():
    with stores(SQLITE) as kept, ours(kept, workers=1) as server:
        found = visit(server.url, clients=3, seconds=0.5)
    assert found.figures["count"] >= 3
    assert 0 < found.figures["p50"] <= found.figures["p99"]
