// Between two states the change is seen: percentages count from what they were, and what is lost from now on fades in.
// Under a quarter of a second, and not for who wants no motion. The words are right at once for screen readers, which
// read the labels of links.

const LASTS = 220; // ms
const PERCENT = /^(−?)(\d+(?:\.\d+)?)(\u202f%)$/;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
// A swap takes several turns of the event loop: what is seen meanwhile is kept.
let seen = [];
const watch = new MutationObserver((records) => seen.push(...records));
let lost = new Set();

const drawing = () => document.querySelector("#canvas > svg");
const losses = () => [...(drawing()?.querySelectorAll(".edge-lost, .lane-down, .box-bad") ?? [])];
const called = (its) => `${its.closest("[id]")?.id} ${its.getAttribute("class")} ${its.getAttribute("d")?.split(" ")[1] ?? ""}`;

function count(text, before, after) {
  const [, , from] = PERCENT.exec(before);
  const [, sign, to, unit] = PERCENT.exec(after);
  const digits = to.split(".")[1]?.length ?? 0;
  const start = performance.now();
  const step = (now) => {
    // Another state may have come meanwhile.
    if (!text.isConnected || text.shown !== undefined && text.data !== text.shown) return;
    const part = Math.min(1, (now - start) / LASTS);
    text.shown = part < 1 ? `${sign}${(Number(from) + (to - from) * part).toFixed(digits)}${unit}` : after;
    text.data = text.shown;
    if (part < 1) requestAnimationFrame(step);
    else delete text.shown;
  };
  requestAnimationFrame(step);
}

document.addEventListener("htmx:before:swap", () => {
  if (calm.matches || !drawing()) return;
  lost = new Set(losses().map(called));
  watch.observe(document.getElementById("page"), { characterData: true, characterDataOldValue: true, subtree: true });
});

document.addEventListener("htmx:after:swap", () => {
  const changed = [...seen, ...watch.takeRecords()];
  watch.disconnect();
  seen = [];
  if (calm.matches) return;
  const first = new Map(changed.map(({ target, oldValue }) => [target, oldValue]).reverse());
  for (const [text, before] of first) {
    delete text.shown;
    if (text.isConnected && text.data !== before && PERCENT.test(before) && PERCENT.test(text.data)) count(text, before, text.data);
  }
  for (const its of losses()) if (!lost.has(called(its))) its.animate([{ opacity: 0 }, { opacity: 1 }], { duration: LASTS });
});
