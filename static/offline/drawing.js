// Draws one service port: lanes, entry points, the service's bar, pods, traffic; the grammar of webapp/diagram/svg.py.

const SANS = "Inter,'Inter Variable',system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif";
const MONO = "'JetBrains Mono',ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace";
const BOX = 46;
const GAP = 8;
const TAPED = ["cordoned", "evicting", "drained"];
const LANE_SIGNS = { down: "down", partitioned: "partitioned", "not-ready": "not-ready", evicting: "draining", drained: "draining", cordoned: "cordoned" };
const POD_SIGNS = { terminating: "terminating", "not-ready": "paused", pending: "pending" };
const BADGES = { recreated: "recreated", blocked: "blocked", "cut-off": "partitioned" };
const TEXTS = { ok: "text-ok", warn: "text-warn", bad: "text-bad", refused: "text-bad" };

// --- elements --------------------------------------------------------------------------------------------------------

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== "") made.setAttribute(name, value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

const ruler = document.createElement("canvas").getContext("2d");

function widthOf(text, size, { bold = false, mono = false } = {}) {
  ruler.font = `${bold ? 600 : 400} ${size}px ${mono ? MONO : SANS}`;
  return ruler.measureText(text).width;
}

// The end of a name tells it from others, so it is the middle that gives way.
function cut(text, room, size, style) {
  if (widthOf(text, size, style) <= room) return text;
  const letters = Array.from(text);
  let [low, high] = [0, letters.length];
  const kept = (count) => {
    const head = Math.ceil(count / 3);
    return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (count - head)).join("")}`;
  };
  while (low < high - 1) {
    const middle = (low + high) >> 1;
    if (widthOf(kept(middle), size, style) <= room) low = middle;
    else high = middle;
  }
  return low ? kept(low) : "…";
}

// Beside others of its own workload the end of a pod's name says it all.
function tail(text, room, size, style) {
  if (widthOf(text, size, style) <= room) return text;
  const letters = Array.from(text);
  let from = 1;
  while (from < letters.length - 1 && widthOf(`…${letters.slice(from).join("")}`, size, style) > room) from++;
  return `…${letters.slice(from).join("")}`;
}

// Of words it is the end that gives way.
function ended(words, room, size) {
  if (widthOf(words, size) <= room) return words;
  let shown = Array.from(words);
  while (shown.length && widthOf(`${shown.join("").trimEnd()}…`, size) > room) shown = shown.slice(0, -1);
  return `${shown.join("").trimEnd()}…`;
}

function wrapped(lines, room) {
  const made = [];
  for (const line of lines) {
    let shown = "";
    for (const word of line.split(" ")) {
      const longer = shown ? `${shown} ${word}` : word;
      if (shown && widthOf(longer, 12) > room) {
        made.push(shown);
        shown = word;
      } else shown = longer;
    }
    made.push(shown);
  }
  return made;
}

function text(x, y, said, paint, { size = 12, bold = false, mono = false, anchor = "", halo = false } = {}) {
  const attributes = { x, y, class: halo ? `${paint} halo` : paint, "font-size": size, "font-weight": bold ? 600 : "", "text-anchor": anchor };
  if (mono) attributes["font-family"] = MONO;
  const made = svg("text", attributes);
  made.textContent = said;
  return made;
}

function rect(x, y, width, height, radius, paint, more) {
  return svg("rect", { x, y, width, height, rx: radius, class: paint, ...more });
}

const sign = (name, x, y, size = 16) => svg("use", { href: `#s-${name}`, x, y, width: size, height: size });

// What can be pressed: its name for who hears the page, and what it takes down, connects to or opens.
function press(parts, { label, does, pressed = null, kind = "" }) {
  const attributes = { role: "button", tabindex: -1, "aria-label": label, "data-does": does, class: `press ${kind}` };
  if (pressed !== null) attributes["aria-pressed"] = pressed;
  return svg("g", attributes, ...parts);
}

// --- measures --------------------------------------------------------------------------------------------------------

// The columns: those of the page where there is room, closer together on a phone.
function columnsFor(room, banded) {
  const inset = banded ? 8 : 0;
  if (room < 760) {
    const pod = Math.max(120, Math.min(276, room - inset * 2 - 232));
    return { narrow: true, client: 0, band: 0, lane: inset, entry: inset + 54, entryWidth: 96, bar: inset + 160, barWidth: 16, pods: inset + 226, podWidth: pod, right: inset * 2 + 232 + pod, inset };
  }
  const more = Math.max(0, Math.min(room, 1392) - 1024);
  const entryWidth = 208 + Math.floor(more * 0.35);
  const podWidth = 276 + Math.floor(more * 0.65) - (banded ? 24 : 0);
  const bar = 216 + entryWidth + 60;
  const pods = bar + 104 + 136;
  return { narrow: false, client: 84, band: 112, lane: 112 + inset, entry: 216, entryWidth, bar, barWidth: 104, pods, podWidth, right: pods + podWidth + 16 + inset, inset };
}

const edgeWidth = (share) => Math.min(Math.max(20 * share, 2), 12);

// --- the picture -----------------------------------------------------------------------------------------------------

function drawPort(plan, view, lanes, room) {
  const zoned = lanes.some((lane) => lane.sort !== "pending" && lane.sort !== "elsewhere" && lane.zone !== null);
  const mixed = lanes.some((lane) => lane.sort === "folded" && lane.zone === null) && zoned && new Set(lanes.map((lane) => lane.zone)).size > 1;
  const at = columnsFor(room, zoned && !mixed);
  const top = at.narrow ? 84 : 72;
  const placed = [];
  const zones = [];
  let y = top;
  for (const lane of lanes) {
    const aside = lane.sort === "pending" || lane.sort === "elsewhere";
    const zone = aside ? undefined : lane.zone;
    const last = zones[zones.length - 1];
    if (at.inset && !aside && (!last || last.zone !== zone)) {
      if (last) last.bottom = y;
      if (placed.length) y += GAP;
      zones.push({ zone, top: y, count: 0, down: true });
      y += 28;
    }
    if (at.inset && aside && last && last.bottom === undefined) {
      last.bottom = y;
      y += GAP;
    }
    const rows = Math.max(lane.pods.length, 1);
    const content = rows * BOX + (rows - 1) * GAP;
    const height = 32 + content + 12;
    placed.push({ lane, top: y, height, first: y + 32, middle: y + 32 + content / 2 });
    if (zones.length && !aside) {
      zones[zones.length - 1].count += lane.count;
      zones[zones.length - 1].down &&= lane.state === "down";
    }
    y += height + GAP;
  }
  const open = zones[zones.length - 1];
  if (open && open.bottom === undefined) open.bottom = y;
  const height = y;
  const its = { plan, view, at, calm: isCalm(plan, view) };
  const parts = [
    ...zones.map((zone) => zoneGround(its, zone)),
    ...placed.map((it) => laneGround(its, it)),
    ...bars(its, placed, height),
    at.narrow ? null : client(its, placed, top, height),
    header(its),
    ...zones.map((zone) => zoneTitle(its, zone)),
    ...placed.map((it) => drawLane(its, it)),
    ...trunks(its, placed),
  ];
  const wide = Math.max(at.right, at.narrow ? room - 2 : 0) + 2;
  return svg("svg", {
    class: drawn(lanes), width: wide, height: height + 2, viewBox: `-1 -1 ${wide} ${height + 2}`, role: "group",
    "aria-label": `${view.headline}: ${view.situation}`, "font-family": SANS,
  }, signs(), ...parts);
}

// What the legend asks for, and nothing in the picture says by itself.
const drawn = (lanes) => ["dg", ...new Set(lanes.map((lane) => lane.state)), lanes.some((lane) => (lane.count ?? lane.members) > 1) ? "folded" : ""].join(" ").trimEnd();

const signs = () => document.getElementById("signs").content.querySelector("defs").cloneNode(true);

// Nothing is down and every entry point answers all: ticks say so, and no share is written.
function isCalm(plan, view) {
  const entries = view.lanes.filter((lane) => lane.entry).map((lane) => lane.entry);
  return !view.fails && entries.length > 0 && entries.every((entry) => entry.ends === "answered");
}

function client(its, placed, top, bottom) {
  const reached = placed.filter((it) => it.lane.entry);
  const end = reached.length ? Math.max(...reached.map((it) => it.top + it.height)) : bottom;
  const middle = (top + end) / 2;
  const words = wrapped([its.view.client.replaceAll("\u00a0", " ")], 76);
  return svg("g", { class: "client" }, rect(0, top, 84, end - top, 12, "box"),
    end - top >= 140 ? sign("person", 30, middle - 46, 24) : null,
    text(42, middle + 4, "External", "text", { size: 14, bold: true, anchor: "middle" }),
    text(42, middle + 22, "clients", "text", { size: 14, bold: true, anchor: "middle" }),
    ...words.map((word, i) => text(42, middle + 40 + 18 * i, cut(word, 78, 12), "text-quiet", { anchor: "middle" })));
}

function header(its) {
  const { at, view } = its;
  const centre = at.bar + at.barWidth / 2;
  const wide = at.narrow ? at.right : Math.min(640, 2 * Math.min(centre, at.right - centre));
  const left = at.narrow ? 0 : centre - wide / 2;
  const middle = left + wide / 2;
  const refused = !view.accepted;
  return svg("g", { class: "service" }, hover(view.service), rect(left, 0, wide, 60, 12, "plate"),
    rect(left, 0, wide, 60, 12, refused ? "box-refused" : "bar", refused ? { "stroke-dasharray": "2 3" } : {}),
    text(middle, 26, cut(view.service, wide - 24, 16, { bold: true }), "text", { size: 16, bold: true, anchor: "middle" }),
    text(middle, 46, cut(view.head, wide - 24, 12), refused ? "text-bad" : "text-quiet", { anchor: "middle" }),
    at.narrow ? text(0, 77, `External clients: ${view.client}`, "text-quiet") : null);
}

function hover(words) {
  const made = svg("title");
  made.textContent = words;
  return made;
}

// --- zones and lanes -------------------------------------------------------------------------------------------------

const zoneGround = ({ at }, zone) => rect(at.band, zone.top, at.right - at.band, zone.bottom - zone.top, 12, "zone");

function zoneTitle({ plan, at }, zone) {
  const x = at.band + 16;
  const name = zone.zone === null ? "no zone" : `zone ${zone.zone}`;
  const nodes = counted(plan.words.counts.nodes, zone.count);
  const parts = [text(x, zone.top + 20, name, "text", { bold: true }), text(x + widthOf(name, 12, { bold: true }) + 8, zone.top + 20, nodes, "text-quiet")];
  if (zone.down) parts.push(text(at.right - 40, zone.top + 20, plan.words.nodeWords.down, "text-bad", { bold: true, anchor: "end" }));
  if (zone.zone === null) return svg("g", {}, ...parts);
  parts.unshift(rect(at.band, zone.top, at.right - at.band, 28, 8, "hit"));
  parts.push(sign(zone.down ? "down" : "power", at.right - 34, zone.top + 8, 14));
  const words = [name, nodes, zone.down ? plan.words.nodeWords.down : ""].filter(Boolean).join(", ");
  return press(parts, { label: spoken(plan, words, zone.down), does: `zone/${zone.zone}`, pressed: zone.down });
}

const spoken = (plan, words, down) => fill(down ? plan.words.says.back : plan.words.says.take, { words });

function laneGround({ at }, { lane, top, height }) {
  const [x, width] = [at.lane, at.right - at.inset - at.lane];
  const dashes = lane.assumed && lane.sort !== "pending" ? { "stroke-dasharray": "4 4" } : {};
  if (lane.state === "down") return rect(x, top, width, height, 8, "lane-down", { fill: "url(#hatch)", ...dashes });
  const ground = rect(x, top, width, height, 8, lane.assumed ? "lane-assumed" : "lane", dashes);
  const parts = [ground];
  if (TAPED.includes(lane.state)) parts.push(rect(x + 8, top, width - 16, 6, 0, "", { fill: "url(#tape)" }));
  if (lane.state === "partitioned") parts.push(rect(x + 3, top + 3, width - 6, height - 6, 6, "rail", { fill: "none", "stroke-width": 2, "stroke-dasharray": "14 5 2 5" }));
  if (lane.state === "not-ready") parts.push(rect(x, top, width, height, 8, "", { fill: "url(#dots)" }));
  return svg("g", {}, ...parts);
}

function drawLane(its, { lane, top, height, first, middle }) {
  const { at, plan, view } = its;
  const halo = lane.state === "down";
  const name = LANE_SIGNS[lane.state] || (lane.assumed ? (lane.sort === "pending" ? "pending" : "assumed") : lane.node ? "power" : "");
  const room = (at.narrow ? at.right - at.inset : at.bar - GAP) - at.lane - 16;
  const parts = title(its, lane, top, name, room);
  const label = [lane.title, lane.code, lane.word, counted(plan.words.counts.pods, lane.pods.reduce((sum, pod) => sum + pod.count, 0)),
    lane.entry ? lane.entry.words : "", lane.entry ? fill(plan.words.says.share, { share: percent(lane.entry.share) }) : ""].filter(Boolean).join(", ");
  const hit = rect(at.lane, top, at.right - at.inset - at.lane, height, 8, "hit");
  const head = lane.node
    ? press([hit, ...parts], { label: spoken(plan, label, lane.state === "down"), does: `node/${lane.node}`, pressed: view.downWords.has(`node/${lane.node}`), kind: "lane-head" })
    : lane.unfold
      ? press([hit, ...parts, text(at.right - at.inset - 36, top + 22, "Unfold", "text-accent", { size: 14, anchor: "end" }), sign("unfold", at.right - at.inset - 30, top + 9)], { label: `${label}. Unfold`, does: `unfold ${lane.unfold}` })
      : svg("g", { role: "group", "aria-label": label }, ...parts);
  const pods = lane.pods.map((pod, i) => drawPod(its, pod, first + i * (BOX + GAP), lane));
  const notes = lane.pods.length ? [] : wrapped(lane.note, at.podWidth).map((line, i, all) => text(at.pods, middle + 13 - 8 * all.length + 17 * i, line, "text-quiet", { halo }));
  return svg("g", { class: "node" }, head, ...entry(its, lane, middle, halo), ...pods, ...notes);
}

function title(its, lane, top, name, room) {
  const x = its.at.lane + 16;
  const left = x + (name ? 22 : 0);
  const rest = [[its.at.narrow ? "" : lane.code, { mono: true }, "text-quiet"], [lane.assumed && lane.sort === "node" ? its.plan.words.told.assumed : "", {}, "text-quiet"], [lane.quiet, {}, "text-quiet"], [lane.word, { bold: true }, lane.word && lane.state === "down" ? "text-bad" : "text-quiet"]].filter(([words]) => words);
  const measured = () => rest.reduce((sum, [words, style]) => sum + widthOf(words, 12, style) + 10, 0);
  // The state is what one must see, so it goes last.
  while (rest.length > 1 && widthOf(lane.title, 14, { bold: true }) + measured() > room - 22) rest.shift();
  const shown = cut(lane.title, room - 22 - measured(), 14, { bold: true });
  const made = [hover(lane.title), text(left, top + 23, shown, "text", { size: 14, bold: true })];
  let end = left + widthOf(shown, 14, { bold: true });
  for (const [words, style, paint] of rest) {
    made.push(text(end + 10, top + 23, words, paint, style));
    end += 10 + widthOf(words, 12, style);
  }
  if (name) made.unshift(sign(name, x, top + 10));
  if (lane.state === "down") made.unshift(rect(x - 8, top + 6, end - x + 16, 24, 6, "plate"));
  return made;
}

// --- entry points ----------------------------------------------------------------------------------------------------

function entry(its, lane, middle, halo) {
  const { at, plan, view, calm } = its;
  const box = lane.entry;
  if (!box) return [];
  const [x, y] = [at.entry, middle - BOX / 2];
  const room = at.entryWidth - 24;
  const tone = calm && box.tone === "ok" ? "quiet" : box.tone;
  const dashes = { bad: "4 3", refused: "2 3" }[tone];
  const parts = [hover(`${box.name}${box.port}. ${box.reason}`), rect(x, y, at.entryWidth, BOX, 8, `box-${tone}`, { "stroke-dasharray": dashes })];
  if (lane.count > 1) parts.unshift(rect(x + 6, y - 4, at.entryWidth - 12, BOX, 8, `box-${tone}`));
  if (box.changed) parts.push(mark(x, y));
  // On a phone the sign stands for the word; its name and the table have it.
  const words = at.narrow ? percent(box.answered) : box.words;
  const style = { size: 13, bold: true, mono: Boolean(box.port) };
  const port = box.port ? widthOf(box.port, 13, style) : 0;
  const name = at.narrow && box.port ? box.port : cut(box.name, room - port, 13, style) + box.port;
  if (calm && box.tone === "ok") parts.push(sign("ok", x + at.entryWidth - 26, middle - 7, 14), text(x + 12, y + 28, cut(name, room - 18, 13, style), "text", style));
  else parts.push(sign(box.tone, x + 12, y + 26, 14), text(x + 12, y + 19, name, "text", style), text(x + 30, y + 37.5, ended(words, room - 18, 12), TEXTS[box.tone] || "text-quiet"));
  const chosen = view.via === `node/${lane.node}`;
  const label = `${box.name}${box.port}, ${box.words}. Connect via ${chosen ? "DNS" : "this node IP"}`;
  const made = lane.node ? press(parts, { label, does: chosen ? "via dns" : `via node/${lane.node}`, pressed: chosen }) : svg("g", {}, ...parts);
  return [...arriving(its, box, middle, halo), made];
}

function arriving({ at, calm }, box, y, halo) {
  const from = at.narrow ? at.lane : at.client;
  const label = (at.lane + at.entry) / 2 - 4;
  if (box.share <= 0) {
    return box.target ? [] : [text(label, y + 4, "not used", "text-quiet", { anchor: "middle", halo, size: at.narrow ? 11 : 12 })];
  }
  const kind = { timeout: "lost", refused: "refused", dropped: "doomed" }[box.result] || "ok";
  const word = { lost: "lost", refused: "refused", doomed: "dropped" }[kind];
  const made = edge({ x1: from, x2: at.entry, y, width: edgeWidth(box.share), kind });
  const paint = kind === "ok" ? "text" : "text-bad";
  if (!calm) made.push(text(label, y - (kind === "ok" ? 10 : 12), percent(box.share), paint, { size: at.narrow ? 12 : 14, bold: true, anchor: "middle", halo }));
  if (kind !== "ok") made.push(text(label, y + 22, word, paint, { anchor: "middle", halo }));
  if (box.passes) made.push(...edge({ x1: at.entry + at.entryWidth, x2: at.bar, y, width: edgeWidth(box.share), kind: "ok", centre: at.bar + at.barWidth / 2 }));
  if (box.result === "dropped") made.push(...edge({ x1: at.entry + at.entryWidth, x2: at.bar + at.barWidth / 2, y, width: edgeWidth(box.share), kind: "dropped" }));
  return made;
}

function edge({ x1, x2, y, width, kind, centre }) {
  if (kind === "ok") {
    const half = width / 2 + 3;
    const back = x2 - half - 3.5;
    const on = centre === undefined ? "" : `M${x2} ${y}H${centre}`;
    return [svg("path", { d: `M${x1} ${y}H${back + 1}${on}`, fill: "none", "stroke-width": width, class: "edge-ok" }),
      svg("path", { d: `M${back} ${y - half}L${x2} ${y}L${back} ${y + half}z`, class: "arrow" })];
  }
  // What policy Local drops ends at a stroke in the service's bar.
  if (kind === "doomed" || kind === "dropped") {
    const line = svg("path", { d: `M${x1} ${y}H${x2}`, fill: "none", "stroke-width": Math.min(width, 3.5), "stroke-dasharray": "7 5", class: "edge-lost dropped" });
    return [line, kind === "dropped" ? svg("path", { d: `M${x2} ${y - 8}V${y + 8}`, fill: "none", "stroke-width": 4, class: "edge-lost dropped" }) : null];
  }
  const ring = x2 - 10;
  return [svg("path", { d: `M${x1} ${y}H${ring - 8}`, fill: "none", "stroke-width": Math.min(width, 3.5), "stroke-dasharray": kind === "lost" ? "7 5" : "2 3", class: `edge-${kind}` }),
    svg("circle", { cx: ring, cy: y, r: 8, class: "ring" }), sign(kind === "lost" ? "bad" : "refused", ring - 8, y - 8)];
}

const mark = (x, y) => svg("path", { d: `M${x} ${y + 14}v-6a8 8 0 0 1 8-8h6z`, class: "mark" });
