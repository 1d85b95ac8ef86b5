// The canvas by keyboard. One stop of Tab, which arrows move among lanes, bars, zones and pods; Enter does what a click
// does. Single letters work only while the focus is in the canvas, as WCAG 2.1.4 asks. All that they do are links and
// buttons of the page.

const canvas = () => document.getElementById("canvas");
const drawing = () => canvas()?.querySelector(":scope > svg") ?? null;
const STOP = "a:is([id], .pod)"; // not what a lane offers, nor the strokes of its nodes
const stops = () => [...(drawing()?.querySelectorAll(STOP) ?? [])];
const press = (link) => link?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
let current = null; // the stop

// --- one stop of Tab

function rove() {
  const all = stops();
  const stop = all.find((its) => its === current || (its.id && its.id === current?.id)) ?? all.find((its) => !its.matches(".service"));
  for (const its of all) its.setAttribute("tabindex", its === stop ? "0" : "-1");
}

document.addEventListener("focusin", (event) => {
  if (event.target === current || !event.target.matches?.(`#canvas > svg ${STOP}`)) return;
  current = event.target;
  rove();
});

// --- arrows on the map of the cluster; on that of one service they follow the traffic (path.js)

const TOWARDS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

function place(stop) {
  const box = stop.getBoundingClientRect();
  // A lane or a bar is where its name stands, not in its middle.
  return [box.left + Math.min(box.width / 2, 48), box.top + Math.min(box.height / 2, 24)];
}

function nearest(from, [across, down]) {
  const [x, y] = place(from);
  let best = null;
  let least = Infinity;
  for (const stop of stops()) {
    const [right, below] = [place(stop)[0] - x, place(stop)[1] - y];
    const ahead = right * across + below * down;
    const aside = Math.abs(right * down) + Math.abs(below * across);
    if (stop === from || ahead < 4 || aside > 4 * ahead) continue;
    if (ahead + 2 * aside < least) [best, least] = [stop, ahead + 2 * aside];
  }
  return best;
}

function walk(event) {
  const from = event.target.closest("#canvas a");
  if (!from || !drawing().matches(".whole")) return;
  event.preventDefault();
  nearest(from, TOWARDS[event.key])?.focus();
}

// --- letters

const strip = (name) => [...document.querySelectorAll(`.strip.${name} a`)];
const at = (links) => links.findIndex((its) => its.matches("[aria-current]"));
const looked = () => document.activeElement.closest?.(".node") ?? drawing()?.querySelector(".node:hover");

function moment(step) {
  const links = strip("moments");
  press(links[at(links) + step]);
}

function accessPath() {
  const links = strip("access");
  press(links[(at(links) + 1) % links.length]);
}

function drain() {
  const [, second] = looked()?.querySelectorAll(".actions > a") ?? [];
  press(second);
}

const KEYS = {
  d: drain,
  z: () => press(looked()?.parentElement.closest("[data-takes]")?.querySelector(":scope > a")),
  c: accessPath,
  m: async () => (await import(document.getElementById("stage").dataset.drag)).choose(document.activeElement),
  " ": () => press(document.querySelector("[data-play]")),
  "[": () => moment(-1),
  "]": () => moment(1),
  "+": () => press(document.querySelector("[data-zoom=in]")),
  "=": () => press(document.querySelector("[data-zoom=in]")),
  "-": () => press(document.querySelector("[data-zoom=out]")),
  0: () => press(document.querySelector("[data-zoom=fit]")),
  f: () => press(document.querySelector("[data-zoom=screen]")),
  t: () => press(document.querySelector("[data-theme-button]")),
  "?": () => document.getElementById("keys").showModal(),
};

function letter(key) {
  if (/^[1-9]$/.test(key)) return () => press(drawing()?.querySelectorAll(".node > a:first-child")[key - 1]);
  const called = key.length === 1 ? key.toLowerCase() : key;
  const link = KEYS[called] ? null : document.querySelector(`[data-key~="${CSS.escape(called)}"]`);
  return link ? () => press(link) : KEYS[called];
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest?.("#stage")) return;
  if (TOWARDS[event.key]) walk(event);
  else {
    // Escape first closes what is open.
    if (event.key === " " && event.target.closest("button")) return; // presses it
    const open = event.key === "Escape" && (document.querySelector("details.menu[open]") || !document.getElementById("tip").hidden);
    const does = open ? null : letter(event.key);
    if (!does) return;
    event.preventDefault();
    does();
  }
}, { capture: true });

document.addEventListener("click", async (event) => {
  if (event.target.closest?.("[data-keys]")) document.getElementById("keys").showModal();
  const script = event.target.closest?.("[data-play]")?.dataset.play;
  if (script) (await import(script)).toggle();
});

// --- a long press shows what a lane offers, where there is no pointer to hover

let pressing = null;
let held = false;

document.addEventListener("touchstart", (event) => {
  const lane = event.target.closest?.("#canvas .node");
  for (const its of document.querySelectorAll(".node.pressed")) if (its !== lane) its.classList.remove("pressed");
  clearTimeout(pressing);
  held = false;
  if (!lane || event.touches.length > 1 || event.target.closest(".actions, .pod")) return;
  pressing = setTimeout(() => {
    held = true;
    lane.classList.add("pressed");
  }, 500);
}, { passive: true });

document.addEventListener("click", (event) => {
  if (!held) return;
  held = false;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

for (const end of ["touchend", "touchmove", "touchcancel"]) document.addEventListener(end, () => clearTimeout(pressing), { passive: true });

document.addEventListener("contextmenu", (event) => {
  if (event.pointerType === "touch" && event.target.closest?.("#canvas .node")) event.preventDefault();
});

// Another state may not have what was in focus, and letters work in the canvas alone.
let inside = false;

document.addEventListener("htmx:before:swap", () => {
  inside = Boolean(document.activeElement.closest("#stage"));
});

document.addEventListener("htmx:after:swap", () => {
  rove();
  if (inside && document.activeElement === document.body) (stops().find((its) => its.tabIndex === 0) ?? canvas())?.focus({ preventScroll: true });
});
rove();
