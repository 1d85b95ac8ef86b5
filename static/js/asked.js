// No click gets lost. Each link leads from the state that is drawn to one next to it; what is asked for is that step
// taken from the state last asked for, so a click that comes before the answer to the one before adds to it. What can’t
// reach the server is kept, said, and asked again.

const TOGGLED = ["down", "drain", "unfold", "cordon", "taint", "patch", "add-node", "delete-node", "ignore"]; // words of which each value is there or not
const EDIT = /\/edit$/;
const UNREACHED = [502, 504]; // a proxy’s words for a server that is away
const WAITS = [1, 2, 4, 8, 15, 30]; // seconds
let wish = null; // { path, sources, passed, tries, timer, ctx }

const drawn = () => document.getElementById("page")?.dataset.state;
const url = (path) => new URL(path, location.href);
const values = (path, word) => url(path).searchParams.getAll(word);
const either = (some, others) => [...some.filter((its) => !others.includes(its)), ...others.filter((its) => !some.includes(its))];

// --- composing addresses

// Of Deployment/default/web:5 the part that says what it is about; at=failed is about nothing more.
const subject = (value) => /^(.*):[^:]*$/.exec(value)?.[1] ?? "";

function composed(from, link, asked) {
  if (from === asked) return link;
  const pairs = new URLSearchParams();
  const words = new Set([from, link, asked].flatMap((path) => [...url(path).searchParams.keys()]));
  for (const word of words) {
    const [was, is, now] = [from, link, asked].map((path) => values(path, word));
    const changed = either(was, is);
    const others = now.filter((value) => !changed.map(subject).includes(subject(value)));
    const kept = TOGGLED.includes(word) ? either(now, changed) : [...others, ...is.filter((its) => changed.includes(its))];
    for (const value of changed.length ? kept : now) pairs.append(word, value);
  }
  // A crash and a drain can’t be asked together: the later takes the place of the other.
  if (pairs.has("down") && pairs.has("drain")) return link;
  const touched = toggles(from, link);
  if (touched.length === 1 && !url(link).searchParams.has("select")) pairs.set("select", touched[0].replace(/^\w+=/, ""));
  // Edits that may take away what the address names lead there by a page that leaves it out.
  const leads = [link, asked].find((path) => EDIT.test(url(path).pathname)) ?? link;
  return written(url(leads).pathname, pairs);
}

function written(pathname, pairs) {
  return `${pathname}?${pairs.toString().replace(/%(2F|3A|2C|3D)/g, decodeURIComponent)}`;
}

// A stepper counts on from the number that it shows, which is the one last asked for.
function counted(source, path) {
  const [, sign] = /-(more|fewer)$/.exec(source.id) ?? [];
  const field = sign && source.closest(".stepper")?.querySelector("input[type=number], [data-counts]");
  if (!field) return path;
  const { min, max, counts } = { ...field.dataset, ...(field.name && { min: field.min, max: field.max, counts: field.name }) };
  const shown = Number(field.value ?? field.textContent);
  const count = Math.min(Math.max(shown + (sign === "more" ? 1 : -1), min), max);
  const [, word, of] = /^([\w-]+)\/?(.*)$/.exec(counts);
  const said = of ? `${of}:` : "";
  field.dataset.was ??= field.defaultValue ?? shown;
  if (field.name) field.value = count;
  else field.textContent = count;
  if (!wish && String(shown) === field.dataset.was) return path;
  const to = url(path);
  const pairs = new URLSearchParams([...to.searchParams].filter(([its, value]) => its !== word || !value.startsWith(said)));
  pairs.append(word, said + count);
  return written(to.pathname.replace(EDIT, "") + "/edit", pairs);
}

// What is shown from now on is what the server said, or says.
function uncount() {
  for (const field of document.querySelectorAll(".stepper [data-was]")) {
    if (!field.name) field.textContent = field.dataset.was;
    delete field.dataset.was;
  }
  for (const field of document.querySelectorAll(".stepper input[type=number]:not(:focus)")) field.value = field.defaultValue;
}

function toggles(from, to) {
  return ["down", "drain"].flatMap((word) => either(values(from, word), values(to, word)).map((value) => `${word}=${value}`));
}

// --- showing that it is asked for

function show() {
  for (const its of document.querySelectorAll(".asked")) its.classList.remove("asked");
  const state = drawn();
  if (!wish || !state) return;
  const wanted = new Set(toggles(state, wish.path));
  const { pathname } = url(state);
  for (const link of document.querySelectorAll("#page :is(a[href], [data-takes])")) {
    const { takes } = link.dataset;
    const words = takes ? [`down=${takes}`] : url(link.getAttribute("href")).pathname === pathname ? toggles(state, link.getAttribute("href")) : [];
    if (words.length === 1 && wanted.has(words[0])) link.classList.add("asked");
  }
  const moved = values(wish.path, "move").filter((value) => !values(state, "move").includes(value));
  for (const value of moved) document.querySelector(`#canvas [data-takes="${CSS.escape(value.replace(/^.*:/, "node/"))}"]`)?.classList.add("asked");
  // What takes nothing down or up is marked where it was clicked.
  for (const source of wish.sources) if (!toggles(state, source.getAttribute("href") ?? state).length) source.classList.add("asked");
}

// --- asking

function follow(ctx) {
  const state = drawn();
  const { request, sourceElement } = ctx;
  if (!state || request.method !== "GET" || !sourceElement.matches?.("a, form") || !/^true$/.test(ctx.push ?? "true")) return;
  const link = url(request.action);
  for (const [word, value] of request.body ?? []) link.searchParams.append(word, value);
  if (link.pathname.replace(EDIT, "") !== url(state).pathname) return;
  const path = counted(sourceElement, composed(state, link.pathname + link.search, wish?.path ?? state));
  for (const word of [...(request.body?.keys() ?? [])]) request.body.delete(word);
  request.action = path;
  const before = wish ?? { sources: [], passed: [] };
  const passed = [...before.passed, ...(wish ? [wish.path] : [])];
  clearTimeout(before.timer);
  document.getElementById("unreached").hidden = true;
  wish = { path, sources: [...before.sources, sourceElement], passed, tries: 0, ctx };
  show();
}

function forget() {
  clearTimeout(wish?.timer);
  wish = null;
  document.getElementById("unreached").hidden = true;
  uncount();
  show();
}

function again() {
  if (!wish) return;
  clearTimeout(wish.timer);
  wish.timer = null;
  htmx.ajax("GET", wish.path, { target: "#page", swap: "outerMorph", push: "true" });
}

function unreached(ctx) {
  if (ctx !== wish?.ctx) return;
  const wait = WAITS[Math.min(wish.tries++, WAITS.length - 1)];
  wish.timer = setTimeout(again, wait * 1000);
  document.getElementById("unreached").hidden = false;
}

document.addEventListener("htmx:config:request", (event) => follow(event.detail.ctx));
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (!wish || ctx === wish.ctx) return;
  if (ctx.request.action === wish.path) wish.ctx = ctx;
  else if (ctx.target?.id === "page") forget(); // who leaves for another page wants that
});
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  if (ctx !== wish?.ctx || !UNREACHED.includes(ctx.response.status)) return;
  event.preventDefault();
  unreached(ctx);
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx) unreached(event.detail.ctx);
});
// Back undoes one click at a time, also those that were never drawn.
document.addEventListener("htmx:before:history:update", (event) => {
  if (event.detail.response !== wish?.ctx.response) return;
  for (const path of wish.passed) history.pushState({ htmx: true }, "", path);
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx === wish?.ctx) forget();
  else show();
});
document.addEventListener("htmx:before:history:restore", forget);
document.addEventListener("click", (event) => {
  const does = event.target.closest?.("[data-unreached]")?.dataset.unreached;
  if (does === "now") again();
  else if (does === "give-up") forget();
  // The second half of a double click means the same link, except where each click counts.
  else if (event.detail > 1 && event.target.closest?.("a.asked") && !event.target.closest("#canvas, .stepper")) event.preventDefault();
}, { capture: true });
addEventListener("online", again);
