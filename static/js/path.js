// Paths through the diagram: hover or focus lights the whole path of an entry point, a pod, the service or an edge, the
// arrow keys follow the traffic, and what a box holds in full is shown beside the one in focus. After a click the boxes
// glide to where they are now. The drawing says who belongs together by data-pool and data-of.

const ACROSS = { ArrowRight: 1, ArrowLeft: -1 };
const ALONG = { ArrowDown: 1, ArrowUp: -1 };
const SVG = "http://www.w3.org/2000/svg";
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let before = new Map();

const drawing = () => document.querySelector("#canvas > svg");
const all = (selector) => [...(drawing()?.querySelectorAll(selector) ?? [])];
const edges = (box) => all(`.edges[data-of="${CSS.escape(box.id)}"]`);

// --- which boxes lie on one path

function boxOf(target) {
  const found = target?.closest?.(".dg :is(.entry, .pod, .service, .client, .edges, .bar, a)");
  if (!found || found.closest("svg") !== drawing()) return null;
  if (found.matches(".bar")) return drawing().querySelector("#service");
  if (found.matches(".edges")) return document.getElementById(found.dataset.of);
  return found.matches("a:not(.entry, .pod, .service)") ? found.closest(".node")?.querySelector(".entry") : found;
}

function onPath(box) {
  if (box.matches(".client")) return all(".entry");
  if (box.matches(".service")) return all(":is(.entry, .pod)[data-pool]");
  const other = box.matches(".pod") ? ".entry" : ".pod";
  const pool = box.dataset.pool;
  return [box, ...(pool ? all(other).filter((its) => its.dataset.pool === pool) : [])];
}

// --- light

function level(edge) {
  return Number(/^M\S+ (\S+)H/.exec(edge.querySelector("path")?.getAttribute("d") ?? "")?.[1] ?? NaN);
}

function light(box) {
  dim();
  if (!box || drawing().matches(".whole")) return; // on the map of the cluster nothing says who belongs together
  const lit = onPath(box);
  const lines = lit.flatMap(edges);
  for (const its of [...lit, ...lines]) its.classList.add("lit");
  const pooled = lit.filter((its) => its.dataset.pool);
  lightTrunk(pooled.flatMap(edges).map(level).filter((y) => !Number.isNaN(y)));
  drawing().classList.add("lighting");
}

function lightTrunk(levels) {
  if (!levels.length) return;
  const [top, bottom] = [Math.min(...levels), Math.max(...levels)];
  for (const ring of all(".trunk circle")) {
    ring.classList.toggle("lit", levels.includes(Number(ring.getAttribute("cy"))));
  }
  for (const trunk of all(".trunk > path")) {
    const [, x, from, to] = /^M(\S+) (\S+)V(\S+)/.exec(trunk.getAttribute("d"));
    const stretch = [Math.max(top, from), Math.min(bottom, to)];
    if (stretch[0] >= stretch[1]) continue;
    const lit = document.createElementNS(SVG, "path");
    for (const { name, value } of trunk.attributes) lit.setAttribute(name, value);
    lit.setAttribute("d", `M${x} ${stretch[0]}V${stretch[1]}`);
    lit.classList.add("lit", "stretch");
    trunk.after(lit);
  }
}

function dim() {
  drawing()?.classList.remove("lighting");
  for (const its of all(".stretch")) its.remove();
  for (const its of all(".lit")) its.classList.remove("lit");
}

function lightFocus() {
  light(boxOf(document.activeElement?.closest?.("#diagram *:focus-visible")));
}

// --- what a box holds in full, beside the one in focus

function tell(target) {
  const tip = document.getElementById("tip");
  const stop = target?.closest?.("#diagram a, #diagram g[tabindex]");
  if (!tip) return;
  tip.hidden = !stop?.matches(":focus-visible");
  if (tip.hidden) return;
  // A lane says what its entry point does also.
  const titles = [...stop.querySelectorAll("title"), ...(boxOf(stop)?.querySelectorAll("title") ?? [])];
  tip.textContent = [...new Set(titles)].map((title) => title.textContent).join("\n");
  tip.hidden = !tip.textContent;
  const box = (boxOf(stop) ?? stop).getBoundingClientRect();
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.translate = `${Math.max(8, Math.min(box.left, room))}px ${box.bottom + 6}px`;
}

// --- the arrow keys

function columns() {
  return [all(".client"), all(':is(a[id^="a-"], a[id^="u-"])'), all(".service"), all(".pod:is(a)")].filter((its) => its.length);
}

function middle(element) {
  const box = (boxOf(element) ?? element).getBoundingClientRect();
  return box.top + box.height / 2;
}

function nearest(column, from) {
  const pool = boxOf(from)?.dataset.pool;
  const mine = pool ? column.filter((its) => boxOf(its)?.dataset.pool === pool) : [];
  const among = mine.length ? mine : column;
  return among.reduce((best, its) => (Math.abs(middle(its) - middle(from)) < Math.abs(middle(best) - middle(from)) ? its : best));
}

function next(from, key) {
  const stops = columns();
  const at = stops.findIndex((column) => column.includes(from));
  if (at < 0) return stops[0]?.[0];
  // Zones lie on no path: only up and down lead to them.
  const beside = stops[at + ACROSS[key]]?.filter((its) => !its.matches("g:not(.node) > a[id^=a-]"));
  if (ACROSS[key]) return beside?.length ? nearest(beside, from) : null;
  const column = stops[at];
  return column[column.indexOf(from) + ALONG[key]];
}

function walk(event) {
  if (drawing()?.matches(".whole")) return; // no boxes on the way: keys.js
  const from = event.target.closest?.("#diagram a:not(.actions > a), #diagram g[tabindex]");
  const canvas = event.target.id === "canvas" && event.key === "ArrowRight" && event.target;
  if (!from && !(canvas && canvas.scrollWidth <= canvas.clientWidth)) return;
  event.preventDefault();
  next(from, event.key)?.focus();
}

// --- gliding

function place(box) {
  const rect = box.querySelector("rect");
  return rect && { x: Number(rect.getAttribute("x")), y: Number(rect.getAttribute("y")) };
}

function remember() {
  before = new Map(all(":is(.node, .pod)[id]").map((box) => [box.id, place(box)]));
}

function glide() {
  if (calm.matches) return;
  for (const box of all(":is(.node, .pod)[id]")) {
    const was = before.get(box.id) ?? before.get(box.dataset.from);
    const now = place(box);
    if (!was || !now || (box.matches(".pod") && before.has(box.id))) continue; // a pod goes along with its node
    const [x, y] = [was.x - now.x, was.y - now.y];
    if (x || y) box.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], { duration: 220, easing: "ease-out" });
  }
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "mouse" && event.target.closest?.("#canvas")) light(boxOf(event.target));
});
document.addEventListener("pointerout", (event) => {
  if (event.target.closest?.("#canvas") && !event.relatedTarget?.closest?.("#canvas")) lightFocus();
});
document.addEventListener("focusin", (event) => {
  if (!drawing()) return;
  lightFocus();
  tell(event.target);
});
document.addEventListener("focusout", () => tell(null));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.key === "Escape") tell(null); // as WCAG 1.4.13 asks
  else if (ACROSS[event.key] || ALONG[event.key]) walk(event);
});
document.addEventListener("scroll", () => {
  if (!document.getElementById("tip")?.hidden) tell(document.activeElement);
}, { capture: true, passive: true });
document.addEventListener("htmx:before:swap", remember);
document.addEventListener("htmx:after:swap", () => {
  glide();
  lightFocus();
  tell(document.activeElement);
});
