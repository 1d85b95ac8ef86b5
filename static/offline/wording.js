// What is said of one service port in a state: the words of webapp/diagram, from the templates in the plan.

// As Python writes it: exact halves go to the even digit.
function twoDecimals(value) {
  const hundredth = value * 100;
  const half = Number.isInteger(value * 8) && Math.abs(hundredth % 1) === 0.5;
  if (!half) return value.toFixed(2);
  const low = Math.floor(hundredth);
  return ((low % 2 === 0 ? low : low + 1) / 100).toFixed(2);
}

function figure(share) {
  if (share <= MOST_NOISE) return "0";
  if (share >= 1 - MOST_NOISE) return "100";
  const text = twoDecimals(share * 100);
  if (text === "0.00") return "<0.01";
  if (text === "100.00") return ">99.99";
  return text.replace(/0+$/, "").replace(/\.$/, "");
}

const percent = (share) => `${figure(share)}\u202f%`;
const joined = (...parts) => parts.filter(Boolean).join(" · ");

function some(plan, names) {
  const rest = names.length - 3;
  return names.slice(0, 3).join(", ") + (rest > 0 ? fill(plan.words.whole.more, { rest }) : "");
}

// --- the whole -------------------------------------------------------------------------------------------------------

function viaWords(plan, via) {
  const { vias } = plan.words.whole;
  return vias[via] || fill(vias.node, { node: via.slice(5) });
}

function situation(plan, scenario) {
  const { whole, moments } = plan.words;
  const via = viaWords(plan, scenario.via);
  let failed = whole.nothing;
  if (scenario.at !== "before" && (scenario.down.length || scenario.drain.length)) {
    const moment = moments[scenario.at];
    failed = scenario.drain.length
      ? fill(whole.drain, { nodes: some(plan, scenario.drain), moment })
      : fill(whole.crash, { what: whatFailed(plan, scenario), moment });
  }
  return fill(whole.situation, { failed, via });
}

function whatFailed(plan, scenario) {
  const befell = new Map();
  for (const word of [...scenario.down].sort(natural)) {
    const [kind, ...rest] = word.split("/");
    // Until it is back, a node that will return is simply down.
    const pictured = kind === "returned" && scenario.at !== "rescheduled" ? "node" : kind;
    const [before, what] = plan.words.pictured[pictured];
    befell.set(what, [...(befell.get(what) || []), before + rest.join("/")]);
  }
  return [...befell].map(([what, names]) => `${some(plan, names)} ${what}`).join(", ");
}

function headline(plan, scenario, port, share) {
  const { whole } = plan.words;
  const called = scenario.name ? fill(whole.called, { name: scenario.name }) : "";
  const values = { service: port.service, port: port.port };
  if (share === null) return called + fill(whole.noEntry, values);
  return called + fill(whole.headline, { ...values, share: percent(share) });
}

// --- one service port ------------------------------------------------------------------------------------------------

// What is worked out of a service port in a state, before anything is said.
function portFacts(plan, state, port) {
  const { scenario } = state;
  const now = outcome(plan, state, port);
  const before = outcome(plan, plan.before, port);
  const its = { plan, state, port, now, before, scenario };
  its.endpoints = inOrder(now.listed);
  its.sets = endpointSets(now, its.endpoints);
  its.pools = pools(its.sets);
  its.each = eachEntry(now, scenario.via);
  its.arrivals = arrivals(its);
  its.waiting = state.ports[port.i]?.w || port.waiting;
  return its;
}

function portView(plan, state, port) {
  const its = portFacts(plan, state, port);
  const { scenario, now, before } = its;
  const lanes = lanesOf(its);
  const share = answered(now, scenario.via);
  const picks = serviceLine(its);
  return {
    headline: headline(plan, scenario, port, share),
    situation: situation(plan, scenario),
    notes: [...(port.note ? [port.note] : []), ...state.notes,
      ...plan.assumptions.map((text) => fill(plan.words.whole.assumed, { text }))],
    share, before: answered(before, scenario.via), dns: answered(now, "dns"), lb: answered(now, "lb"),
    refused: refused(now, scenario.via), said: verdict(its, `${port.service}:${port.port}`),
    line: picks, head: headLine(its, picks), client: clientLine(its, lanes),
    pools: new Set(its.pools.values()).size, lanes,
  };
}

function inOrder(listed) {
  const unique = new Map();
  for (const it of listed) if (!unique.has(it.key)) unique.set(it.key, it);
  return [...unique.values()].sort((one, other) => natural(one.key, other.key));
}

// The sets of endpoints that entry points select from, each with the groups that do.
function endpointSets(now, endpoints) {
  const rank = new Map(endpoints.map((it, i) => [it.key, i]));
  const sets = new Map();
  for (const group of now.groups) {
    const { shares } = group.entry;
    if (!shares) continue;
    const content = [...shares].map(([key, share]) => [rank.get(key), share]).sort((a, b) => a[0] - b[0]).join(";");
    if (!sets.has(content)) sets.set(content, { shares, users: [] });
    sets.get(content).users.push(group);
  }
  return [...sets.values()];
}

// By endpoint: the smallest key of those that share traffic with it; sets that overlap are one pool.
function pools(sets) {
  const parent = new Map();
  const root = (key) => {
    let at = key;
    while (parent.get(at) !== at) at = parent.get(at);
    parent.set(key, at);
    return at;
  };
  for (const { shares } of sets) {
    const [first, ...rest] = shares.keys();
    if (!parent.has(first)) parent.set(first, first);
    for (const key of rest) {
      if (!parent.has(key)) parent.set(key, key);
      const [one, other] = [root(first), root(key)];
      if (compare(one, other) <= 0) parent.set(other, one);
      else parent.set(one, other);
    }
  }
  return new Map([...parent.keys()].map((key) => [key, root(key)]));
}

function eachEntry(now, via) {
  const count = chosen(now, via).reduce((sum, group) => sum + group.count, 0);
  return count ? 1 / count : 0;
}

function comesInAt(its, node, group) {
  const { via } = its.scenario;
  if (via === "dns" || via === "lb") return via === "dns" || group.target ? its.each : 0;
  return via === `node/${node}` ? 1 : 0;
}

// By endpoint key: its share of all new connections, out of all the sets that hold it.
function arrivals(its) {
  const { via } = its.scenario;
  const named = via === "dns" || via === "lb" ? null : its.now.groups.length && its.now.groupOf(via.slice(5));
  const parts = new Map();
  for (const { shares, users } of its.sets) {
    const weights = users.map((group) => {
      if (named !== null) return group === named ? 1 : 0;
      return via === "dns" || group.target ? its.each * group.count : 0;
    });
    for (const [key, selected] of shares) {
      if (!parts.has(key)) parts.set(key, []);
      parts.get(key).push(fsum(weights.map((each) => each * selected)));
    }
  }
  return new Map([...parts].map(([key, shares]) => [key, fsum(shares)]));
}

function serviceLine(its) {
  const { selects } = its.plan.words;
  const { port, now } = its;
  if (port.line) return port.line;
  const picked = its.pools.size;
  if (picked) {
    if (port.local) return selects.local;
    const parts = new Set(its.pools.values()).size;
    if (parts > 1) return fill(selects.pools, { pools: parts });
    if (picked === 1) return selects.one;
    return its.sets.length > 1 ? selects.differ : fill(selects.random, { picked });
  }
  const causes = new Set(now.groups.map((group) => group.entry.cause).filter((cause) => cause !== "node-down"));
  if (!causes.size) return selects.noNode;
  if (causes.has("not-proxied")) return selects.notProxied;
  if (causes.size === 1 && causes.has("address-excluded")) return selects.excluded;
  if (causes.has("no-local-endpoint")) return selects.noLocal;
  const why = now.none ? now.none[0] : "";
  if (its.endpoints.length) return why ? fill(selects.noneReadyWhy, { why }) : selects.noneReady;
  return why ? fill(selects.noneWhy, { why }) : selects.none;
}

function headLine(its, picks) {
  const { selects } = its.plan.words;
  const { port } = its;
  if (!port.accepted) return picks;
  const picked = its.pools.size;
  const random = picked > 1 && !port.local && new Set(its.pools.values()).size === 1 && its.sets.length <= 1;
  return fill(selects.head, { head: port.head, line: random ? fill(selects.headRandom, { picked }) : picks });
}

function clientLine(its, lanes) {
  const { via } = its.scenario;
  const forms = its.plan.words.selects.clients[via];
  if (!forms) return viaWords(its.plan, via);
  const count = lanes.filter((lane) => lane.entry && lane.entry.target).length;
  return fill(forms[Math.min(count, 2)], { count });
}

// --- lanes -----------------------------------------------------------------------------------------------------------

// All endpoints as boxes, by the node that they are on; null is no node of the cluster.
function podsByNode(its) {
  const successors = new Map();
  const changes = its.state.pods;
  for (const it of its.endpoints) {
    const replaces = changes[it.key]?.o;
    if (replaces) successors.set(replaces, it.home || "pending");
  }
  for (const it of its.waiting) if (it.o) successors.set(it.o, it.j ? "failed" : "pending");
  const on = new Map();
  for (const it of its.endpoints) {
    const home = its.plan.byName.has(it.home) ? it.home : null;
    if (!on.has(home)) on.set(home, []);
    on.get(home).push(podBox(its, it, changes[it.key], successors));
  }
  return on;
}

function byZone(plan) {
  const rank = new Map(plan.zones.map((zone, i) => [zone, i]));
  return [...plan.nodes].sort(
    (one, other) => (rank.get(one.zone) ?? Infinity) - (rank.get(other.zone) ?? Infinity) || one.rank - other.rank || 0,
  );
}

function lanesOf(its) {
  const { plan } = its;
  const on = podsByNode(its);
  const lanes = byZone(plan).map((node) => laneOf(its, node, on.get(node.name) || []));
  const { lane } = plan.words;
  if (on.has(null)) lanes.push(aside("elsewhere", lane.elsewhere, on.get(null)));
  if (its.waiting.length) {
    const rejected = its.waiting.filter((it) => it.j).length;
    const forms = !rejected ? lane.waiting : rejected === its.waiting.length ? lane.rejected : [lane.mixed, lane.mixed];
    const count = its.waiting.length;
    const said = forms[count === 1 ? 0 : 1].map((text) => fill(text, { count, rejected }));
    lanes.push(aside("pending", said, its.waiting.map((it) => waitingBox(plan, it))));
  }
  return lanes;
}

function aside(sort, [title, quiet], pods) {
  return { sort, node: null, zone: null, title, code: "", quiet, state: "up", word: "", assumed: sort === "pending", entry: null, pods, note: [] };
}

function laneOf(its, node, pods) {
  const { lane, nodeWords } = its.plan.words;
  const state = nodeState(its.state, node);
  const stale = its.state.staleNodes.has(node.name);
  const entry = its.port.entries ? entryBox(its, node) : null;
  return {
    sort: "node", node: node.name, zone: node.zone, title: node.name, code: node.address,
    quiet: joined(node.controlPlane ? lane.controlPlane : "", stale ? lane.stale : ""),
    stale, state, word: nodeWords[state], assumed: node.assumed, entry, pods, note: noPod(its, entry),
  };
}

function nodeState(state, node) {
  const { name } = node;
  if (state.downNodes.has(name)) return "down";
  if (state.unseenNodes.has(name)) return "partitioned";
  if (state.unreadyNodes.has(name) || !node.ready) return "not-ready";
  const cordoned = state.cordonedNodes.has(name);
  if (cordoned && state.scenario.drain.includes(name)) {
    return { evicting: "evicting", drained: "drained" }[state.scenario.at] || "cordoned";
  }
  return cordoned || node.unschedulable ? "cordoned" : "up";
}

function entryBox(its, node) {
  const { now, before } = its;
  const [group, old] = [now.groupOf(node.name), before.groupOf(node.name)];
  // What thousands of nodes have in common is worked out once.
  if (!its.boxes) its.boxes = new Map();
  if (!its.boxes.has(group)) its.boxes.set(group, new Map());
  const known = its.boxes.get(group);
  if (!known.has(old)) known.set(old, commonBox(its, group.entry, old.entry.answered));
  const share = comesInAt(its, node.name, group);
  return {
    name: node.name, ...known.get(old), share, target: share > 0, checked: Boolean(group.target),
    get reason() {
      return now.entryOf(node.name).reason();
    },
  };
}

function commonBox(its, entry, was) {
  const { plan } = its;
  const passes = Boolean(entry.shares);
  const { entry: forms, results } = plan.words;
  const fails = entry.result === "refused" || entry.result === "timeout";
  const said = fill(fails ? forms.fails : forms.passes, { word: results[entry.result], share: percent(entry.answered) });
  const changed = percent(was) !== percent(entry.answered);
  return {
    port: `:${its.port.nodePort}`, tone: plan.words.entryTones[entry.result],
    words: said + (changed ? fill(forms.was, { share: percent(was) }) : ""),
    look: `${entry.result} ${entry.answered.toFixed(9)}`, answered: entry.answered, was, cause: entry.cause, result: ending(entry), ends: entry.result, passes, changed,
    pool: passes ? its.pools.get(entry.shares.keys().next().value) : "",
  };
}

// What a degraded entry point loses is lost at a pod, so its own edge arrives.
function ending(entry) {
  if (entry.shares || entry.result === "degraded") return "answered";
  return entry.cause === "no-local-endpoint" ? "dropped" : entry.result;
}

function noPod(its, entry) {
  const { notes } = its.plan.words;
  if (!entry || entry.cause === "node-down") return notes.down;
  if (its.port.local) {
    if (entry.cause !== "no-local-endpoint") return notes.here;
    return entry.was ? notes.localGone : notes.local;
  }
  if (!entry.pool) return notes.here;
  return entry.answered <= MOST_NOISE ? notes.dead : notes.elsewhere;
}

// --- pods ------------------------------------------------------------------------------------------------------------

function podBox(its, it, change, successors) {
  const { plan, state, port } = its;
  const { podTones, podWords, fateWords, told } = plan.words;
  const selected = its.pools.has(it.key);
  const alive = its.now.live.has(it.key);
  const how = endpointState(it, selected, alive);
  const fate = change ? change.f : "";
  const befell = toldOf(told, it, how, change, successors.get(it.key) || "");
  const cutOff = alive && state.unseenNodes.has(it.home);
  return {
    key: it.key, name: it.pod ? it.pod.slice(it.pod.indexOf("/") + 1) : it.key, detail: joined(addressOf(it), it.assumed ? told.assumed : "", befell),
    tone: podTones[how], words: alive && fateWords[fate] && how !== "answers" ? fateWords[fate] : podWords[how],
    share: its.arrivals.get(it.key) || 0, picked: its.arrivals.has(it.key), lost: how === "no-answer", state: how,
    shape: podShape(it, how, alive, fate),
    badge: cutOff ? "cut-off" : state.blockedPods.has(it.key) ? "blocked" : fate === "moved" ? "recreated" : "",
    takes: it.known ? `pod/${it.key}` : "", down: state.scenario.down.includes(`pod/${it.key}`),
    reason: (change && change.c) || (its.arrivals.has(it.key) && !alive ? told.dead : ""),
    changed: state.scenario.at !== "before" && (Boolean(change) || !alive || it.ready !== port.ready.has(it.key)),
    assumed: it.assumed, pool: its.pools.get(it.key) || "", fate, port: it.port,
  };
}

function endpointState(it, selected, alive) {
  if (!alive) return selected ? "no-answer" : "down";
  if (selected) return "answers";
  if (it.terminating) return "terminating";
  return it.ready ? "not-picked" : "not-ready";
}

function podShape(it, how, alive, fate) {
  if (!alive) return "dead";
  if (it.terminating || fate === "evicted" || fate === "stuck") return "terminating";
  return how === "not-ready" ? "not-ready" : "ready";
}

function addressOf(it) {
  const host = it.address || "";
  return host.includes(":") ? `[${host}]:${it.port}` : `${host}:${it.port}`;
}

function toldOf(told, it, how, change, successor) {
  if (change && change.w && change.f === "moved") return fill(told.from, { node: change.w });
  if (successor) return successor === "pending" || successor === "failed" ? told[successor] : fill(told.now, { node: successor });
  if (how === "answers" && it.terminating) return told.terminating;
  return change && change.f === "stuck" ? told.stuck : "";
}

function waitingBox(plan, it) {
  const { told } = plan.words;
  const where = it.j ? fill(told.rejected, { node: it.j }) : told.waits;
  const came = it.w ? fill(told.from, { node: it.w }) : where;
  return {
    key: it.k, name: it.k.slice(it.k.indexOf("/") + 1), detail: joined(came, it.u ? told.assumed : ""), tone: it.j ? "bad" : "quiet",
    words: it.j ? told.rejectedWords : told.waitingWords, share: 0, picked: false, lost: false, state: "pending",
    shape: it.j ? "dead" : "pending", badge: "", takes: "", down: false, reason: it.c || "", changed: Boolean(it.o),
    assumed: Boolean(it.u), pool: "", fate: "",
  };
}

// --- the table -------------------------------------------------------------------------------------------------------

function tableRows(plan, lanes) {
  const { assumed } = plan.words.told;
  const pod = (its) => [its.name, its.assumed ? `(${assumed})` : "", its.words, its.picked ? `(${percent(its.share)})` : ""].filter(Boolean).join(" ");
  const row = (lane) => [
    [lane.title, lane.word, lane.assumed ? `(${assumed})` : ""].filter(Boolean).join(" "),
    lane.entry ? lane.entry.name + lane.entry.port : "",
    lane.entry ? percent(lane.entry.share) : "",
    lane.entry ? lane.entry.words : "",
    lane.pods.map(pod).join("; "),
  ];
  return [plan.words.columns, ...lanes.map(row)];
}
