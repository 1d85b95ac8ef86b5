// Where new connections go: kube-proxy's rules, with the names of webapp/routing.

// --- kube-proxy's choice -----------------------------------------------------------------------------------------

function categorize(endpoints) {
  const first = new Map();
  for (const it of endpoints) {
    const key = `${it.address || it.key} ${it.port}`;
    if (!first.has(key)) first.set(key, it);
  }
  const distinct = [...first.values()];
  const ready = distinct.filter((it) => it.ready);
  const terminating = distinct.filter((it) => !it.ready && it.serving && it.terminating);
  return {
    usable: ready.length ? ready : terminating,
    byNode: byHint(ready, "nodeHints"), byZone: byHint(ready, "zoneHints"),
    localReady: byHome(ready), localTerminating: byHome(terminating),
  };
}

function byHint(ready, which) {
  const found = new Map();
  for (const it of ready) {
    // One ready endpoint without a hint turns hints off for all (KEP-2433).
    if (!it[which].length) return new Map();
    for (const hint of it[which]) found.set(hint, [...(found.get(hint) || []), it]);
  }
  return found;
}

function byHome(endpoints) {
  const found = new Map();
  for (const it of endpoints) {
    if (it.node === null) continue;
    if (!found.has(it.node)) found.set(it.node, []);
    found.get(it.node).push(it);
  }
  return found;
}

// Most failures leave most lists of endpoints as they are: each list is sorted once.
const categorized = new WeakMap();

function categorizedOf(endpoints, family) {
  if (!categorized.has(endpoints)) categorized.set(endpoints, {});
  return (categorized.get(endpoints)[family] ||= categorize(ofFamily(endpoints, family)));
}

const ofFamily = (endpoints, family) =>
  endpoints.filter((it) => it.address === null || it.address.includes(":") === (family === "IPv6"));

function evaluator(plan, state, port, listed, family, none) {
  const sides = {};
  const its = ofFamily(listed, family);
  const why = none ? none[1] : its.length ? "" : fill(plan.words.why["no family"], { family });
  const side = (stale) => (sides[stale] ||= { among: categorizedOf(stale ? port.endpoints : listed, family), mixes: new Map() });
  // A sentence is made where it is read, not for each of thousands of entry points.
  const say = (name, values) => fill(plan.words.why[name], { service: port.service, ...values });

  function entry(point) {
    const node = point.name;
    const no = (result, cause, name, values) => ({ node, answered: 0, result, cause, reason: () => say(name, values), shares: null });
    if (!point.up) return no("timeout", "node-down", "node down", { node });
    if (!port.proxied) return no("refused", "not-proxied", "not proxied", {});
    const { among, mixes } = side(point.stale);
    const chosen = port.local
      ? among.localReady.get(node) || among.localTerminating.get(node) || []
      : among.byNode.get(node) || (point.zone && among.byZone.get(point.zone)) || among.usable;
    const dropped = !chosen.length && among.usable.length > 0;
    if (!point.listens && !(plan.iptables && dropped)) {
      const sentence = point.lacks ? "lacks family" : "address excluded";
      return no("refused", "address-excluded", sentence, { node, family: point.lacks });
    }
    if (dropped) return no("timeout", "no-local-endpoint", "no local endpoint", { node });
    if (!chosen.length) {
      const because = point.stale ? "" : why;
      return no("refused", "no-endpoint", "no endpoint", { why: because ? `: ${because}` : "" });
    }
    if (!mixes.has(chosen)) mixes.set(chosen, mix(point, chosen, among));
    return { node, ...mixes.get(chosen) };
  }

  let deadKeys = null;
  const findDead = () => new Set([...its, ...(state.staleNodes.size ? ofFamily(port.endpoints, family) : [])]
    .filter((it) => !live(state, it)).map((it) => it.key));

  function mix(point, chosen, among) {
    deadKeys ||= findDead();
    const count = chosen.length;
    const selected = new Map();
    for (const it of chosen) selected.set(it.key, (selected.get(it.key) || 0) + 1);
    let dead = 0;
    for (const [key, times] of selected) if (deadKeys.has(key)) dead += times;
    return {
      shares: new Map([...selected].map(([key, times]) => [key, times / count])),
      answered: (count - dead) / count,
      result: !dead ? "answered" : dead < count ? "degraded" : "timeout",
      cause: dead ? "dead-endpoints" : "answered",
      reason: () => reason(point, chosen, among, dead),
    };
  }

  function reason(point, chosen, among, dead) {
    const count = chosen.length;
    const which = whose(point, chosen, among);
    if (!dead) {
      const stays = port.sticky ? say("sticky", {}) : "";
      return say(count > 1 ? "one of several" : "only one", { count, which, stays });
    }
    if (dead === count) return say(count === 1 ? "only one, dead" : "all dead", { count, which });
    return say(dead === 1 ? "one dead" : "some dead", { dead, count, which });
  }

  function whose(point, chosen, among) {
    const node = point.name;
    if (!chosen[0].ready) {
      const still = chosen.length === 1 ? "one terminating" : "several terminating";
      return say(port.local ? `${still}, local` : still, { node });
    }
    if (port.local) return say("local", { node });
    if (chosen === among.usable) return "";
    const byNode = chosen === among.byNode.get(node);
    return say(byNode ? "hinted for node" : "hinted for zone", { node, zone: point.zone });
  }

  function target(point) {
    if (!port.local) return point.up && point.target;
    if (!port.proxied) return false;
    return point.target && point.up && side(point.stale).among.localReady.has(point.name);
  }

  return { entry, target };
}

// --- entry points, equal ones together ---------------------------------------------------------------------------

const kindOf = (point) => ((point.sort * 2 + point.up) * 2 + point.stale) * 2 + point.target;

function pointsAt(plan, state, port) {
  const silent = port.checked && state.deadProxies.size > 0;
  const key = `${port.families.join(" ")}|${silent}`;
  if (!state.cache.has(key)) {
    const before = plan.entered[port.families.join(" ")];
    const points = [...before.points];
    const changed = new Set([...state.downNodes, ...state.staleNodes, ...(silent ? state.deadProxies : [])]);
    const equal = new Map();
    // Most nodes are as they were before, together with their equals.
    for (const [kind, its] of before.equal) {
      const kept = changed.size ? its.filter((point) => !changed.has(point.name)) : its;
      if (kept.length) equal.set(kind, kept);
    }
    for (const name of changed) {
      if (!plan.byName.has(name)) continue;
      const { rank } = plan.byName.get(name);
      const point = { ...points[rank], up: !state.downNodes.has(name), stale: state.staleNodes.has(name) };
      point.target &&= !(silent && state.deadProxies.has(name));
      point.kind = kindOf(point);
      points[rank] = point;
      if (!equal.has(point.kind)) equal.set(point.kind, []);
      equal.get(point.kind).push(point);
    }
    state.cache.set(key, { points, equal, families: before.families });
  }
  return state.cache.get(key);
}

// What new connections to one service port get: the entry points that behave alike, and each endpoint's share.
function outcome(plan, state, port) {
  const key = `port ${port.i}`;
  if (!state.cache.has(key)) state.cache.set(key, worked(plan, state, port));
  return state.cache.get(key);
}

function worked(plan, state, port) {
  const listed = endpointsAt(plan, state, port);
  const liveKeys = new Set(listed.filter((it) => live(state, it)).map((it) => it.key));
  const none = noEndpoints(plan, state, port, listed);
  const made = { port, listed, live: liveKeys, none, groups: [], entryOf: () => null, groupOf: () => null };
  if (!port.entries) return made;
  const { points, equal, families } = pointsAt(plan, state, port);
  const evaluators = new Map();
  const told = new Map();
  for (const family of families) {
    evaluators.set(family, evaluator(plan, state, port, listed, family, none));
    told.set(family, toldApart(state, port, listed, family));
  }
  const groupOf = new Map();
  const point = (name) => points[plan.byName.get(name).rank];
  const add = (key, first, count) => {
    const by = evaluators.get(first.family);
    const group = { entry: by.entry(first), target: by.target(first), count };
    made.groups.push(group);
    groupOf.set(key, group);
  };
  const alone = new Map();
  for (const [family, names] of told) {
    for (const name of names) {
      if (!plan.byName.has(name) || point(name).family !== family) continue;
      add(name, point(name), 1);
      alone.set(point(name).kind, (alone.get(point(name).kind) || 0) + 1);
    }
  }
  for (const [kind, its] of equal) {
    const count = its.length - (alone.get(kind) || 0);
    // Any of them may stand for the others: which one it is shows in names only.
    if (count) add(kind, its.find((each) => !told.get(each.family).has(each.name)), count);
  }
  made.entryOf = (name) => evaluators.get(point(name).family).entry(point(name));
  made.groupOf = (name) => groupOf.get(name) || groupOf.get(point(name).kind);
  return made;
}

function toldApart(state, port, listed, family) {
  const its = [...ofFamily(listed, family), ...(state.staleNodes.size ? ofFamily(port.endpoints, family) : [])];
  if (port.local) return new Set(its.filter((it) => it.node !== null).map((it) => it.node));
  const host = new Set(ofFamily(listed, family).filter((it) => it.hostNetwork).map((it) => it.key));
  const homes = its.filter((it) => it.home !== null && host.has(it.key)).map((it) => it.home);
  return new Set([...its.flatMap((it) => it.nodeHints), ...homes]);
}

const chosen = (outcome, via) => {
  if (via === "dns") return outcome.groups;
  if (via === "lb") return outcome.groups.filter((group) => group.target);
  const group = outcome.groups.length ? outcome.groupOf(via.slice(5)) : null;
  return group ? [{ ...group, count: 1, named: group }] : [];
};

function mean(groups) {
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  return total ? fsum(groups.map((group) => group.count * group.entry.answered)) / total : 0;
}

function answered(outcome, via) {
  return outcome.groups.length ? mean(chosen(outcome, via)) : null;
}

// Every node that is up, and that clients come to, refuses the connection.
function refused(outcome, via) {
  const results = chosen(outcome, via).filter((it) => it.entry.cause !== "node-down").map((it) => it.entry.result);
  return results.length > 0 && results.every((it) => it === "refused");
}
