// An exercise: the editor's numbers and marks, what follows it while somebody types, and what this browser remembers.
// All of it listens on the document, so a morph needs no new wiring. Nothing of the progress is sent.

const STORE = "nodefall-exercises";
const WORDS = { solved: "solved", hinted: "solved with hints", missed: "answer seen" };
const PAUSE = 300;
const area = () => document.getElementById("fix-text");

// --- progress

function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {}; // a browser that keeps nothing, or something else of that name
  }
}

function keep(results) {
  try {
    localStorage.setItem(STORE, JSON.stringify(results));
  } catch {
    // Then it is not remembered.
  }
}

function showProgress() {
  const results = remembered();
  const its = document.getElementById("exercise");
  // What was seen first counts: whoever has read the answer can't solve it any more.
  if (its?.dataset.result && !results[its.dataset.done]) {
    results[its.dataset.done] = its.dataset.result;
    keep(results);
  }
  const all = [...document.querySelectorAll("[data-exercise]")];
  const of = (one) => results[one.dataset.exercise];
  for (const one of all) {
    const word = WORDS[of(one)] ?? "";
    if (one.matches("a")) {
      one.classList.toggle("solved", word !== "" && of(one) !== "missed");
      one.classList.toggle("missed", of(one) === "missed");
      one.setAttribute("aria-label", `${one.id.replace("exercise-", "Exercise ")}${word && `, ${word}`}`);
    } else one.textContent = word;
  }
  const score = document.getElementById("exercise-score");
  if (!score) return;
  const solved = all.filter((one) => ["solved", "hinted"].includes(of(one))).length;
  const done = all.filter(of).length;
  const end = done === all.length ? ": all done" : "";
  score.textContent = done ? `${solved} of ${all.length} solved${end}.` : "";
  // The next one is one that is still open.
  const links = all.filter((one) => one.matches("a"));
  const next = document.getElementById("exercise-next");
  const here = links.findIndex((one) => one.matches("[aria-current]"));
  const open = [...links.slice(here + 1), ...links.slice(0, Math.max(here, 0))].find((one) => !of(one));
  if (next && open) {
    next.href = open.href;
    next.textContent = "Another one";
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("#exercise-forget")) return;
  const results = remembered();
  for (const one of document.querySelectorAll("[data-exercise]")) delete results[one.dataset.exercise];
  keep(results);
  showProgress();
});

// --- the editor

let known = { text: "", lines: "", marks: [] };

// Lines above a change keep their number, those below it move with it, and those in it are marked no more.
function moved(marks, before, after) {
  const [old, now] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const grown = now.length - old.length;
  return marks.flatMap((line) => (line <= head ? [line] : line > old.length - tail ? [line + grown] : []));
}

function marks(text, lines) {
  if (known.lines !== lines) {
    known = { text, lines, marks: lines ? lines.split(",").map(Number) : [] };
    if (lines) area().scrollTop = (known.marks[0] - 4) * (area().scrollHeight / text.split("\n").length);
  }
  else if (known.text !== text) known = { text, lines, marks: moved(known.marks, known.text, text) };
  return new Set(known.marks);
}

function drawLines() {
  const text = area();
  if (!text) return;
  const editor = text.parentElement;
  editor.classList.add("numbered");
  let under = editor.querySelector(".editor-lines");
  if (!under) {
    under = document.createElement("pre");
    under.className = "editor-lines mono-small";
    under.setAttribute("aria-hidden", "true");
    editor.prepend(under);
  }
  const faulty = marks(text.value, editor.dataset.lines ?? "");
  const caret = document.activeElement === text ? text.value.slice(0, text.selectionStart).split("\n").length : 0;
  const count = text.value.split("\n").length;
  while (under.children.length > count) under.lastChild.remove();
  while (under.children.length < count) under.append(document.createElement("div"));
  [...under.children].forEach((line, at) => {
    line.textContent = at + 1;
    line.className = faulty.has(at + 1) ? "faulty" : at + 1 === caret ? "current" : "";
  });
  under.scrollTop = text.scrollTop;
}

let indents = false;

function typed(event) {
  const text = area();
  if (event.target !== text) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    document.getElementById("fix-check").click();
  } else if (event.key.toLowerCase() === "m" && event.ctrlKey) {
    event.preventDefault();
    indents = !indents;
    say(indents ? "Tab indents" : "Tab leaves the editor");
  } else if (event.key === "Tab" && indents && !event.shiftKey) {
    event.preventDefault();
    document.execCommand("insertText", false, "  "); // the only way that Ctrl+Z undoes
  }
}

// --- what follows

let waiting = 0;
let asking = new AbortController();

async function follow() {
  const form = document.getElementById("fix-form");
  asking.abort();
  asking = new AbortController();
  try {
    const sent = new URLSearchParams(new FormData(form));
    const response = await fetch(form.dataset.follow, { method: "POST", body: sent, signal: asking.signal });
    if (!response.ok) throw new Error(response.status);
    show(pageOf(await response.text()).getElementById("exercise-followed"));
  } catch (error) {
    if (error.name !== "AbortError") trouble("The picture could not be brought up to date. Check my fix asks again.");
  }
}

function trouble(words) {
  document.getElementById("exercise-trouble").textContent = words;
  for (const id of ["exercise-curls", "exercise-seen", "exercise-printed"]) document.getElementById(id)?.classList.toggle("exercise-stale", words !== "");
}

function show(followed) {
  const words = followed.dataset.trouble;
  if (words) {
    trouble(`${words} What you see is the last that could be read.`);
    return;
  }
  for (const fresh of [...followed.children]) document.getElementById(fresh.id)?.replaceWith(fresh);
  document.getElementById("exercise-result").replaceChildren();
  trouble("");
}

document.addEventListener("input", (event) => {
  if (event.target !== area()) return;
  drawLines();
  clearTimeout(waiting);
  waiting = setTimeout(follow, PAUSE);
});
document.addEventListener("keydown", typed);
document.addEventListener("selectionchange", () => document.activeElement === area() && drawLines());
document.addEventListener("focusout", (event) => event.target === area() && drawLines());
document.addEventListener("scroll", (event) => {
  const under = event.target === area() && event.target.parentElement.querySelector(".editor-lines");
  if (under) under.scrollTop = event.target.scrollTop;
}, { capture: true, passive: true });

function ready() {
  showProgress();
  drawLines();
}

document.addEventListener("htmx:after:swap", () => setTimeout(ready));
ready();
