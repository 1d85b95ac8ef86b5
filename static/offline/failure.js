// From a scenario to what is up, and what the EndpointSlices say: the rules and names of webapp/failure.

// --- reading the plan --------------------------------------------------------------------------------------------

const PLAIN_PORT = {
  local: false, checked: false, sticky: false, publish: false, byCpu: false, distribution: null, none: null, line: "", note: "",
  waiting: [], families: ["IPv4"], accepted: true, entries: true, proxied: true, protocol: "TCP",
};

function readPlan(data) {
  const nodes = data.nodes.map((it, i) => ({
    name: it.n, address: it.a || "", zone: it.z ?? null, ready: it.r ?? true, unschedulable: !!it.s, assumed: !!it.u,
    controlPlane: !!it.c, cpu: it.p, label: it.l, rank: i,
  }));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const plan = { ...data, nodes, byName, before: null, kept: new Map() };
  plan.ports = data.ports.map((it, i) => ({
    ...PLAIN_PORT, ...it, i, rows: it.endpoints, endpoints: it.endpoints.map((row) => endpoint(plan, row)), ready: null,
  }));
  for (const port of plan.ports) {
    port.ready = new Set(port.endpoints.filter((it) => it.ready).map((it) => it.key));
  }
  plan.entered = Object.fromEntries(Object.keys(data.points).map((key) => [key, points(plan, key)]));
  plan.before = stateAt(plan, { down: [], drain: [], at: "before", via: "dns" });
  return plan;
}

const named = (plan, it) => (typeof it === "number" ? plan.nodes[it].name : it ?? null);

function endpoint(plan, row) {
  const [node, elsewhere] = [named(plan, row.n), named(plan, row.e)];
  const host = row.a && row.a.includes(":") ? `[${row.a}]` : row.a;
  return {
    pod: row.k ?? null, address: row.a ?? null, port: row.t, node, home: elsewhere || node, ready: Boolean(row.r ?? true),
    serving: Boolean(row.s ?? true), terminating: !!row.x,
    zone: "z" in row ? row.z : (plan.byName.get(node)?.zone ?? null),
    zoneHints: row.zh || [], nodeHints: row.nh || [], managed: Boolean(row.m ?? true), hostNetwork: !!row.h,
    known: Boolean(row.d ?? true), assumed: !!row.u, key: row.k ?? `${host}:${row.t}`,
  };
}

function points(plan, key) {
  const first = key.split(" ")[0];
  const sorts = new Map();
  const made = plan.nodes.map((node, i) => {
    const its = plan.points[key][i] || {};
    // What no failure changes of it, as a number.
    const sort = JSON.stringify([its.f ?? first, "z" in its ? its.z : node.zone, its.l ?? "", its.o ?? true]);
    if (!sorts.has(sort)) sorts.set(sort, sorts.size);
    const point = {
      sort: sorts.get(sort), name: node.name, family: its.f ?? first, zone: "z" in its ? its.z : node.zone, lacks: its.l ?? "",
      listens: its.o ?? true, target: its.b ?? true, up: true, stale: false,
    };
    return { ...point, kind: kindOf(point) };
  });
  const equal = new Map();
  for (const point of made) {
    if (!equal.has(point.kind)) equal.set(point.kind, []);
    equal.get(point.kind).push(point);
  }
  return { points: made, equal, families: new Set(made.map((point) => point.family)) };
}

// --- from a scenario to the state at its moment ------------------------------------------------------------------

const word = (scenario) => [...scenario.down].sort(compare).join("&") || scenario.drain.map((it) => `drain=node/${it}`).join("&");
const known = (scenario) => `${word(scenario)}@${scenario.at}`;
const SIMPLE = /^(node|zone|pod)\//;

// The state, or null where it takes kube-scheduler and is not among those worked out beforehand.
function stateAt(plan, scenario) {
  // How clients connect and what a failure is called change no state, and before it there is only one.
  const key = isBefore(scenario) ? "before" : known(scenario);
  if (!plan.kept.has(key)) {
    // Some of the last ones: a page asks for each time of a failure again and again.
    if (plan.kept.size > 24) plan.kept = new Map([["before", plan.before]]);
    plan.kept.set(key, worksOut(plan, scenario));
  }
  const made = plan.kept.get(key);
  return made && { ...made, scenario };
}

const isBefore = (scenario) => scenario.at === "before" || (!scenario.down.length && !scenario.drain.length);

function worksOut(plan, scenario) {
  if (isBefore(scenario)) return state(scenario, {});
  let found = (plan.states || {})[known(scenario)];
  if (found?.like) found = { ...plan.states[found.like], ...found };
  if (found) return recorded(plan, scenario, found);
  if (scenario.at === "cordoned") return state(scenario, { cordonedNodes: scenario.drain });
  if (scenario.drain.length || !scenario.down.every((it) => SIMPLE.test(it))) return null;
  const down = new Set(scenario.down);
  const downNodes = plan.nodes.filter(
    (node) => down.has(`node/${node.name}`) || (node.zone !== null && down.has(`zone/${node.zone}`)),
  ).map((node) => node.name);
  const deadPods = scenario.down.filter((it) => it.startsWith("pod/")).map((it) => it.slice(4));
  const failed = { downNodes, deadPods };
  if (scenario.at === "failed") return state(scenario, failed);
  const planes = plan.nodes.filter((node) => node.controlPlane);
  // A managed control plane shows no nodes of its own: it runs elsewhere, and is up.
  if (planes.length && planes.every((node) => downNodes.includes(node.name))) {
    return state(scenario, { ...failed, notes: [plan.words.whole.undetected] });
  }
  if (scenario.at !== "detected") return null;
  return state(scenario, { ...failed, unreadyNodes: downNodes, unreadyPods: deadPods });
}

function state(scenario, its) {
  const made = { scenario, pods: {}, notes: its.notes || [], ports: its.ports || {}, recorded: false, cache: new Map() };
  const sets = ["downNodes", "deadPods", "unreadyNodes", "unreadyPods", "cordonedNodes", "staleNodes", "deadProxies",
    "unseenNodes", "blockedPods"];
  for (const name of sets) made[name] = new Set(its[name] || []);
  return made;
}

// A sentence by its number, or by the number of its form and the names in it.
function sentence(plan, it) {
  if (!Array.isArray(it)) return plan.texts[it] || "";
  const names = it.slice(1).map((name) => named(plan, name));
  return plan.texts[it[0]].replace(/\{(\d+)\}/g, (_, number) => names[number]);
}

function recorded(plan, scenario, its) {
  const ports = {};
  for (const [i, change] of Object.entries(its.ports || {})) {
    const port = plan.ports[i];
    const listed = change.e?.flatMap((row) => {
      if (Array.isArray(row)) {
        const [first, last, bits] = row;
        const run = port.endpoints.slice(first, last + 1);
        if (bits === undefined) return run;
        return run.map((it) => ({ ...it, ready: bits > 3, serving: (bits & 2) > 0, terminating: (bits & 1) > 0 }));
      }
      return [endpoint(plan, { ...("i" in row ? port.rows[row.i] : { t: port.rows[0]?.t }), ...row })];
    });
    ports[i] = { ...change, endpoints: listed };
  }
  const pods = Object.fromEntries((its.pods || []).map((number) => {
    const { k, ...pod } = plan.pods[number];
    return [k, { ...pod, f: plan.words.fates[pod.f], c: sentence(plan, pod.c), w: named(plan, pod.w) }];
  }));
  const detected = scenario.at === "detected" || scenario.at === "rescheduled";
  const unreadyNodes = its.unreadyNodes ?? (detected ? its.downNodes : []);
  const notes = (its.notes || []).map((note) => sentence(plan, note));
  return { ...state(scenario, { ...its, ports, unreadyNodes, notes }), pods, recorded: true };
}

// --- what the EndpointSlices say ---------------------------------------------------------------------------------

function endpointsAt(plan, state, port) {
  if (state.recorded) return state.ports[port.i]?.endpoints || port.endpoints;
  if (!state.unreadyNodes.size && !state.unreadyPods.size) return port.endpoints;
  let changed = false;
  const marked = port.endpoints.map((it) => {
    const gone = state.unreadyNodes.has(it.node) || state.unreadyPods.has(it.pod);
    // No controller touches a slice that somebody wrote by hand.
    if (!gone || !it.managed) return it;
    changed = true;
    return { ...it, ready: port.publish, serving: false };
  });
  return changed ? withHints(plan, state, port, marked) : port.endpoints;
}

const live = (state, it) => !state.deadPods.has(it.pod) && !state.downNodes.has(it.home);

function withHints(plan, state, port, endpoints) {
  if (!port.byCpu && port.distribution === null) return endpoints;
  const ready = endpoints.filter((it) => it.managed && it.ready);
  let hints = new Map();
  if (port.byCpu) hints = zoneShares(plan, state, ready);
  else if (["PreferClose", "PreferSameZone", "PreferSameNode"].includes(port.distribution)) {
    hints = new Map(ready.filter((it) => it.zone).map((it) => [it, it.zone]));
  }
  const toNode = !port.byCpu && port.distribution === "PreferSameNode";
  return endpoints.map((it) => {
    if (!it.managed) return it;
    const zone = hints.get(it);
    return { ...it, zoneHints: zone ? [zone] : [], nodeHints: toNode && it.ready && it.node ? [it.node] : [] };
  });
}

// KEP-2433: endpoints are shared out by the zones' CPU.
function zoneShares(plan, state, ready) {
  const cpu = new Map();
  for (const node of plan.nodes) {
    if (node.cpu === undefined || !node.ready || state.unreadyNodes.has(node.name)) continue;
    if (!node.label || !node.cpu) return new Map();
    cpu.set(node.label, (cpu.get(node.label) || 0) + node.cpu);
  }
  const total = [...cpu.values()].reduce((sum, it) => sum + it, 0);
  if (cpu.size < 2 || cpu.size > ready.length || ready.some((it) => !it.zone)) return new Map();
  const desired = new Map();
  let least = 0;
  for (const [zone, amount] of cpu) {
    const share = (amount / total) * ready.length;
    const minimum = Math.ceil(share * (1 / (1 + 0.2)));
    least += minimum;
    desired.set(zone, Math.max(share, minimum));
  }
  if (least > ready.length) return new Map();
  const hints = new Map(ready.map((it) => [it, it.zone]));
  const [give, receive] = transfers(desired, ready);
  for (const it of ready) {
    const target = [...receive.keys()].sort(compare).find((zone) => receive.get(zone) > 0);
    if ((give.get(it.zone) || 0) > 0 && target !== undefined) {
      give.set(it.zone, give.get(it.zone) - 1);
      receive.set(target, receive.get(target) - 1);
      hints.set(it, target);
    }
  }
  return hints;
}

function transfers(desired, ready) {
  const have = (zone) => ready.filter((it) => it.zone === zone).length;
  const [surplus, lack] = [new Map(), new Map()];
  for (const [zone, share] of desired) {
    if (have(zone) > share) surplus.set(zone, have(zone) - share);
    if (have(zone) < share) lack.set(zone, share - have(zone));
  }
  const most = (its) => [...its.keys()].sort(compare).reduce((best, it) => (its.get(it) > its.get(best) ? it : best));
  const [give, receive] = [new Map(), new Map()];
  while (surplus.size && lack.size) {
    const [giver, taker] = [most(surplus), most(lack)];
    const [over, need] = [surplus.get(giver), lack.get(taker)];
    if ((over < 1 && need < 1) || Math.min(over, need) < 0.5) break;
    give.set(giver, (give.get(giver) || 0) + 1);
    receive.set(taker, (receive.get(taker) || 0) + 1);
    surplus.set(giver, over - 1);
    lack.set(taker, need - 1);
  }
  return [give, receive];
}

// --- why nothing is usable ---------------------------------------------------------------------------------------

function noEndpoints(plan, state, port, listed) {
  const change = state.ports[port.i];
  if (state.recorded && change && "n" in change) return change.n;
  if (listed.some((it) => it.ready || (it.serving && it.terminating))) return null;
  if (!listed.length) return port.none;
  const words = plan.words.none;
  const short = fill(listed.length === 1 ? words.only : words.several, { count: listed.length });
  const lost = listed.filter((it) => !live(state, it));
  const down = lost.filter((it) => state.downNodes.has(it.home)).map((it) => it.home);
  const leaving = listed.filter((it) => it.terminating && live(state, it)).length;
  const parts = [];
  if (down.length) parts.push(fill(new Set(down).size === 1 ? words.onOne : words.onSeveral, { count: down.length, node: down[0] }));
  if (lost.length > down.length) parts.push(fill(words.silent, { count: lost.length - down.length }));
  if (leaving) parts.push(fill(words.terminating, { count: leaving }));
  const detail = parts.join("; ");
  return [short, detail ? fill(words.whole, { short, detail }) : short];
}
