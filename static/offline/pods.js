// Draws pods and the service's bar, along which the traffic goes from lane to lane.

function drawPod(its, pod, y, lane) {
  const { at, plan, calm } = its;
  const x = at.pods;
  const middle = y + BOX / 2;
  const ticked = calm && pod.tone === "ok";
  const paint = `box-${pod.shape === "terminating" && pod.tone === "ok" ? "warn" : ticked ? "quiet" : pod.tone}`;
  const words = ticked ? "" : pod.words;
  const below = at.narrow && words;
  const wide = below ? 0 : widthOf(words, 14) + (words ? GAP : 0);
  const room = at.podWidth - 24 - 24 - wide;
  const parts = [hover([pod.name, pod.detail, pod.reason].filter(Boolean).join(". "))];
  if (pod.count > 1) parts.push(outline(pod, x + 6, y - 4, at.podWidth - 12, paint, false));
  parts.push(outline(pod, x, y, at.podWidth, paint, pod.count === 1));
  if (pod.changed) parts.push(mark(x, y));
  const style = { size: pod.count > 1 ? 14 : 13, bold: true, mono: pod.count === 1 };
  parts.push(text(x + 12, y + 19, cut(pod.name, room, style.size, style), "text", style));
  const detail = below || pod.detail;
  parts.push(text(x + 12, y + 37.5, cut(detail, room, 12, { mono: !below }), below ? TEXTS[pod.tone] || "text-quiet" : "text-quiet", { mono: !below }));
  const divided = pod.shape === "not-ready" ? 6 : 0;
  if (words && !below) parts.push(text(x + at.podWidth - 36 - divided, y + 28, words, TEXTS[pod.tone] || "text-quiet", { size: 14, anchor: "end" }));
  parts.push(sign(POD_SIGNS[pod.shape] || pod.tone, x + at.podWidth - 28, middle - 8));
  const made = [];
  if (pod.picked && pod.share > 0) made.push(...toPod(its, pod, middle, lane.state === "down"));
  if (!pod.takes) return svg("g", { class: "pod" }, ...made, svg("g", { role: "group", "aria-label": podLabel(plan, pod, lane) }, ...parts));
  const label = spoken(plan, podLabel(plan, pod, lane), pod.down);
  return svg("g", { class: "pod" }, ...made, press(parts, { label, does: pod.takes, pressed: pod.down }));
}

function podLabel(plan, pod, lane) {
  const on = lane.sort === "node" || lane.sort === "folded" ? `on ${lane.title}` : "";
  return [pod.name, pod.detail, pod.words, on, pod.picked ? fill(plan.words.says.share, { share: percent(pod.share) }) : ""].filter(Boolean).join(", ");
}

function outline(pod, x, y, width, paint, whole) {
  let dashes = pod.assumed ? "4 4" : { dead: "4 3", pending: "1 4" }[pod.shape];
  if (pod.badge === "cut-off" && !dashes) dashes = "14 5 2 5";
  const parts = [];
  if (pod.shape === "terminating") {
    const [left, right, bottom] = [x + 6, x + width - 9, y + BOX];
    const corners = `a6 6 0 0 1-6-6V${y + 6}a6 6 0 0 1 6-6z`;
    parts.push(svg("path", { d: `M${left} ${y}H${right}L${x + width} ${y + BOX / 2}L${right} ${bottom}H${left}${corners}`, "stroke-width": 1.5, class: paint }));
  } else parts.push(rect(x, y, width, BOX, 6, paint, { "stroke-dasharray": dashes }));
  if (pod.shape === "not-ready") parts.push(svg("path", { d: `M${x + width - 36} ${y}V${y + BOX}`, fill: "none", "stroke-width": 1, class: "rail" }));
  if (whole && pod.badge) parts.push(badge(pod, x + width - 2, y + 1));
  return svg("g", {}, ...parts);
}

// What befell a pod, at the corner of its box.
const badge = (pod, x, y) => svg("g", { class: "badge" }, svg("circle", { cx: x, cy: y, r: 8.5, class: "box" }), sign(BADGES[pod.badge], x - 5.5, y - 5.5, 11));

function toPod({ at, calm }, pod, y, halo) {
  const from = at.bar + at.barWidth / 2;
  const made = edge({ x1: from, x2: at.pods, y, width: edgeWidth(pod.share), kind: pod.lost ? "lost" : "ok" });
  const label = (at.bar + at.barWidth + at.pods) / 2 - 4;
  if (!calm) made.push(text(label, y - 10, percent(pod.share), pod.lost ? "text-bad" : "text", { size: at.narrow ? 12 : 14, bold: true, anchor: "middle", halo }));
  return made;
}

// --- the bar ---------------------------------------------------------------------------------------------------------

// The pieces of the bar, cut where traffic never goes from one lane to the next.
function pieces({ view }, placed) {
  const lanes = placed.filter((it) => it.lane.sort !== "pending");
  if (!view.accepted || !lanes.length) return [];
  if (view.local) return lanes.map((lane) => [lane]);
  const pools = [];
  for (const { lane } of lanes) {
    const pool = (lane.entry && lane.entry.pool) || (lane.pods.find((pod) => pod.pool) || {}).pool;
    pools.push(pool || pools[pools.length - 1] || "");
  }
  const first = pools.find(Boolean) || "";
  const runs = [];
  lanes.forEach((lane, i) => {
    const pool = pools[i] || first;
    const last = runs[runs.length - 1];
    if (last && last.pool === pool) last.lanes.push(lane);
    else runs.push({ pool, lanes: [lane] });
  });
  // A pool on both sides of another needs the bar that leads through the other: better whole than a wrong cut.
  return new Set(runs.map((run) => run.pool)).size === runs.length ? runs.map((run) => run.lanes) : [lanes];
}

function bars(its, placed, bottom) {
  const { at, view } = its;
  const found = pieces(its, placed);
  return found.map((lanes, i) => {
    const last = lanes[lanes.length - 1];
    if (view.local) return rect(at.bar, lanes[0].top + GAP, at.barWidth, last.height - 2 * GAP, 8, "bar");
    const top = i === 0 && !at.narrow ? 52 : lanes[0].top;
    const end = i === found.length - 1 && last === placed[placed.length - 1] ? bottom - GAP : last.top + last.height;
    return rect(at.bar, top, at.barWidth, end - top, 8, "bar");
  });
}

function trunks(its, placed) {
  const centre = its.at.bar + its.at.barWidth / 2;
  return pieces(its, placed).map((lanes) => {
    const levels = [];
    const edges = [];
    const touched = new Set();
    for (const { lane, middle, first } of lanes) {
      if (lane.entry && lane.entry.passes && lane.entry.share > 0) {
        levels.push(middle);
        touched.add(lane);
      }
      lane.pods.forEach((pod, i) => {
        if (!pod.picked || pod.share <= 0) return;
        levels.push(first + i * (BOX + GAP) + BOX / 2);
        edges.push(pod);
        touched.add(lane);
      });
    }
    if (!levels.length) return null;
    const lost = edges.length > 0 && edges.every((pod) => pod.lost);
    const [high, low] = [Math.min(...levels), Math.max(...levels)];
    const line = { fill: "none", "stroke-width": lost ? 3.5 : 6, class: `edge-${lost ? "lost" : "ok"}`, ...(lost ? { "stroke-dasharray": "7 5" } : { "stroke-linecap": "round" }) };
    return svg("g", { class: touched.size > 1 ? "trunk crosses" : "trunk", "aria-hidden": true }, high < low ? svg("path", { d: `M${centre} ${high}V${low}`, ...line }) : null,
      ...[...new Set(levels)].map((y) => svg("circle", { cx: centre, cy: y, r: 5, "stroke-width": 2, class: lost ? "junction-lost" : "junction" })));
  });
}
