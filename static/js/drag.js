// A pod is moved to another node: by dragging its box over the lanes, or after a long press with a finger. It asks for
// the edit that the panel’s menu asks for, to which a key leads. Loaded when a pointer first comes to a pod.

const CLICK = 4; // px: a press that moves less is a click
const LONG = 500; // ms
const EDGE = 32; // px from the edge of the canvas, where it scrolls along
const SPEED = 12; // px a frame

const root = document.documentElement;
const canvas = () => document.getElementById("canvas");
const tip = () => document.getElementById("tip");
let held = null; // { pod, link, home, from, at, carried, onto, timer }
let swallows = false; // the click that follows a drop

// --- what is held

function podOf(link) {
  const downs = (path) => new URL(path, location.href).searchParams.getAll("down");
  const [is, would] = [downs(document.getElementById("page").dataset.state), downs(link.getAttribute("href"))];
  const word = [...is.filter((its) => !would.includes(its)), ...would.filter((its) => !is.includes(its))];
  return word.length === 1 && word[0].startsWith("pod/") ? word[0].slice(4) : null;
}

// The lane of one node that lies there; boxes over it may belong to no lane.
function laneAt({ x, y }) {
  const seen = canvas().getBoundingClientRect();
  if (x < seen.left || x > seen.right || y < seen.top || y > seen.bottom) return undefined;
  return [...canvas().querySelectorAll('.node[data-takes^="node/"]')].find((lane) => {
    const box = lane.querySelector(".hit").getBoundingClientRect();
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  });
}

function hold(target, at) {
  const link = target.closest?.("#canvas a.pod");
  const pod = link && podOf(link);
  if (!pod) return;
  const box = link.getBoundingClientRect();
  held = { pod, link, home: laneAt({ x: box.left + box.width / 2, y: box.top + box.height / 2 }), from: at, at, carried: false };
  root.classList.add("holding");
}

function carry() {
  held.carried = true;
  held.link.style.opacity = 0.4;
  root.classList.add("panning");
  follow();
}

// --- over the lanes

function mark(lane) {
  if (lane === held.onto) return;
  held.onto?.classList.remove("onto");
  lane?.classList.add("onto");
  held.onto = lane;
}

function nodeOf(lane) {
  return lane.dataset.takes.replace("node/", "");
}

function follow() {
  if (!held?.carried) return;
  const { at, home, pod } = held;
  const box = canvas().getBoundingClientRect();
  const step = (is, least, most) => (is < least + EDGE ? -SPEED : is > most - EDGE ? SPEED : 0);
  canvas().scrollBy({ left: step(at.x, box.left, box.right), top: step(at.y, box.top, box.bottom), behavior: "instant" });
  const lane = laneAt(at);
  const name = pod.replace(/^.*\//, "");
  mark(lane === home ? undefined : lane);
  tip().textContent = held.onto ? `Move ${name} to ${nodeOf(lane)}` : name;
  tip().hidden = false;
  const room = root.clientWidth - tip().offsetWidth - 8;
  tip().style.translate = `${Math.max(8, Math.min(at.x + 12, room))}px ${at.y + 16}px`;
  requestAnimationFrame(follow);
}

// --- the end of it

// Ask for the pod to be selected, on this node if one is given.
function ask(link, pod, node) {
  const state = new URL(document.getElementById("page").dataset.state, location.href);
  const isReplaced = (word, value) => word === "select" || (node && word === "move" && value.startsWith(`${pod}:`));
  const pairs = [...state.searchParams].filter(([word, value]) => !isReplaced(word, value));
  if (node) pairs.push(["move", `${pod}:${node}`]);
  const query = new URLSearchParams([...pairs, ["select", `pod/${pod}`]]);
  window.htmx.ajax("GET", `${state.pathname}/edit?${query}`, { source: link, target: "#page", swap: "outerMorph", push: "true" });
}

/** Lead to the panel’s menu of nodes for the pod in focus. */
export function choose(link) {
  const pod = link.matches("#canvas a.pod") && podOf(link);
  if (!pod) return;
  document.addEventListener("htmx:after:swap", () => document.getElementById("move-pod")?.focus(), { once: true });
  ask(link, pod);
}

function letGo(drops) {
  if (!held) return;
  const { carried, link, onto, timer } = held;
  clearTimeout(timer);
  root.classList.remove("holding", "panning");
  if (carried) {
    swallows = true;
    link.style.opacity = "";
    tip().hidden = true;
    mark(undefined);
    if (drops && onto) ask(link, held.pod, nodeOf(onto));
  }
  held = null;
}

// --- by mouse and pen

document.addEventListener("pointerdown", (event) => {
  letGo(false);
  swallows = false;
  if (event.pointerType !== "touch" && !event.button) hold(event.target, event);
}, { capture: true });

document.addEventListener("pointermove", (event) => {
  if (!held || event.pointerType === "touch") return;
  held.at = event;
  if (!held.carried && Math.hypot(event.x - held.from.x, event.y - held.from.y) >= CLICK) carry();
});

document.addEventListener("pointerup", (event) => {
  if (event.pointerType !== "touch") letGo(true);
});

// --- by finger

const finger = ({ clientX, clientY }) => ({ x: clientX, y: clientY });

document.addEventListener("touchstart", (event) => {
  letGo(false);
  swallows = false;
  if (event.touches.length > 1) return;
  hold(event.target, finger(event.touches[0]));
  if (held) held.timer = setTimeout(carry, LONG);
}, { passive: true });

document.addEventListener("touchmove", (event) => {
  if (!held) return;
  if (!held.carried) letGo(false); // it scrolls
  else {
    event.preventDefault();
    held.at = finger(event.touches[0]);
  }
}, { passive: false });

document.addEventListener("touchend", () => letGo(true));
document.addEventListener("touchcancel", () => letGo(false));
document.addEventListener("contextmenu", (event) => {
  if (held && event.pointerType === "touch") event.preventDefault();
});

// Before the keys of the canvas, where Escape leads back to the whole cluster.
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !held?.carried) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  letGo(false);
}, { capture: true });

document.addEventListener("click", (event) => {
  if (!swallows) return;
  swallows = false;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

// Another state takes the place of what was held.
document.addEventListener("htmx:before:swap", () => letGo(false));
