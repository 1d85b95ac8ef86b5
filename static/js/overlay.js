// What lies over the canvas: the zoom in per cent, the minimap, the service’s header while it is scrolled away, how many
// lanes are below. All of it follows the view; nothing of it moves the picture.

const ENOUGH = 0.8; // of the picture: seen so much of it, nobody needs a map of it
const MAP = { width: 136, height: 168 };
const GAP = 8; // between header and lanes

const root = document.documentElement;
const shown = (id) => document.getElementById(id);
const canvas = () => shown("canvas");
const drawing = () => document.querySelector("#stage > #canvas > svg");
let scale = 1;
let waiting = false;

function size(svg) {
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  return { width, height };
}

function follow() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const [box, svg] = [canvas(), drawing()];
    if (!svg || !box.clientWidth) return;
    const picture = svg.getBoundingClientRect();
    scale = picture.width / size(svg).width;
    // Left and top of what is seen, in the picture’s own units.
    const [x, y] = [box.getBoundingClientRect().left - picture.left, box.getBoundingClientRect().top - picture.top].map((its) => its / scale);
    const seen = { x, y, width: box.clientWidth / scale, height: box.clientHeight / scale };
    zoomed();
    minimap(svg, seen);
    pin(svg, seen);
    titles(svg, seen);
    below(box, svg);
  });
}

function zoomed() {
  // Small text is left out, not shrunk: the drawing says from which zoom on it shows.
  for (const percent of [50, 90]) root.classList.toggle(`under-${percent}`, scale < percent / 100);
  const percent = shown("zoom-percent");
  if (percent) percent.textContent = `${Math.round(scale * 100)}\u202f%`;
}

// --- the minimap

function minimap(svg, seen) {
  const { width, height } = size(svg);
  const part = (from, extent, most) => Math.max(0, Math.min(from + extent, most) - Math.max(from, 0));
  const [wide, high] = [part(seen.x, seen.width, width), part(seen.y, seen.height, height)];
  const map = shown("minimap");
  map.hidden = wide * high >= ENOUGH * width * height;
  root.classList.toggle("pannable", wide < width - 1 || high < height - 1);
  if (map.hidden) return;
  const to = Math.min(MAP.width / width, MAP.height / height);
  const small = map.querySelector("svg");
  small.setAttribute("width", width * to);
  small.setAttribute("height", height * to);
  small.setAttribute("viewBox", `0 0 ${width} ${height}`);
  small.querySelector("use").setAttribute("href", "#diagram");
  const frame = { x: Math.max(0, seen.x), y: Math.max(0, seen.y), width: wide, height: high };
  for (const [name, value] of Object.entries(frame)) small.querySelector("rect").setAttribute(name, value);
}

function moveTo(event) {
  const map = shown("minimap").querySelector("svg").getBoundingClientRect();
  const { width, height } = size(drawing());
  const box = canvas();
  box.scrollTo(
    ((event.clientX - map.left) / map.width) * width * scale - box.clientWidth / 2,
    ((event.clientY - map.top) / map.height) * height * scale - box.clientHeight / 2,
  );
}

document.addEventListener("pointerdown", (event) => {
  const map = event.target.closest?.("#minimap");
  if (!map) return;
  event.preventDefault();
  map.setPointerCapture(event.pointerId);
  moveTo(event);
});

document.addEventListener("pointermove", (event) => {
  if (shown("minimap")?.hasPointerCapture(event.pointerId)) moveTo(event);
});

// --- headers of services stay at the top

let stale = true; // the headers’ copies are of another drawing

function pin(svg, seen) {
  const [bar, height] = [shown("pinned"), Number(svg.querySelector(".client rect")?.getAttribute("y")) - GAP];
  const away = height > 2 * GAP && seen.y > GAP;
  bar.toggleAttribute("hidden", !away); // an SVG element has no property of that name
  if (!away) return;
  if (stale) {
    const tops = [...svg.children].filter((its) => !its.matches("defs, title, text, .ground, .trunk, .cells") && its.getBBox().y < height - 2);
    const copies = tops.map((header) => {
      const copy = header.cloneNode(true);
      copy.dataset.of = header.id;
      for (const its of [copy, ...copy.querySelectorAll("[id]")]) its.removeAttribute("id");
      copy.setAttribute("tabindex", "-1");
      return copy;
    });
    bar.replaceChildren(...copies);
    stale = false;
  }
  bar.setAttribute("viewBox", `${seen.x} -1 ${seen.width} ${height + 2}`);
  bar.setAttribute("width", seen.width * scale);
  bar.setAttribute("height", (height + 2) * scale);
}

document.addEventListener("click", (event) => {
  const copy = event.target.closest?.("#pinned a");
  if (!copy) return;
  event.preventDefault();
  document.getElementById(copy.dataset.of)?.dispatchEvent(new MouseEvent("click", event));
});

// --- titles of lanes stay on the left: that script comes with the first pan so far

let pinTitles = null;

async function titles(svg, seen) {
  const left = Number(svg.querySelector(".lane, .lane-down, .lane-assumed")?.getAttribute("x")) - GAP;
  if (!pinTitles && seen.x <= left) return;
  pinTitles ??= import(shown("stage").dataset.titles);
  const { pin } = await pinTitles;
  if (svg.isConnected) pin(svg, seen, scale);
}

// --- lanes below

function below(box, svg) {
  const bottom = box.getBoundingClientRect().bottom;
  const lanes = [...svg.querySelectorAll(".node")].filter((lane) => lane.getBoundingClientRect().top > bottom - GAP).length;
  const more = shown("more-below");
  more.hidden = !lanes;
  if (lanes) more.querySelector("span").textContent = `${lanes} more ${lanes === 1 ? "lane" : "lanes"} below`;
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#more-below")) canvas().scrollBy(0, canvas().clientHeight * 0.8);
});

document.addEventListener("nodefall:view", follow);
document.addEventListener("htmx:before:swap", () => {
  stale = true;
});
