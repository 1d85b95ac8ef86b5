// The page shown to a room: picture and verdict alone in large type, and the keys that a clicker sends.

const KEYS_STAY = 6000; // ms at first
const DRAWN_FOR = 1024; // px: more room makes the picture larger, not wider
let keysKnown = false;

function present() {
  const on = Boolean(asked.present);
  document.documentElement.classList.toggle("presents", on);
  byId("present").textContent = on ? "Leave" : "Present";
  if (!on) byId("keys").hidden = true;
  else if (!keysKnown) {
    keysKnown = true;
    byId("keys").hidden = false;
    setTimeout(() => { byId("keys").hidden = true; }, KEYS_STAY);
  }
}

function roomForPicture() {
  const room = byId("picture").clientWidth - 2;
  return asked.present ? Math.min(room, DRAWN_FOR) : room;
}

const PRESENTED = {
  ArrowRight: () => step(1),
  ArrowLeft: () => step(-1),
  PageDown: () => step(1),
  PageUp: () => step(-1),
  " ": () => step(1),
  "?": () => { byId("keys").hidden = !byId("keys").hidden; },
  Escape: () => ask({ present: false }),
};

// Wherever the focus is, and before the keys of the picture.
addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!asked.present || event.ctrlKey || event.metaKey || event.altKey || target.closest?.("select")) return;
  if (key === " " && target.closest?.("button")) return; // presses it
  const act = /^[1-4]$/.test(key) ? () => byId("moments").children[key - 1]?.click() : (PRESENTED[key] ?? KEYS[key.toLowerCase()]);
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}, { capture: true });
