// The page: what is asked for stands behind the # of the address, so Back undoes; each change draws everything anew.

const data = JSON.parse(document.getElementById("plan").textContent);
const plan = readPlan(data);
const byId = (id) => document.getElementById(id);
const CRASH = ["before", "failed", "detected", "rescheduled"];
const DRAIN = ["before", "cordoned", "evicting", "drained"];
const ALL = -1; // the map of the whole cluster
const exposed = plan.ports.filter((port) => port.entries);
const open = new Set();
let mode = plan.saved.drain.length ? "drain" : "down";
let asked = plan.saved;

// --- the address -----------------------------------------------------------------------------------------------------

function encode(its) {
  const words = new URLSearchParams();
  for (const word of its.down) words.append("down", word);
  for (const word of its.drain) words.append("drain", `node/${word}`);
  words.append("at", its.at);
  words.append("via", its.via);
  if (its.present) words.append("present", "1");
  if (plan.ports.length > 1) words.append("port", its.port === ALL ? "all" : its.port);
  return words.toString();
}

function decode(hash) {
  const words = new URLSearchParams(hash.slice(1));
  if (![...words].length) return plan.saved;
  const drain = words.getAll("drain").map((word) => word.slice(5)).filter((name) => plan.byName.has(name));
  const down = words.getAll("down").filter(exists);
  const moments = drain.length ? DRAIN : CRASH;
  const at = moments.includes(words.get("at")) ? words.get("at") : moments[2];
  const via = words.get("via") || "dns";
  const asked = words.get("port");
  const port = asked === "all" ? ALL : Number(asked ?? plan.saved.port);
  const fits = via === "lb" || (via.startsWith("node/") && plan.byName.has(via.slice(5)));
  return { present: words.has("present"), down: drain.length ? [] : down, drain, at, via: fits ? via : "dns", port: plan.ports[port] || (port === ALL && exposed.length > 1) ? port : plan.saved.port };
}

function exists(word) {
  const [kind, ...rest] = word.split("/");
  const name = rest.join("/");
  if (kind === "zone") return plan.zones.includes(name);
  if (kind === "node") return plan.byName.has(name);
  return (kind === "pod" && name.includes("/")) || plan.saved.down.includes(word);
}

function ask(changes) {
  asked = { ...asked, ...changes };
  const hash = `#${encode(asked)}`;
  if (location.hash === hash) show();
  else location.hash = hash;
}

addEventListener("hashchange", () => {
  asked = decode(location.hash);
  show();
});

// --- what a click does -----------------------------------------------------------------------------------------------

const has = (word) => asked.down.includes(word);
// What only nodefall can combine with others is left behind by a click: the file knows it as it was saved.
const simple = (words) => words.filter((word) => SIMPLE.test(word));

function does(word) {
  if (word.startsWith("via ")) return ask({ via: word.slice(4) });
  if (word.startsWith("port ")) return ask({ port: Number(word.slice(5)) });
  if (word.startsWith("unfold ")) {
    open.add(word.slice(7));
    return show();
  }
  if (mode === "drain" && word.startsWith("node/")) return drain(word.slice(5));
  // The first click shows the failure when it has just happened; further ones keep the time, where that can be shown.
  const at = asked.down.length && asked.at === "detected" ? "detected" : "failed";
  return ask({ down: has(word) ? asked.down.filter((it) => it !== word) : [...simple(asked.down), word], drain: [], at });
}

function drain(name) {
  const on = asked.drain.includes(name);
  return ask({ drain: on ? [] : [name], down: [], at: on ? "before" : DRAIN.includes(asked.at) && asked.at !== "before" ? asked.at : "drained" });
}

// --- drawing ---------------------------------------------------------------------------------------------------------

function show(asRoom) {
  present();
  const room = asRoom ?? roomForPicture();
  const focused = document.activeElement?.dataset?.does;
  const scenario = { ...asked, name: sameAsSaved() ? plan.saved.name : "" };
  const state = stateAt(plan, scenario);
  controls(scenario);
  if (!state) return;
  const view = asked.port === ALL ? clusterView(plan, state, open) : onePort(state, plan.ports[asked.port]);
  view.downWords = new Set(asked.down);
  view.fails = asked.at !== "before" && (asked.down.length > 0 || asked.drain.length > 0);
  const [picture, rows] = asked.port === ALL ? [drawMap(plan, view, room), clusterRows(plan, view)] : drawnPort(view, room);
  byId("headline").textContent = view.headline;
  byId("situation").textContent = view.situation;
  document.title = view.headline;
  // Where the headline says it all already, it isn't said again.
  byId("verdict").textContent = view.said && view.share < 1 - MOST_NOISE ? view.said : "";
  byId("picture").replaceChildren(picture);
  legend();
  table(rows);
  const notes = asked.port === ALL && plan.says.room ? [plan.says.room, ...view.notes] : view.notes;
  byId("notes").replaceChildren(...notes.map((note) => html("p", {}, note)));
  rove(focused);
}

// What the picture has in it, and no more.
function legend() {
  const its = asked.port === ALL ? "map" : "port";
  byId("legend").hidden = false;
  for (const item of byId("legend").children) item.hidden = (item.dataset.of || its) !== its || !byId("picture").querySelector(item.dataset.when);
}

function onePort(state, port) {
  return { ...portView(plan, state, port), service: port.service, accepted: port.accepted, local: port.local, via: asked.via };
}

function drawnPort(view, room) {
  const lanes = shownLanes(plan, view, open);
  return [drawPort(plan, view, lanes, room), tableRows(plan, lanes)];
}

function sameAsSaved() {
  const { down, drain } = plan.saved;
  return [...down].sort().join() === [...asked.down].sort().join() && drain.join() === asked.drain.join();
}

function html(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function table([head, ...rest]) {
  const row = (tag, cells) => html("tr", {}, ...cells.map((cell) => html(tag, {}, cell)));
  byId("table").replaceChildren(html("thead", {}, row("th", head)), html("tbody", {}, ...rest.map((cells) => row("td", cells))));
}

// --- controls --------------------------------------------------------------------------------------------------------

function controls(scenario) {
  const moments = asked.drain.length || (mode === "drain" && !asked.down.length) ? DRAIN : CRASH;
  const nothing = !asked.down.length && !asked.drain.length;
  buttons("moments", moments.map((at) => {
    const state = stateAt(plan, { ...scenario, at });
    const known = state !== null;
    return { title: plan.says.moments[at], below: known ? span(state, asked.via) : plan.says.unknown, current: nothing ? at === "before" : asked.at === at, click: () => ask({ at }), disabled: !known || (nothing && at !== "before") };
  }));
  const now = stateAt(plan, scenario);
  const share = (via) => (now ? span(now, via) : "");
  buttons("access", ["dns", "lb"].map((via) => ({ title: plan.says.access[via], below: share(via), current: asked.via === via, click: () => ask({ via }) })));
  nodePicked(share);
  buttons("modes", ["down", "drain"].map((its) => ({ title: plan.says.modes[its], below: "", current: mode === its, click: () => {
    mode = its;
    show();
  } })));
  byId("services").value = asked.port;
  for (const [id, on] of [["clear", !nothing], ["saved", encode(asked) !== encode({ ...plan.saved, present: asked.present })]]) byId(id).disabled = !on;
}

// What is answered; of several service ports the least and the most.
function span(state, via) {
  const ports = asked.port === ALL ? exposed : [plan.ports[asked.port]];
  let [low, high] = [Infinity, -Infinity];
  for (const port of ports) {
    const share = answered(outcome(plan, state, port), via);
    if (share === null) return "";
    [low, high] = [Math.min(low, share), Math.max(high, share)];
  }
  return figure(low) === figure(high) ? percent(high) : `${figure(low)}–${percent(high)}`;
}

// A row of buttons: those that are there say something else, so the one with the focus keeps it.
function buttons(id, all) {
  const row = byId(id);
  for (const [i, { title, below, current, click, disabled = false }] of all.entries()) {
    const made = row.querySelectorAll("button")[i] || row.insertBefore(html("button", { type: "button" }, html("b", {}), html("span", {})), row.querySelector("label"));
    made.firstChild.textContent = title;
    made.lastChild.textContent = below;
    made.setAttribute("aria-pressed", current);
    made.disabled = disabled;
    made.onclick = click;
  }
}

// It stays where it is: to take its 5,000 options out and in again would take longer than all else that a click does.
const nodes = html("select", { "aria-label": plan.says.access.node }, html("option", { value: "" }, plan.says.access.node),
  ...plan.nodes.map((node) => html("option", { value: `node/${node.name}` }, node.name)));
const picker = html("label", {}, nodes, html("span", {}));
nodes.addEventListener("change", () => ask({ via: nodes.value || "dns" }));
byId("access").append(picker);

function nodePicked(share) {
  const chosen = asked.via.startsWith("node/");
  nodes.value = chosen ? asked.via : "";
  picker.className = chosen ? "chosen" : "";
  picker.lastElementChild.textContent = chosen ? share(asked.via) : "";
}

function services() {
  if (plan.ports.length < 2) return;
  const select = byId("services");
  const all = exposed.length > 1 ? [html("option", { value: ALL }, plan.says.all)] : [];
  select.replaceChildren(...all, ...plan.ports.map((port, i) => html("option", { value: i }, `${port.service}:${port.port}`)));
  select.addEventListener("change", () => ask({ port: Number(select.value) }));
  byId("service").hidden = false;
}

// --- keyboard: one stop of Tab, which arrows move inside of the picture ------------------------------------------------

const stops = () => [...byId("picture").querySelectorAll("[data-does]")];

function rove(focused) {
  const all = stops();
  const stop = all.find((its) => its.dataset.does === focused) || all[0];
  stop?.setAttribute("tabindex", "0");
  if (focused && stop) stop.focus({ preventScroll: true });
}

const TOWARDS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

function place(stop) {
  const box = stop.getBoundingClientRect();
  return [box.left + Math.min(box.width / 2, 48), box.top + Math.min(box.height / 2, 24)];
}

function walk(from, [across, down]) {
  const [x, y] = place(from);
  let [best, least] = [null, Infinity];
  for (const stop of stops()) {
    const [right, below] = [place(stop)[0] - x, place(stop)[1] - y];
    const ahead = right * across + below * down;
    const aside = Math.abs(right * down) + Math.abs(below * across);
    if (stop === from || ahead < 4 || aside > 4 * ahead) continue;
    if (ahead + 2 * aside < least) [best, least] = [stop, ahead + 2 * aside];
  }
  if (!best) return;
  from.setAttribute("tabindex", "-1");
  best.setAttribute("tabindex", "0");
  best.focus();
}

const KEYS = {
  r: () => byId("clear").click(),
  c: () => ask({ via: asked.via === "dns" ? "lb" : "dns" }),
  p: () => byId("present").click(),
  "[": () => step(-1),
  "]": () => step(1),
};

function step(by) {
  const all = [...byId("moments").children];
  const next = all[all.findIndex((its) => its.getAttribute("aria-pressed") === "true") + by];
  if (next && !next.disabled) next.click();
}

byId("picture").addEventListener("keydown", (event) => {
  const stop = event.target.closest("[data-does]");
  if (!stop || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = event.key === "Enter" || event.key === " " ? () => does(stop.dataset.does)
    : TOWARDS[event.key] ? () => walk(stop, TOWARDS[event.key])
      : /^[1-9]$/.test(event.key) ? () => does(plan.nodes[event.key - 1] ? `node/${plan.nodes[event.key - 1].name}` : "")
        : KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

byId("picture").addEventListener("click", (event) => {
  const stop = event.target.closest("[data-click], [data-does]");
  if (stop) does(stop.dataset.click || stop.dataset.does);
});

byId("clear").addEventListener("click", () => ask({ down: [], drain: [], at: "before" }));
byId("saved").addEventListener("click", () => ask(plan.saved));
byId("present").addEventListener("click", (event) => {
  ask({ present: !asked.present });
  // Space is the next time there; whoever came by keyboard keeps the focus.
  if (event.detail) byId("present").blur();
});
// Drawn for the page of a printer, not for a screen: a wide A4 or Letter shows that at about nine tenths.
const PAPER = 1120;
addEventListener("beforeprint", () => show(PAPER));
addEventListener("afterprint", () => show());
let wide = 0;
new ResizeObserver(([its]) => {
  // Only another width asks for another picture; its own height changes with each.
  if (!matchMedia("print").matches && Math.round(its.contentRect.width) !== wide) {
    wide = Math.round(its.contentRect.width);
    show();
  }
}).observe(byId("picture"));

byId("controls").hidden = false;
services();
asked = decode(location.hash);
show();
