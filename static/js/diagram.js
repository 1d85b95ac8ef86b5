// Zoom for the diagram. Its size is set by width and height attributes, so nothing is blurred and the box scrolls by
// itself; the state is kept over morphs, which bring the attributes of a new drawing.

// Text of the diagram is 12 px or more, and should be read at 11: what then doesn’t fit is scrolled.
const LEGIBLE = 11 / 12;
const LEAST = 0.25;
const MOST = 4;
let zoom = null; // null: as drawn, or smaller where the page is narrower

function drawing() {
  return document.querySelector("#canvas > svg");
}

function size(svg) {
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  return { width, height };
}

function fitting(svg) {
  return Math.min(1, svg.parentElement.clientWidth / size(svg).width);
}

function apply() {
  const svg = drawing();
  if (!svg || !svg.parentElement.clientWidth) return;
  const scale = zoom ?? Math.max(fitting(svg), LEGIBLE);
  const { width, height } = size(svg);
  svg.setAttribute("width", width * scale);
  svg.setAttribute("height", height * scale);
}

function zoomBy(factor, point) {
  const svg = drawing();
  if (!svg) return;
  const canvas = svg.parentElement;
  const before = svg.clientWidth || size(svg).width;
  const rect = canvas.getBoundingClientRect();
  const x = point ? point.clientX - rect.left : rect.width / 2;
  const y = point ? point.clientY - rect.top : rect.height / 2;
  const at = { x: canvas.scrollLeft + x, y: canvas.scrollTop + y };
  zoom = Math.min(MOST, Math.max(LEAST, (before / size(svg).width) * factor));
  apply();
  const grown = (size(svg).width * zoom) / before;
  canvas.scrollTo(at.x * grown - x, at.y * grown - y);
}

function fit() {
  const svg = drawing();
  if (svg) zoom = Math.max(LEAST, Math.min(MOST, svg.parentElement.clientWidth / size(svg).width));
  apply();
}

document.addEventListener("click", (event) => {
  const how = event.target.closest("[data-zoom]")?.dataset.zoom;
  if (how === "in") zoomBy(1.25);
  else if (how === "out") zoomBy(0.8);
  else if (how === "fit") fit();
});

document.addEventListener("wheel", (event) => {
  if (!event.ctrlKey || !event.target.closest?.("#canvas")) return;
  event.preventDefault();
  zoomBy(event.deltaY < 0 ? 1.1 : 1 / 1.1, event);
}, { passive: false });

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("#canvas") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "+" || event.key === "=") zoomBy(1.25);
  else if (event.key === "-") zoomBy(0.8);
  else if (event.key === "0") fit();
});

document.addEventListener("htmx:after:swap", apply);
addEventListener("resize", apply);
apply();
