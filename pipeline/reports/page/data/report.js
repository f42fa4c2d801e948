// Draw the charts from the numbers in the page. Without scripts the tables beside them say the same.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const number = d3.format(",");
  const shown = (figure) => { figure.hidden = false; return figure.querySelector(".scroll, .panels"); };
  const short = (text, n) => (text.length > n ? text.slice(0, n - 1) + "…" : text);

  function flows() {
    const figure = document.getElementById("flow-chart");
    if (!figure || !data.flows.length) return;
    const place = shown(figure), caption = figure.querySelector("figcaption"), told = caption.textContent;
    const width = Math.max(640, place.clientWidth), side = 185;
    const givers = [...new Set(data.flows.map((f) => f[0]))], takers = [...new Set(data.flows.map((f) => f[1]))];
    const height = Math.max(220, Math.max(givers.length, takers.length) * 30);
    const colour = (name) => "s" + Math.min(8, givers.indexOf(name));
    const graph = d3.sankey().nodeId((n) => n.id).nodeWidth(10).nodePadding(14).nodeSort(null).linkSort(null)
      .extent([[side, 8], [width - side, height - 8]])({
        nodes: [...givers.map((name) => ({ id: "<" + name, name })), ...takers.map((name) => ({ id: ">" + name, name }))],
        links: data.flows.map((f) => ({ source: "<" + f[0], target: ">" + f[1], value: f[2], passages: f[3] })),
      });
    const svg = d3.select(place).append("svg").attr("width", width).attr("height", height)
      .attr("role", "group").attr("aria-label", "Flow chart: words copied between outlets");
    svg.append("g").selectAll("path").data(graph.links).join("path")
      .attr("class", (l) => "link " + colour(l.source.name)).attr("d", d3.sankeyLinkHorizontal())
      .attr("stroke-width", (l) => Math.max(1, l.width)).attr("aria-hidden", "true")
      .append("title").text((l) => `${l.source.name} → ${l.target.name}: ${number(l.value)} words, ${number(l.passages)} passages`);
    const node = svg.append("g").selectAll("g").data(graph.nodes).join("g").attr("class", "node")
      .attr("tabindex", 0).attr("role", "img")
      .attr("aria-label", (n) => said(n));
    node.append("rect").attr("x", (n) => n.x0).attr("y", (n) => n.y0).attr("width", 10).attr("height", (n) => Math.max(2, n.y1 - n.y0))
      .attr("class", (n) => (n.id[0] === "<" ? colour(n.name) : "s8"));
    node.append("text").attr("x", (n) => (n.id[0] === "<" ? n.x0 - 8 : n.x1 + 8)).attr("y", (n) => (n.y0 + n.y1) / 2)
      .attr("dy", ".35em").attr("text-anchor", (n) => (n.id[0] === "<" ? "end" : "start")).text((n) => short(n.name, 25));
    function said(n) {
      const first = n.id[0] === "<", links = first ? n.sourceLinks : n.targetLinks;
      const partners = links.slice(0, 5).map((l) => `${(first ? l.target : l.source).name} ${number(l.value)}`).join(", ");
      return `${n.name}: ${number(n.value)} words ${first ? "printed later by" : "taken from"} ${partners}${links.length > 5 ? ` and ${links.length - 5} more` : ""}.`;
    }
    const on = (_, n) => { svg.classed("dim", true).selectAll(".link").classed("on", (l) => l.source === n || l.target === n); caption.textContent = said(n); };
    const off = () => { svg.classed("dim", false); caption.textContent = told; };
    node.on("mouseenter focus", on).on("mouseleave blur", off);
  }

  function timeline(figure) {
    const points = data.clusters[+figure.dataset.cluster];
    const times = points.map((p) => p[1]);
    if (points.length < 2 || d3.min(times) === d3.max(times) || figure.querySelector("svg")) return;
    const place = shown(figure);
    const lanes = [...new Set(points.map((p) => p[0]))].slice(0, 16), side = 200, row = 24;
    const width = Math.max(560, Math.min(900, place.clientWidth)), height = lanes.length * row + 34;
    const x = d3.scaleUtc().domain(d3.extent(times)).range([side + 10, width - 24]).nice();
    const y = (name) => 14 + lanes.indexOf(name) * row;
    const svg = d3.select(place).append("svg").attr("width", width).attr("height", height).attr("aria-hidden", "true");
    svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - 24})`).call(d3.axisBottom(x).ticks(6).tickSizeOuter(0));
    svg.append("g").selectAll("line").data(lanes).join("line").attr("class", "lane").attr("x1", side + 10).attr("x2", width - 24).attr("y1", y).attr("y2", y);
    svg.append("g").selectAll("text").data(lanes).join("text").attr("x", side).attr("y", y).attr("dy", ".35em").attr("text-anchor", "end").text((name) => short(name, 27));
    svg.append("g").selectAll("circle").data(points.filter((p) => lanes.includes(p[0]))).join("circle")
      .attr("class", (p) => (p[2] ? "dot canonical" : "dot")).attr("r", (p) => (p[2] ? 6.5 : 5)).attr("cx", (p) => x(p[1])).attr("cy", (p) => y(p[0]));
  }

  function drift() {
    const figure = document.getElementById("drift-chart");
    if (!figure || data.runs.length < 2) return;
    const place = shown(figure);
    const share = (v) => d3.format(v && Math.abs(v) < 0.1 ? ".1%" : ".0%")(v).replace("%", " %");
    const panels = [["documents", "Documents", d3.format(",.0f")], ["cut_share", "Words cut", share], ["failed_share", "Failed", share], ["seconds", "Seconds", d3.format(",.1f")]];
    const places = panels.map(() => d3.select(place).append("div"));  // all of them before one is measured
    for (const [at, [name, title, write]] of panels.entries()) {
      const panel = places[at], last = data.runs[data.runs.length - 1][name];
      panel.append("h4").text(`${title}: ${write(last[0])}${last[1] === null ? "" : `, usually ${write(last[1])}`}`);
      const width = Math.max(200, Math.min(420, panel.node().clientWidth)), height = 120;
      const svg = panel.append("svg").attr("width", width).attr("height", height).attr("aria-hidden", "true");
      const x = d3.scaleLinear().domain([0, data.runs.length - 1]).range([54, width - 10]);
      const top = d3.max(data.runs, (r) => Math.max(r[name][0], r[name][1] || 0)) || (name.endsWith("share") ? 0.1 : 1);
      const y = d3.scaleLinear().domain([0, top]).range([height - 10, 10]);
      svg.append("g").attr("class", "axis").attr("transform", "translate(46,0)").call(d3.axisLeft(y).ticks(3).tickFormat(write).tickSizeOuter(0));
      svg.append("path").attr("class", "usual").attr("d", d3.line().defined((r) => r[name][1] !== null).x((_, i) => x(i)).y((r) => y(r[name][1]))(data.runs));
      svg.append("path").attr("class", "trend").attr("d", d3.line().x((_, i) => x(i)).y((r) => y(r[name][0]))(data.runs));
      svg.append("g").selectAll("circle").data(data.runs).join("circle").attr("class", (_, i) => (i === data.runs.length - 1 ? "dot canonical" : "dot"))
        .attr("r", (_, i) => (i === data.runs.length - 1 ? 5 : 2.5)).attr("cx", (_, i) => x(i)).attr("cy", (r) => y(r[name][0]))
        .append("title").text((r) => `${r.run}: ${write(r[name][0])}`);
    }
  }

  flows();
  drift();
  for (const figure of document.querySelectorAll("figure.timeline")) {
    const details = figure.closest("details");
    if (details.open) timeline(figure);
    details.addEventListener("toggle", () => details.open && timeline(figure));
  }
  // Print what is in the clusters, the pairs and the runs, too; then close what was closed before.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("#flows details, #clusters details, #drift details, #failures details")].filter((d) => !d.open);
    for (const each of opened) { each.open = true; each.querySelectorAll("figure.timeline").forEach(timeline); }
  });
  addEventListener("afterprint", () => opened.forEach((each) => { each.open = false; }));
})();
