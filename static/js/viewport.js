// The view of the diagram: a box that scrolls by itself (wheel, touch, keys) and, with this, is dragged and zoomed. The
// size of the picture stands in properties of the root, which no swap replaces, so a click never moves the view.

// Text of the diagram is 12 px or more, and should be read at 11: what then doesn’t fit is panned.
const LEGIBLE = 11 / 12;
const LEAST = 0.25;
const MOST = 2;
const FILLING = 1.25; // of a small picture in a large window
const STEP = 1.25;
const CLICK = 4; // px: a press that moves less is a click

const root = document.documentElement;
const stage = () => document.getElementById("stage");
const canvas = () => document.getElementById("canvas");
const drawing = () => canvas()?.querySelector(":scope > svg") ?? null;
let scale = 1;
let view = { scale: null, x: 0, y: 0 }; // no scale: fitting
let subject = "";

// What lies over the picture follows the view by this.
const overlay = () => document.dispatchEvent(new Event("nodefall:view"));

function size(svg) {
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  return { width, height };
}

function resize(svg, to) {
  const { width, height } = size(svg);
  scale = to;
  root.style.setProperty("--picture-width", `${width * to}px`);
  root.style.setProperty("--picture-height", `${height * to}px`);
}

function fitting(box, svg) {
  // What the box offers shows only while nothing is in it.
  root.style.setProperty("--picture-height", "0px");
  const { paddingLeft, paddingTop, maxHeight } = getComputedStyle(box);
  const room = (its) => parseFloat(its) || 0;
  const width = box.clientWidth - 2 * room(paddingLeft);
  const least = box.clientHeight - 2 * room(paddingTop);
  const height = least > 0 ? least : room(maxHeight) - 2 * room(paddingTop) || Infinity;
  const whole = Math.min(width / size(svg).width, height / size(svg).height);
  return Math.max(LEGIBLE, Math.min(whole, stage() ? FILLING : 1));
}

// The box changes with the window, the panel and full screen, which asks for another fit; and with what stands above
// after a click, which moves nothing.
let fitted = "";
const room = () => `${canvas()?.clientWidth} ${innerHeight}`;
const rooms = new ResizeObserver(() => (room() === fitted ? overlay() : place()));

// How large the picture is drawn after a click, which may have made it wider than the box.
function kept(box, svg) {
  const { paddingLeft } = getComputedStyle(box);
  const fits = size(svg).width * scale <= box.clientWidth - 2 * parseFloat(paddingLeft) + 1;
  return fits ? scale : Math.min(scale, fitting(box, svg));
}

// --- the view is kept, for each service, while the tab is open

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(subject)) ?? { scale: null, x: 0, y: 0 };
  } catch {
    return { scale: null, x: 0, y: 0 };
  }
}

function keep() {
  try {
    sessionStorage.setItem(subject, JSON.stringify(view));
  } catch {
    // Storage may be refused or full: the view is then kept until the page is left.
  }
}

function place({ keeps = false } = {}) {
  const [box, svg] = [canvas(), drawing()];
  if (!svg || !box.clientWidth) return;
  const about = `view ${location.pathname} ${box.getAttribute("aria-label")}`;
  const again = about === subject;
  if (!again) {
    subject = about;
    view = stored();
  }
  rooms.observe(box);
  resize(svg, view.scale ?? (keeps && again ? kept : fitting)(box, svg));
  fitted = room();
  box.scrollTo(view.x, view.y);
  overlay();
}

// --- zooming

function zoomTo(wanted, point) {
  const [box, svg] = [canvas(), drawing()];
  if (!svg) return;
  const middle = box.getBoundingClientRect();
  const at = point ?? { clientX: middle.left + middle.width / 2, clientY: middle.top + middle.height / 2 };
  const before = svg.getBoundingClientRect();
  view.scale = Math.min(MOST, Math.max(LEAST, wanted));
  const ratio = view.scale / scale;
  resize(svg, view.scale);
  const after = svg.getBoundingClientRect();
  box.scrollBy({
    left: after.left + (at.clientX - before.left) * ratio - at.clientX,
    top: after.top + (at.clientY - before.top) * ratio - at.clientY,
    behavior: "instant",
  });
  remember();
  overlay();
}

const zooms = {
  in: () => zoomTo(scale * STEP),
  out: () => zoomTo(scale / STEP),
  full: () => zoomTo(1),
  fit() {
    view = { scale: null, x: 0, y: 0 };
    keep();
    place();
  },
  screen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen?.();
  },
};

function remember() {
  view.x = canvas().scrollLeft;
  view.y = canvas().scrollTop;
  keep();
}

document.addEventListener("click", (event) => {
  zooms[event.target.closest?.("[data-zoom]")?.dataset.zoom]?.();
});

document.addEventListener("wheel", (event) => {
  if (!(event.ctrlKey || event.metaKey) || !event.target.closest?.("#canvas")) return;
  event.preventDefault();
  // A notch of a wheel is 100 and more, the step of a pinched touchpad a few.
  zoomTo(scale * Math.exp(-Math.max(-22, Math.min(22, event.deltaY)) / 100), event);
}, { passive: false });

// --- dragging; a finger scrolls the box as it would any other, and two zoom

let press = null;
let pinch = null;

document.addEventListener("pointerdown", (event) => {
  press = null;
  if (event.pointerType !== "mouse" || event.button || !event.target.closest?.("#canvas")) return;
  press = { x: event.clientX, y: event.clientY, left: canvas().scrollLeft, top: canvas().scrollTop, moved: false };
});

document.addEventListener("pointermove", (event) => {
  if (!press || !(event.buttons & 1) || root.classList.contains("holding")) return;
  const [across, down] = [event.clientX - press.x, event.clientY - press.y];
  if (!press.moved && Math.hypot(across, down) < CLICK) return;
  press.moved = true;
  root.classList.add("panning");
  canvas()?.scrollTo({ left: press.left - across, top: press.top - down, behavior: "instant" });
});

for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => root.classList.remove("panning"));

document.addEventListener("click", (event) => {
  if (!press?.moved) return;
  press = null;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

// Pods are dragged from node to node: that script comes with the first pointer at one.
for (const comes of ["pointerover", "touchstart"]) {
  document.addEventListener(comes, (event) => {
    if (event.target.closest?.("#stage .pod")) import(stage().dataset.drag);
  }, { passive: true });
}

document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("#canvas")) event.preventDefault();
});

const between = ([one, other]) => ({
  clientX: (one.clientX + other.clientX) / 2,
  clientY: (one.clientY + other.clientY) / 2,
  apart: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
});

document.addEventListener("touchstart", (event) => {
  if (event.touches.length === 2 && event.target.closest?.("#canvas")) pinch = { from: scale, ...between(event.touches) };
});

document.addEventListener("touchmove", (event) => {
  if (!pinch || event.touches.length !== 2) return;
  event.preventDefault();
  const now = between(event.touches);
  canvas().scrollBy(pinch.clientX - now.clientX, pinch.clientY - now.clientY);
  zoomTo((pinch.from * now.apart) / pinch.apart, now);
  pinch = { ...pinch, clientX: now.clientX, clientY: now.clientY };
}, { passive: false });

document.addEventListener("touchend", () => {
  pinch = null;
});

// --- what moves the view

let drawn = new Set();

function words() {
  const state = new URL(document.getElementById("page")?.dataset.state ?? "", location.href).searchParams;
  return new Set([...state.getAll("down"), ...state.getAll("drain")]);
}

/** Bring the first lane that was just taken down into view if none of them is. */
function reveal(fresh) {
  const box = canvas()?.getBoundingClientRect();
  const lanes = fresh.flatMap((word) => [...(drawing()?.querySelectorAll(`[data-takes="${CSS.escape(word)}"]`) ?? [])]);
  const places = lanes.map((lane) => lane.getBoundingClientRect());
  const [first] = places;
  if (!first || places.some((its) => its.top < box.bottom && its.bottom > box.top && its.left < box.right && its.right > box.left)) return;
  canvas().scrollBy(0, first.top + first.height / 2 - box.top - box.height / 2);
}

document.addEventListener("scroll", (event) => {
  if (event.target.id !== "canvas") return;
  remember();
  overlay();
}, { capture: true, passive: true });

document.addEventListener("htmx:after:swap", () => {
  place({ keeps: true });
  const now = words();
  reveal([...now].filter((word) => !drawn.has(word)));
  drawn = now;
});

drawn = words();
place();
