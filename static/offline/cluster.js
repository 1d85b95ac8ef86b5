// What is said of a whole cluster in a state: a bar for each service port that has one, a number for the others.

// --- how connections end ---------------------------------------------------------------------------------------------

// By how they end, the share of all new connections to a port; they sum to 1.
function endings(its) {
  const { via } = its.scenario;
  const parts = { ok: [], address: [], pods: [], refused: [], dropped: [] };
  const used = usedGroups(its);
  for (const [group, share] of used) if (!group.entry.shares) parts[lostAt(group.entry)].push(share);
  for (const [key, share] of its.arrivals) parts[its.now.live.has(key) ? "ok" : "pods"].push(share);
  // A load balancer without a target: no edge carries these connections.
  if (its.now.groups.length && !used.length && via === "lb") parts.dropped.push(1);
  return Object.fromEntries(Object.entries(parts).map(([ending, shares]) => [ending, fsum(shares)]));
}

// The groups of entry points that clients connect to, each with its share of all new connections.
function usedGroups(its) {
  const { via } = its.scenario;
  if (via === "dns" || via === "lb") {
    return its.now.groups.filter((group) => via === "dns" || group.target).map((group) => [group, its.each * group.count]);
  }
  const group = its.now.groups.length ? its.now.groupOf(via.slice(5)) : null;
  return group ? [[group, 1]] : [];
}

function lostAt(entry) {
  if (entry.cause === "node-down") return "address";
  if (entry.result === "refused") return "refused";
  return "dropped";
}

function portResult(share, isRefused) {
  if (share >= 1 - MOST_NOISE) return "answered";
  if (share > MOST_NOISE) return "degraded";
  return isRefused ? "refused" : "timeout";
}

// The verdict as one sentence: what is answered, and where the rest ends.
function verdict(its, name) {
  const words = its.plan.words.endings;
  const share = answered(its.now, its.scenario.via);
  if (share === null) return "";
  if (share >= 1 - MOST_NOISE) return fill(words.all, { name });
  const lost = Object.entries(endings(its)).filter(([ending, part]) => ending !== "ok" && part > MOST_NOISE);
  return fill(words.some, { share: percent(share), name, lost: lost.map(([ending]) => endingWords(its, ending)).join(", ") });
}

function endingWords(its, ending) {
  const words = its.plan.words.endings;
  if (ending === "pods") return deadPods(its);
  const { via } = its.scenario;
  const groups = usedGroups(its).map(([group]) => group).filter((group) => !group.entry.shares && lostAt(group.entry) === ending);
  const single = via.startsWith("node/");
  const count = single ? groups.length : groups.reduce((sum, group) => sum + group.count, 0);
  const values = { count, node: single ? via.slice(5) : groups[0]?.entry.node };
  if (ending === "address") return fill(count === 1 ? words["node address"] : words.addresses, values);
  if (ending === "refused") return fill(words.refused, { why: refusing(its, groups) });
  if (!groups.length) return words["no target"];
  return fill(count === 1 ? words["dropped by one"] : words.dropped, values);
}

function refusing(its, groups) {
  const words = its.plan.words.endings;
  const causes = new Set(groups.map((group) => group.entry.cause));
  if (causes.has("not-proxied")) return words["not proxied"];
  if (causes.size === 1 && causes.has("address-excluded")) return words["address excluded"];
  return (its.now.none && its.now.none[0]) || words["no endpoint"];
}

function deadPods(its) {
  const words = its.plan.words.endings;
  const dead = its.endpoints.filter((it) => its.pools.has(it.key) && !its.now.live.has(it.key));
  const homes = new Set(dead.map((it) => it.home));
  const [node] = homes;
  const count = dead.length;
  if (homes.size === 1 && node !== null) return fill(count === 1 ? words["pod on node"] : words["pods on node"], { count, node });
  return fill(count === 1 ? words["one dead pod"] : words["dead pods"], { count });
}

// --- which service ports have a bar ----------------------------------------------------------------------------------

function portChanges(plan, state) {
  const { via } = state.scenario;
  return plan.ports.filter((port) => port.entries).map((port) => {
    const now = outcome(plan, state, port);
    const share = answered(now, via) || 0;
    const was = answered(outcome(plan, plan.before, port), via) || 0;
    return { port, share, was, affected: Math.abs(was - share) > MOST_NOISE && was - share > MOST_NOISE, result: portResult(share, refused(now, via)) };
  });
}

const namespaceOf = (port) => port.service.slice(0, port.service.indexOf("/"));

// As webapp/diagram/cluster_columns.py chooses: the affected, the worst first; of few all.
function shownPorts(plan, changes) {
  const { columns, all } = plan.words.cluster.fits;
  const affected = changes.some((change) => change.affected);
  const every = changes.length <= all || !affected;
  const spread = new Map(changes.map((change) => [change, affected ? 0 : onOneNode(change.port)]));
  const worse = (one, other) => one.share - other.share || spread.get(other) - spread.get(one)
    || one.port.place - other.port.place || one.port.index - other.port.index;
  const ranked = changes.filter((change) => every || change.affected).sort(worse);
  const rest = changes.filter((change) => !ranked.includes(change));
  const column = (change) => (change.affected ? `+${namespaceOf(change.port)}` : change.result);
  let bars = Math.min(ranked.length, columns);
  let together = false;
  const left = new Set([...ranked.slice(bars), ...rest].map(column));
  while (bars + left.size > columns && bars > 8) left.add(column(ranked[--bars]));
  if (bars + left.size > columns) {
    const results = new Set(changes.filter((change) => !change.affected).map((change) => change.result));
    bars = Math.min(ranked.length, columns - 1 - results.size);
    together = true;
  }
  const counts = new Map();
  for (const change of [...ranked.slice(bars), ...rest]) counts.set(column(change), (counts.get(column(change)) || 0) + 1);
  // One service port as a number takes the room of its bar, and says less.
  const shown = [...ranked.slice(0, bars), ...ranked.slice(bars).filter((change) => !together && counts.get(column(change)) === 1)].sort(worse);
  const hidden = changes.filter((change) => !shown.includes(change));
  const order = [...new Set(shown.map((change) => namespaceOf(change.port)))];
  return {
    bars: shown.map((change, i) => [order.indexOf(namespaceOf(change.port)), i, change]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((it) => it[2]),
    folded: foldedPorts(plan, hidden, together),
  };
}

function onOneNode(port) {
  const nodes = new Map();
  for (const it of port.endpoints) if (it.ready) nodes.set(it.home, (nodes.get(it.home) || 0) + 1);
  const counts = [...nodes.values()];
  return Math.max(0, ...counts) / Math.max(counts.reduce((sum, it) => sum + it, 0), 1);
}

const FROM_WORST = ["timeout", "refused", "degraded", "answered"];

function foldedPorts(plan, hidden, together) {
  const { cluster, results } = plan.words;
  const count = (its) => Object.fromEntries(FROM_WORST.map((result) => [result, its.filter((change) => change.result === result).length]).filter(([, found]) => found));
  const made = [];
  const lost = hidden.filter((change) => change.affected);
  const namespaces = together ? [""] : [...new Set(lost.map((change) => namespaceOf(change.port)))].sort(natural);
  for (const namespace of lost.length ? namespaces : []) {
    const its = lost.filter((change) => together || namespaceOf(change.port) === namespace);
    const shares = its.map((change) => change.share);
    const [low, high] = [shares.reduce((a, b) => Math.min(a, b)), shares.reduce((a, b) => Math.max(a, b))];
    const share = figure(low) === figure(high) ? percent(high) : `${figure(low)}–${percent(high)}`;
    const found = count(its);
    made.push({ affected: true, results: found, share, worst: Object.keys(found)[0], words: fill(namespace ? cluster.more : cluster.moreOfAll, { count: its.length, namespace, share }) });
  }
  const others = count(hidden.filter((change) => !change.affected));
  for (const result of [...FROM_WORST].reverse().filter((it) => others[it])) {
    made.push({ affected: false, results: { [result]: others[result] }, share: "", worst: result, words: fill(cluster.asBefore, { count: others[result], word: results[result].toLowerCase() }) });
  }
  return made;
}

// --- the whole -------------------------------------------------------------------------------------------------------

function clusterView(plan, state, open) {
  const { scenario } = state;
  const { bars, folded } = shownPorts(plan, portChanges(plan, state));
  const facts = bars.map((change) => portFacts(plan, state, change.port));
  const made = bars.map((change, i) => serviceBar(plan, change, facts[i]));
  const lanes = mapLanes(plan, state, facts, open);
  return {
    headline: clusterHeadline(plan, scenario, made, folded), situation: situation(plan, scenario),
    notes: [...new Set(bars.map((change) => change.port.note).filter(Boolean)), ...state.notes,
      ...plan.assumptions.map((text) => fill(plan.words.whole.assumed, { text }))],
    bars: made, folded, lanes, via: scenario.via,
  };
}

function serviceBar(plan, { port, share, was }, its) {
  const ends = Object.fromEntries(Object.entries(endings(its)).filter(([, part]) => part > MOST_NOISE));
  // The IP of a node that is down refuses nobody: the nodes that are up decide the word.
  const isRefused = "refused" in ends && Object.keys(ends).every((ending) => ending === "refused" || ending === "address");
  const result = portResult(share, isRefused);
  const namespace = namespaceOf(port);
  return {
    port, namespace, service: port.service.slice(namespace.length + 1), ports: `${port.port} ← ${port.nodePort}`, share, before: was,
    tone: plan.words.entryTones[result], word: plan.words.results[result], endings: ends, local: port.local,
  };
}

function clusterHeadline(plan, scenario, bars, folded) {
  const { cluster, results, whole } = plan.words;
  const ports = bars.map((bar) => [bar.word, bar.share < bar.before, 1]);
  for (const its of folded) for (const [result, count] of Object.entries(its.results)) ports.push([results[result], its.affected, count]);
  const total = ports.reduce((sum, [, , count]) => sum + count, 0);
  const sum = (of) => ports.filter(of).reduce((all, [, , count]) => all + count, 0);
  const called = scenario.name ? fill(whole.called, { name: scenario.name }) : "";
  const losing = sum(([, affected]) => affected);
  if (!losing) return called + fill(cluster.healthy, { which: whichPorts(plan, sum(([word]) => word === results.answered), total) });
  const states = Object.values(results).map((word) => [word, sum(([its, affected]) => affected && its === word)]).filter(([, count]) => count);
  const words = states.map(([word, count]) => fill(cluster.state, { count, word: word.toLowerCase() })).join(", ");
  return called + fill(cluster.lose, { which: whichPorts(plan, losing, total), states: words });
}

function whichPorts(plan, of, total) {
  const { cluster, counts } = plan.words;
  const ports = counted(counts.ports, total);
  if (of < total) return fill(cluster.part, { some: of, ports });
  return total === 2 ? cluster.both : fill(cluster.all, { ports });
}

// --- lanes -----------------------------------------------------------------------------------------------------------

// The nodes that share a lane: of few each has its own, of more those of one zone and state, with as many pods.
function mapLanes(plan, state, facts, open) {
  const pods = facts.map((its) => podsByNode(its));
  const nodes = byZone(plan);
  const alone = new Set([...state.scenario.down, state.scenario.via, ...state.scenario.drain.map((name) => `node/${name}`)].filter((word) => word.startsWith("node/")).slice(0, plan.words.cluster.fits.nodes));
  const holding = new Set(pods.flatMap((its) => [...its.keys()]));
  const held = (node) => (holding.has(node.name) ? pods.map((its) => its.get(node.name)?.length || 0).join() : "");
  const alike = (node) => [node.zone, nodeState(state, node), alone.has(`node/${node.name}`) ? node.name : ""];
  const most = plan.words.cluster.fits.nodes;
  let groups = nodes.map((node) => [node]);
  if (nodes.length > most) groups = together(nodes, (node) => [...alike(node), held(node)]);
  if (groups.length > most && nodes.length > most) groups = together(nodes, alike);
  if (groups.length > 2 * most) groups = together(nodes, (node) => alike(node).slice(1));
  // An opened lane shows its first nodes one by one.
  groups = groups.flatMap((its) => (its.length > 1 && open.has(laneWord(state, its)) ? [...its.slice(0, most).map((node) => [node]), its.slice(most)] : [its]));
  const lanes = groups.filter((its) => its.length).map((members) => mapLane(plan, state, facts, pods, members));
  const titles = plan.words.cluster.lanes;
  if (pods.some((its) => its.has(null))) lanes.push(nowhere("elsewhere", titles.elsewhere, pods.map((its) => its.get(null) || [])));
  if (facts.some((its) => its.waiting.length)) {
    const waiting = facts.map((its) => its.waiting.map((it) => waitingBox(plan, it)));
    const failed = waiting.flat().some((pod) => pod.shape === "dead");
    lanes.push(nowhere("pending", failed ? titles.failed : titles.pending, waiting));
  }
  return lanes;
}

const laneWord = (state, members) => `map.${members[0].zone ?? "nowhere"}.${nodeState(state, members[0])}`;

function nowhere(sort, title, pods) {
  return { sort, node: null, zone: undefined, title, code: "", quiet: "", state: "up", word: "", assumed: false, members: 0, arrives: 0, cells: pods.map((its) => cell([], its)) };
}

function mapLane(plan, state, facts, pods, members) {
  const [first] = members;
  const how = nodeState(state, first);
  const single = members.length === 1;
  const zones = new Set(members.map((node) => node.zone));
  const used = facts.map((its) => usedHere(its, members));
  const cells = used.map((its, i) => cell(its, pods[i].size ? members.flatMap((node) => pods[i].get(node.name) || []) : []));
  const keys = new Set(cells.flatMap((its) => its.pods.map((pod) => pod.key)));
  return {
    sort: single ? "node" : "folded", node: single ? first.name : null, zone: zones.size === 1 ? first.zone : null,
    title: single ? first.name : counted(plan.words.counts.nodes, members.length), code: single ? first.address : "",
    quiet: joined(single ? "" : pattern(members.map((node) => node.name)).replace(/^\*$/, ""), counted(plan.words.counts.pods, keys.size)),
    unfold: single ? "" : laneWord(state, members), state: how, word: plan.words.nodeWords[how], assumed: first.assumed, members: members.length, cells,
    shares: used.map((its) => fsum(its.map(([, share]) => share))),
  };
}

// The entry points of these nodes that clients come to, equal ones together, with what comes in there.
function usedHere(its, members) {
  if (!its.now.groups.length) return [];
  const found = new Map();
  for (const node of members) {
    const group = its.now.groupOf(node.name);
    const share = comesInAt(its, node.name, group);
    if (share) found.set(group, (found.get(group) || 0) + 1);
  }
  return [...found].map(([group, count]) => [group.entry, (its.scenario.via.startsWith("node/") ? 1 : its.each) * count, its]);
}

function cell(used, pods) {
  const cameIn = fsum(used.map(([, share]) => share));
  const share = cameIn ? fsum(used.map(([entry, part]) => entry.answered * part)) / cameIn : null;
  const causes = new Set(used.map(([entry]) => entry.cause));
  const only = (cause) => causes.size === 1 && causes.has(cause);
  const sorted = [...pods].sort((one, other) => natural(one.name, other.name));
  return {
    answered: share, result: used.length ? portResult(share || 0, used[0][0].result === "refused") : "",
    down: only("node-down"), dropped: only("no-local-endpoint"), passes: used.some(([entry]) => entry.shares),
    pools: new Set(used.filter(([entry]) => entry.shares).map(([entry, , its]) => its.pools.get(entry.shares.keys().next().value))),
    pods: sorted, lost: fsum(pods.filter((pod) => pod.shape === "dead").map((pod) => pod.share)),
  };
}

// --- the table -------------------------------------------------------------------------------------------------------

function clusterRows(plan, view) {
  const rows = view.bars.map((bar, i) => {
    const pods = view.lanes.flatMap((lane) => lane.cells[i].pods);
    const dead = pods.filter((pod) => pod.shape === "dead").length;
    const words = counted(plan.words.counts.pods, pods.length) + (dead ? `, ${thousands(dead)} down` : "");
    return [`${bar.namespace}/${bar.service}`, bar.ports, bar.word, percent(bar.share), percent(bar.before), words];
  });
  const folded = view.folded.map((its) => [its.words, "", plan.words.results[its.worst], its.share, "", ""]);
  return [plan.words.cluster.columns, ...rows, ...folded];
}
