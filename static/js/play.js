// The times after a failure, one after the other, each as long as it takes to look at it. Loaded when somebody asks for it.

const STAYS = 1600; // ms from one being shown to the next being asked for

const button = () => document.querySelector("[data-play]");
const times = () => [...document.querySelectorAll(".strip.moments .segments a")];
const now = () => times().findIndex((its) => its.matches("[aria-current]"));
let plays = false;
let pressed = null; // the link last followed
let timer = null;

function show() {
  button()?.setAttribute("aria-pressed", plays);
  button()?.querySelector("use").setAttribute("href", plays ? "#i-pause" : "#i-play");
}

function go(to) {
  pressed = times()[to];
  pressed.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
}

function stop() {
  plays = false;
  clearTimeout(timer);
  show();
}

export function toggle() {
  if (plays) stop();
  else {
    plays = true;
    show();
    go((now() + 1) % times().length);
  }
}

document.addEventListener("htmx:after:swap", () => {
  if (!plays) return;
  clearTimeout(timer);
  if (now() < 0 || now() === times().length - 1) stop();
  else {
    show();
    timer = setTimeout(() => go(now() + 1), STAYS);
  }
});

// Whoever does something else has the page again.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (plays && ctx.sourceElement !== pressed && ctx.target?.id === "page") stop();
});

// Before the keys of the canvas, where Escape leads back to the whole cluster.
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !plays) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  stop();
}, { capture: true });
