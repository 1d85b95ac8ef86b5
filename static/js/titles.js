// While the picture is panned to the right, the titles of lanes and zones stay along the left edge of the canvas: copies,
// which do what their originals do. On the map of the cluster it is the whole left part of the lanes. Loaded when
// somebody first pans so far.

const PAD = { x: 8, y: 4 };
const SVG = "http://www.w3.org/2000/svg";
const originals = new WeakMap();
let column = null;
let area = null; // what is copied, in the picture’s units

const tree = (its) => [its, ...its.querySelectorAll("*")];

function copied(its, deep = true) {
  const copy = its.cloneNode(deep);
  const from = tree(its);
  for (const [at, node] of tree(copy).entries()) {
    node.removeAttribute("id");
    if (!node.matches("a")) continue;
    originals.set(node, from[at]);
    node.setAttribute("tabindex", "-1");
  }
  return copy;
}

// A title with the ground that it needs over what lies there.
function plated(title) {
  const { x, y, width, height } = title.getBBox();
  const ground = document.createElementNS(SVG, "rect");
  const box = { x: x - PAD.x, y: y - PAD.y, width: width + 2 * PAD.x, height: height + 2 * PAD.y, rx: 6, class: "plate" };
  for (const [name, value] of Object.entries(box)) ground.setAttribute(name, value);
  const link = title.closest("a");
  const copy = link ? copied(link, false) : document.createElementNS(SVG, "g");
  copy.append(ground, copied(title));
  return copy;
}

function parts(svg) {
  if (!svg.matches(".whole")) return [...svg.querySelectorAll(".title")].map(plated);
  return [...svg.children].filter((its) => its.querySelector(".node")).map((zone) => copied(zone));
}

// Titles begin and end where their texts do; lanes begin at their zone’s edge.
function measured(svg) {
  const whole = svg.matches(".whole");
  const boxes = [...svg.querySelectorAll(whole ? ".node > g[aria-hidden]" : ".title")].map((its) => its.getBBox());
  const grounds = whole ? [...svg.querySelectorAll(".zone, .lane, .lane-down, .lane-assumed")].map((its) => its.getBBox()) : boxes;
  const [left, top] = ["x", "y"].map((side) => Math.min(...grounds.map((its) => its[side])));
  const right = Math.max(...boxes.map((its) => its.x + its.width));
  const bottom = Math.max(...grounds.map((its) => its.y + its.height));
  const pad = whole ? { x: 0, y: 0 } : PAD;
  return { x: left - pad.x, y: top - pad.y, width: right - left + PAD.x + pad.x, height: bottom - top + 2 * pad.y };
}

function build(svg) {
  area = measured(svg);
  column = document.createElement("div");
  column.className = "pinned-titles";
  column.classList.toggle("ground", svg.matches(".whole"));
  column.setAttribute("aria-hidden", "true");
  const copy = document.createElementNS(SVG, "svg");
  copy.setAttribute("class", "dg");
  copy.setAttribute("font-family", svg.getAttribute("font-family"));
  copy.setAttribute("viewBox", `${area.x} ${area.y} ${area.width} ${area.height}`);
  copy.append(...parts(svg));
  column.append(copy);
  svg.after(column);
}

export function pin(svg, seen, scale) {
  // A swap takes them away, as the server knows nothing of them.
  if (!column?.isConnected) build(svg);
  column.hidden = seen.x <= area.x;
  const copy = column.firstChild;
  copy.setAttribute("width", area.width * scale);
  copy.setAttribute("height", area.height * scale);
  column.style.marginTop = `${(area.y - svg.viewBox.baseVal.y) * scale}px`;
}

document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.(".pinned-titles")) event.preventDefault(); // the focus goes to the original
});

document.addEventListener("click", (event) => {
  const copy = event.target.closest?.(".pinned-titles a");
  if (!copy) return;
  event.preventDefault();
  const original = originals.get(copy);
  original.focus({ preventScroll: true });
  original.dispatchEvent(new MouseEvent("click", event));
});
