// A lesson's keys, and how far its reader has come. Progress stays in this browser: nothing is sent.

const STORE = "nodefall-lessons";

function finished() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {}; // a browser that keeps nothing, or something else of that name
  }
}

function remember(slug, step) {
  const kept = finished();
  kept[slug] = Math.max(Number(kept[slug]) || 0, step);
  try {
    localStorage.setItem(STORE, JSON.stringify(kept));
  } catch {
    // Then it is not remembered.
  }
}

function mark(list) {
  const kept = finished();
  for (const item of list.querySelectorAll("[data-lesson]")) {
    const steps = Number(item.dataset.steps);
    const done = Math.min(Number(kept[item.dataset.lesson]) || 0, steps);
    if (!done) continue;
    item.classList.toggle("is-done", done === steps);
    item.querySelector("[data-progress]").textContent = done === steps ? " · finished" : ` · ${done} of ${steps} done`;
  }
}

function pressed(event, page) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("textarea, select, input:not([type=radio])")) return;
  // Left and right move between the choices of a question that has the focus.
  const choosing = event.target.matches?.("input[type=radio]") && event.key.startsWith("Arrow");
  if (choosing) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const found = [...page.querySelectorAll("[data-key]")].find((its) => its.dataset.key.split(" ").includes(key));
  const onLink = event.target.closest?.("a, button, .canvas");
  if (found) {
    event.preventDefault();
    if (found.type === "radio") found.focus();
    found.click();
  } else if (key === " " && !onLink && !event.target.matches?.("input:not(:checked)")) {
    event.preventDefault();
    page.querySelector("#lesson-next")?.click();
  } else if (key === "Enter" && !onLink && page.querySelector("#lesson-form :checked")) {
    event.preventDefault();
    page.querySelector("#lesson-form").requestSubmit();
  }
}

const list = document.querySelector("[data-lessons]");
if (list) mark(list);

const page = document.querySelector(".lesson-page");
if (page) {
  // A question counts once it is answered.
  if (page.dataset.lesson && !("waits" in page.dataset)) remember(page.dataset.lesson, Number(page.dataset.step));
  document.addEventListener("keydown", (event) => pressed(event, page));
}
