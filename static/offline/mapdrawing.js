// Draws a whole cluster: services as bars across the lanes of nodes; the grammar of webapp/diagram/cluster_svg.py.

const RAIL = 40;
const ROW = 36;
const MOST_ROWS = 6;
const HEAD = 88;
const NAMED = 196; // Narrower columns have no room for the end of a pod's name.

function drawMap(plan, view, room) {
  const at = mapColumns(view, room);
  const zoned = view.lanes.some((lane) => lane.zone);
  const its = { plan, view, at };
  const zones = [];
  const placed = [];
  let y = HEAD + GAP;
  for (const lane of view.lanes) {
    const zone = zoned && lane.members ? lane.zone : undefined;
    const last = zones[zones.length - 1];
    if (last && last.bottom === undefined && last.zone !== zone) {
      last.bottom = y;
      y += GAP;
    }
    if (zone !== undefined && (!last || last.zone !== zone)) {
      zones.push({ zone, top: y, count: 0, down: true });
      y += 28;
    }
    const rows = Math.max(1, ...lane.cells.map((cell) => (at.boxes ? Math.min(cell.pods.length, MOST_ROWS) : 1)));
    const height = Math.max(RAIL + rows * ROW + 8, 92);
    placed.push({ lane, top: y, height, rail: y + RAIL - 8 });
    if (zone !== undefined) {
      zones[zones.length - 1].count += lane.members;
      zones[zones.length - 1].down &&= lane.state === "down";
    }
    y += height + GAP;
  }
  const open = zones[zones.length - 1];
  if (open && open.bottom === undefined) open.bottom = y;
  const bottom = y;
  const parts = [
    ...zones.map((zone) => rect(at.lane - 8, zone.top, at.right - at.lane + 16, zone.bottom - zone.top, 12, "zone")),
    ...placed.map((it) => mapGround(its, it)),
    ...view.bars.flatMap((bar, i) => mapBar(its, bar, i, placed, bottom)),
    ...wrapped(view.folded.map((it) => it.words), at.left - 16).map((line, i) => text(4, 16 + 18 * i, line, "text-quiet")),
    at.client ? mapClient(its, HEAD + GAP, bottom) : null,
    ...zones.map((zone) => mapZoneTitle(its, zone)),
    ...placed.map((it) => mapTitle(its, it)),
    ...placed.map((it) => arrivingAt(its, it)),
    ...view.bars.map((bar, i) => mapTrunk(its, i, placed)),
    ...placed.flatMap((it) => it.lane.cells.map((cell, i) => drawCell(its, it, cell, i))),
  ];
  const wide = at.right + 10;
  return svg("svg", {
    class: drawn(view.lanes), width: wide, height: bottom + 2, viewBox: `-1 -1 ${wide} ${bottom + 2}`, role: "group",
    "aria-label": `${view.headline}: ${view.situation}`, "font-family": SANS,
  }, signs(), ...parts);
}

// As wide as there is room for; where even narrow columns have none, the picture scrolls.
function mapColumns(view, room) {
  const client = room < 760 ? 0 : 84;
  const lane = client ? 168 : 8;
  const title = room < 760 ? 150 : 216;
  const left = lane + title;
  const columns = Math.max(view.bars.length, 1);
  const column = Math.max(104, Math.min(360, Math.floor((room - left - 16) / columns)));
  return { client, lane, title, left, column, boxes: column >= NAMED, bar: column >= NAMED ? 44 : 24, right: left + columns * column };
}

// The chips of entry points are left of the bar, the pods right of it.
const centreOf = (at, i) => at.left + i * at.column + (at.boxes ? 92 : 58);

function mapGround({ at }, { lane, top, height }) {
  if (!lane.members) return rect(at.lane, top, at.right - at.lane, height, 8, "dot-quiet", { fill: "none", "stroke-dasharray": "1 4" });
  const back = lane.members > 1 ? rect(at.lane + 6, top - 4, at.right - at.lane - 12, 12, 8, "lane") : null;
  return svg("g", {}, back, laneGround({ at: { lane: at.lane, right: at.right, inset: 0 } }, { lane, top, height }));
}

function mapClient({ plan, view }, top, bottom) {
  const middle = (top + bottom) / 2;
  const nodes = view.lanes.reduce((sum, lane) => sum + lane.members, 0);
  const said = view.via === "dns" ? fill(plan.words.selects.clients.dns[Math.min(nodes, 2)], { count: nodes }) : viaWords(plan, view.via);
  return svg("g", { class: "client" }, rect(0, top, 84, bottom - top - GAP, 12, "box"), sign("person", 30, middle - 46, 24),
    text(42, middle + 4, "External", "text", { size: 14, bold: true, anchor: "middle" }), text(42, middle + 22, "clients", "text", { size: 14, bold: true, anchor: "middle" }),
    ...wrapped([said.replaceAll("\u00a0", " ")], 76).map((line, i) => text(42, middle + 40 + 17 * i, cut(line, 78, 12), "text-quiet", { anchor: "middle" })));
}

// --- bars and their headers ------------------------------------------------------------------------------------------

function mapBar(its, bar, i, placed, bottom) {
  const { at } = its;
  const centre = centreOf(at, i);
  const lanes = placed.filter((it) => it.lane.members || it.lane.cells[i].pods.length);
  const pieces = bar.local
    ? lanes.map((it) => rect(centre - at.bar / 2, it.top + 6, at.bar, it.height - 12, 4, "bar"))
    : [rect(centre - at.bar / 2, HEAD - 8, at.bar, bottom - HEAD, 4, "bar")];
  return [...pieces, mapHeader(its, bar, i)];
}

function mapHeader({ plan, at }, bar, i) {
  const x = at.left + i * at.column;
  const width = at.column - 8;
  const room = width - 20;
  const share = percent(bar.share);
  const word = bar.word.toLowerCase();
  const name = `${bar.namespace}/${bar.service}`;
  const side = widthOf(share, 16, { bold: true });
  const parts = [hover(`${name} ${bar.ports}`), rect(x, 0, width, HEAD - 8, 12, "plate"), rect(x, 0, width, HEAD - 8, 12, "bar")];
  if (at.boxes) {
    parts.push(text(x + 10, 24, cut(name, room - side - 8, 14, { bold: true }), "text", { size: 14, bold: true }),
      text(x + width - 10, 24, share, "text", { size: 16, bold: true, anchor: "end" }),
      text(x + 10, 46, cut(bar.ports, room - widthOf(word, 12, { bold: true }) - 26, 12, { mono: true }), "text-quiet", { mono: true }));
  } else {
    parts.push(text(x + 10, 22, cut(bar.service, room, 12, { bold: true }), "text", { bold: true }), text(x + 10, 42, share, "text", { size: 14, bold: true }));
  }
  const y = at.boxes ? 46 : 60;
  const right = x + width - 10;
  const long = widthOf(word, 12, { bold: true });
  // In a narrow column the sign alone has room; the name of the button and the table have the word.
  const said = long + 19 <= width - 16;
  if (said) parts.push(text(right, y, word, TEXTS[bar.tone] || "text-quiet", { bold: true, anchor: "end" }));
  parts.push(sign(bar.tone, right - (said ? long + 19 : 14), y - 11, 14));
  parts.push(...gauge(bar, x + 10, at.boxes ? 60 : 68, width - 20));
  const was = Math.abs(bar.before - bar.share) > MOST_NOISE ? `, was ${percent(bar.before)}` : "";
  return press(parts, { label: `${name}, ${share}${was}, ${bar.ports}, ${word}. Open`, does: `port ${bar.port.i}` });
}

// What is answered, in proportion; the rest is an outline.
function gauge(bar, x, y, width) {
  const kept = Math.max(0, Math.min(1, bar.share)) * width;
  const lost = bar.share < 1 - MOST_NOISE ? rect(x, y, width, 6, 3, "box-bad", { "stroke-dasharray": "3 2" }) : null;
  return [lost, kept > 0 ? rect(x, y, Math.max(kept, 2), 6, 3, "dot") : null];
}

// --- lanes -----------------------------------------------------------------------------------------------------------

function mapZoneTitle({ plan, at }, zone) {
  const name = zone.zone === null ? "no zone" : `zone ${zone.zone}`;
  const nodes = counted(plan.words.counts.nodes, zone.count);
  const down = zone.down ? plan.words.nodeWords.down : "";
  const x = at.lane + 8;
  const shown = cut(name, at.title - 8, 12, { bold: true });
  const end = x + widthOf(shown, 12, { bold: true }) + 8;
  const parts = [rect(at.lane - 8, zone.top, at.right - at.lane + 16, 28, 8, "hit"), text(x, zone.top + 19, shown, "text", { bold: true })];
  if (end + widthOf(nodes, 12) < at.left) parts.push(text(end, zone.top + 19, nodes, "text-quiet"));
  if (zone.zone === null) return svg("g", {}, ...parts.slice(1));
  if (down) parts.push(text(at.right - 32, zone.top + 19, down, "text-bad", { bold: true, anchor: "end" }));
  parts.push(sign(zone.down ? "down" : "power", at.right - 24, zone.top + 7, 14));
  return press(parts, { label: spoken(plan, [name, nodes, down].filter(Boolean).join(", "), zone.down), does: `zone/${zone.zone}`, pressed: zone.down });
}

function mapTitle({ plan, view, at }, { lane, top, height }) {
  const x = at.lane + 12;
  const halo = lane.state === "down";
  const name = LANE_SIGNS[lane.state] || (lane.sort === "pending" ? "pending" : lane.assumed ? "assumed" : lane.node ? "power" : "");
  const left = x + (name ? 20 : 0);
  const room = at.left - left - (lane.word ? widthOf(lane.word, 12, { bold: true }) + 16 : 8);
  const parts = [hover(lane.title), rect(at.lane, top, at.right - at.lane, height, 8, "hit")];
  if (name) parts.push(sign(name, x, top + 9, 14));
  parts.push(text(left, top + 21, cut(lane.title, room, 14, { bold: true }), "text", { size: 14, bold: true, halo }));
  if (lane.word) parts.push(text(at.left - 8, top + 21, lane.word, halo ? "text-bad" : "text-quiet", { bold: true, anchor: "end", halo }));
  const quiet = [lane.code, lane.assumed && lane.members ? plan.words.told.assumed : "", lane.quiet].filter(Boolean);
  quiet.forEach((words, i) => parts.push(text(x, top + 56 + 17 * i, cut(words, at.left - x - 44, 12, { mono: words === lane.code }), "text-quiet", { mono: words === lane.code, halo })));
  const label = [lane.title, ...quiet, lane.word].filter(Boolean).join(", ");
  if (lane.unfold) {
    parts.push(text(x, top + height - 8, "Unfold", "text-accent", { halo }));
    return press(parts, { label: `${label}. Unfold`, does: `unfold ${lane.unfold}` });
  }
  if (!lane.node) return svg("g", { role: "group", "aria-label": label }, ...parts);
  const down = lane.state === "down";
  return press(parts, { label: spoken(plan, label, down), does: `node/${lane.node}`, pressed: view.downWords.has(`node/${lane.node}`) });
}

// Which share of new connections comes in at these nodes; a range where service ports differ.
function arrivingAt({ at, view }, { lane, rail }) {
  if (!lane.members || !view.bars.length) return null;
  const shares = lane.shares.map((share) => Number(share.toFixed(9)));
  const [low, high] = [Math.min(...shares), Math.max(...shares)];
  const from = at.client || at.lane - 8;
  const down = lane.state === "down";
  const middle = (from + at.lane) / 2;
  if (high <= MOST_NOISE) {
    return svg("g", {}, svg("path", { d: `M${from} ${rail}H${at.lane}`, fill: "none", "stroke-width": 2, "stroke-dasharray": "1 4", class: "rail" }),
      at.client ? text(middle, rail - 7, "not used", "text-quiet", { anchor: "middle" }) : null);
  }
  const said = high - low <= MOST_NOISE ? percent(high) : `≤ ${percent(high)}`;
  const label = at.client ? text(middle, rail - 9, said, down ? "text-bad" : "text", { bold: true, anchor: "middle" }) : null;
  if (down) return svg("g", {}, ...edge({ x1: from, x2: at.lane + 10, y: rail, width: 3.5, kind: "lost" }), label, at.client ? text(middle, rail + 17, "lost", "text-bad", { anchor: "middle" }) : null);
  const ends = lane.cells.map((cell, i) => (cell.result ? centreOf(at, i) : 0));
  return svg("g", {}, svg("path", { d: `M${from} ${rail}H${Math.max(at.lane, ...ends)}`, fill: "none", "stroke-width": 2, class: "rail" }), label);
}

// --- where a lane meets a bar ----------------------------------------------------------------------------------------

function mapTrunk({ at, view }, i, placed) {
  const centre = centreOf(at, i);
  const groups = view.bars[i].local ? placed.map((it) => [it]) : [placed];
  return svg("g", { "aria-hidden": true }, ...groups.map((lanes) => {
    const levels = lanes.filter((it) => it.lane.cells[i].passes && it.lane.shares[i] > 0).map((it) => it.rail);
    const sent = lanes.flatMap((it) => rowsOf(at, it, it.lane.cells[i]).filter((row) => row.share > 0));
    if (!levels.length || !sent.length) return null;
    const all = [...levels, ...sent.map((row) => row.y)];
    const lost = sent.every((row) => row.dead);
    return svg("path", { d: `M${centre} ${Math.min(...all)}V${Math.max(...all)}`, fill: "none", "stroke-width": lost ? 3.5 : 5, class: `edge-${lost ? "lost" : "ok"}`, "stroke-dasharray": lost ? "7 5" : "" });
  }));
}

// The rows of pods in a cell: a box each, or what there is of them in numbers.
function rowsOf(at, { top }, cell) {
  const y = (row) => top + RAIL + row * ROW + 16;
  const dead = (pod) => pod.shape === "dead";
  if (at.boxes && cell.pods.length <= MOST_ROWS) return cell.pods.map((pod, i) => ({ pods: [pod], y: y(i), share: pod.share, dead: dead(pod) }));
  const kinds = [cell.pods.filter((pod) => !dead(pod)), cell.pods.filter(dead)].filter((its) => its.length);
  return kinds.map((pods, i) => ({ pods, y: at.boxes ? y(i) : top + RAIL + 12 + 24 * i, share: fsum(pods.map((pod) => pod.share)), dead: dead(pods[0]) }));
}

function drawCell(its, it, cell, i) {
  const { at } = its;
  const centre = centreOf(at, i);
  const parts = [...chip(its, it, cell, centre)];
  for (const row of rowsOf(at, it, cell)) parts.push(...mapPods(its, it, row, i));
  if (cell.lost > MOST_NOISE && at.boxes) parts.push(text(centre + at.bar / 2 + 12, it.rail + 4, `${percent(cell.lost)} lost`, "text-bad", { bold: true, halo: true }));
  return svg("g", {}, ...parts);
}

function chip({ plan, at, view }, { lane, rail }, cell, centre) {
  if (!cell.result) return [];
  const tone = plan.words.entryTones[cell.result];
  const words = cell.passes && cell.answered < 1 - MOST_NOISE && at.boxes ? percent(cell.answered) : "";
  const wide = 26 + (words ? widthOf(words, 12, { bold: true }) + 6 : 0);
  const x = centre - (at.boxes ? 32 : 16) - wide;
  const made = [];
  if (cell.passes) made.push(svg("circle", { cx: centre, cy: rail, r: 5, "stroke-width": 2, class: cell.answered ? "junction" : "dot-quiet" }));
  else if (cell.dropped) made.push(svg("path", { d: `M${centre} ${rail - 8}V${rail + 8}`, fill: "none", "stroke-width": 4, class: "edge-lost dropped" }));
  const parts = [rect(x, rail - 11, wide, 22, 11, `box-${tone}`, { "stroke-dasharray": tone === "bad" ? "4 3" : "" }), sign(tone, x + 6, rail - 7, 14)];
  if (words) parts.push(text(x + 24, rail + 4, words, TEXTS[tone] || "text-quiet", { bold: true }));
  const word = plan.words.results[cell.result];
  if (!lane.node) return [...made, svg("g", {}, hover(word), ...parts)];
  const connected = view.via === `node/${lane.node}`;
  // The access paths above do the same with the keyboard, without a stop for each service of each node.
  const made2 = svg("g", { class: "press", "data-click": connected ? "via dns" : `via node/${lane.node}` }, hover(`${lane.title}: ${word}${words ? ` ${words}` : ""}`), ...parts);
  return [...made, made2];
}

function mapPods({ plan, at }, { lane }, { pods, y, share, dead }, i) {
  const centre = centreOf(at, i);
  const x = centre + at.bar / 2 + 20;
  const made = [];
  if (share > 0) made.push(...(dead ? [svg("path", { d: `M${centre} ${y}H${x - 2}`, fill: "none", "stroke-width": 3.5, "stroke-dasharray": "7 5", class: "edge-lost" })] : edge({ x1: centre, x2: x, y, width: Math.min(edgeWidth(share), 8), kind: "ok" })));
  const [pod] = pods;
  const label = pods.map((its) => podLabel(plan, its, lane)).join("; ");
  if (!at.boxes || pods.length > 1) {
    const said = `${dead ? "× " : ""}${thousands(pods.length)}`;
    return [...made, svg("g", { role: "img", "aria-label": label }, hover(label), text(x + 4, y + 4, at.boxes ? counted(plan.words.counts.pods, pods.length) : said, dead ? "text-bad" : TEXTS[pod.tone] || "text-quiet", { bold: true, halo: true }), at.boxes ? sign(pod.tone, x + at.column - at.bar - 112, y - 7, 14) : null)];
  }
  const width = at.left + (i + 1) * at.column - 8 - x;
  const paint = `box-${pod.shape === "terminating" && pod.tone === "ok" ? "warn" : pod.tone}`;
  const parts = [hover(label), rect(x, y - 14, width, 28, 6, paint, { "stroke-dasharray": pod.assumed ? "4 4" : { dead: "4 3", pending: "1 4" }[pod.shape] }), sign(POD_SIGNS[pod.shape] || pod.tone, x + 6, y - 7, 14),
    text(x + 25, y + 4, tail(pod.name, width - 31, 12, { mono: true }), dead ? "text-bad" : "text", { mono: true })];
  if (pod.badge) parts.push(badge(pod, x + width - 2, y - 13));
  if (!pod.takes) return [...made, svg("g", { role: "group", "aria-label": label }, ...parts)];
  return [...made, press(parts, { label: spoken(plan, label, pod.down), does: pod.takes, pressed: pod.down })];
}
