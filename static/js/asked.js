// No click gets lost. Each link leads from the state that is drawn to one next to it; what is asked for is that step
// taken from the state last asked for, so a click that comes before the answer to the one before adds to it. What can’t
// reach the server is kept, said, and asked again.

const TOGGLED = ["down", "drain", "unfold"]; // words of which each value is there or not
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
  return `${url(link).pathname}?${pairs.toString().replace(/%(2F|3A|2C|3D)/g, decodeURIComponent)}`;
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
  if (link.pathname !== url(state).pathname) return;
  const path = composed(state, link.pathname + link.search, wish?.path ?? state);
  for (const word of [...(request.body?.keys() ?? [])]) request.body.delete(word);
  request.action = path;
  const before = wish ?? { sources: [], passed: [] };
  const passed = [...before.passed, ...(wish ? [wish.path] : [])];
  forget();
  wish = { path, sources: [...before.sources, sourceElement], passed, tries: 0, ctx };
  show();
}

function forget() {
  clearTimeout(wish?.timer);
  wish = null;
  document.getElementById("unreached").hidden = true;
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
  // The second half of a double click means the same link, except in the picture, where each click toggles.
  else if (event.detail > 1 && event.target.closest?.("a.asked") && !event.target.closest("#canvas")) event.preventDefault();
}, { capture: true });
addEventListener("online", again);
