"""Export of flows as a graph: outlets are nodes, an edge leads from whose words they are to who copied them."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from lxml import etree

from pipeline.reports.exports.documents import ExportOptions
from pipeline.reports.exports.xml_text import xml_text

GRAPHML = "http://graphml.graphdrawing.org/xmlns"
GEXF = "http://www.gexf.net/1.2draft"
#: Attributes of an edge, with the types of GraphML and GEXF; `weight` is the number of words.
ATTRIBUTES = {"n_passages": "long", "n_words": "long", "n_documents": "long", "median_delay_hours": "double"}


def pieces(flows: pa.Table, options: ExportOptions) -> Iterator[str]:
    """Yield the graph as XML. It is as large as the number of pairs of outlets, which is small."""
    rows = flows.to_pylist()
    options.counts[options.counted] += len(rows)
    names = sorted({row[end] for row in rows for end in ("from_outlet", "to_outlet")})
    nodes = {name: (f"n{number}", xml_text(name, options.counts)) for number, name in enumerate(names)}
    tree = (_gexf if options.format == "gexf" else _graphml)(rows, nodes)
    text: str = etree.tostring(tree, encoding="unicode", pretty_print=True)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n' + text


def _graphml(rows: list[dict[str, object]], nodes: dict[str, tuple[str, str]]) -> etree._Element:
    root = etree.Element("graphml", nsmap={None: GRAPHML})
    etree.SubElement(root, "key", {"id": "label", "for": "node", "attr.name": "label", "attr.type": "string"})
    for name, kind in {"weight": "double", **ATTRIBUTES}.items():
        etree.SubElement(root, "key", {"id": name, "for": "edge", "attr.name": name, "attr.type": kind})
    graph = etree.SubElement(root, "graph", edgedefault="directed")
    for node, label in nodes.values():
        etree.SubElement(etree.SubElement(graph, "node", id=node), "data", key="label").text = label
    for row in rows:
        edge = etree.SubElement(graph, "edge", _ends(row, nodes))
        for name, value in {"weight": row["n_words"], **_values(row)}.items():
            etree.SubElement(edge, "data", key=name).text = str(value)
    return root


def _gexf(rows: list[dict[str, object]], nodes: dict[str, tuple[str, str]]) -> etree._Element:
    root = etree.Element("gexf", nsmap={None: GEXF}, version="1.2")
    graph = etree.SubElement(root, "graph", defaultedgetype="directed", mode="static")
    declared = etree.SubElement(graph, "attributes", {"class": "edge"})
    for name, kind in ATTRIBUTES.items():
        etree.SubElement(declared, "attribute", id=name, title=name, type=kind)
    within = etree.SubElement(graph, "nodes")
    for node, label in nodes.values():
        etree.SubElement(within, "node", id=node, label=label)
    edges = etree.SubElement(graph, "edges")
    for number, row in enumerate(rows):
        edge = etree.SubElement(edges, "edge", {"id": str(number), **_ends(row, nodes), "weight": str(row["n_words"])})
        values = etree.SubElement(edge, "attvalues")
        for name, value in _values(row).items():
            etree.SubElement(values, "attvalue", {"for": name, "value": str(value)})
    return root


def _ends(row: dict[str, object], nodes: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {"source": nodes[str(row["from_outlet"])][0], "target": nodes[str(row["to_outlet"])][0]}


def _values(row: dict[str, object]) -> dict[str, object]:
    """Return the attributes of an edge that have a value."""
    return {name: row[name] for name in ATTRIBUTES if row[name] is not None}
