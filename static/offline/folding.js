// Which nodes share a lane, and which pods a box, where there are too many to draw each.

const MOST_ALONE = 24;
const MOST_LANES = 64;
const PODS_IN_LANE = 6;
const PODS_IN_ALL = 120;

// The lanes of a view as they are drawn; `open` names the folded ones that are to be opened.
function shownLanes(plan, view, open) {
  const its = view.lanes.filter((lane) => lane.sort === "node");
  const others = view.lanes.filter((lane) => lane.sort !== "node");
  const all = view.lanes.reduce((sum, lane) => sum + (lane.sort === "pending" ? 0 : lane.pods.length), 0);
  const most = (lane) => (lane.sort !== "pending" && all > PODS_IN_ALL ? 1 : PODS_IN_LANE);
  const folded = its.length > MOST_ALONE ? foldedLanes(plan, its, open) : its.map((lane) => ({ ...lane, count: 1 }));
  return [...folded, ...others.map((lane) => ({ ...lane, count: 1 }))].map((lane) => ({
    ...lane, pods: lane.pods.length > most(lane) || lane.count > 1 ? podsTogether(plan, lane.pods) : lane.pods.map((pod) => ({ ...pod, count: 1 })),
  }));
}

function foldedLanes(plan, lanes, open) {
  let found = together(lanes, alikeInAll);
  if (found.length > MOST_LANES / 2) found = together(lanes, alikeInKind);
  if (found.length > MOST_LANES / 2) found = together(lanes, alikeInState);
  const made = [];
  let room = MOST_LANES - found.length;
  for (const members of found) {
    const name = [members[0].zone ?? "nowhere", members[0].state, members[0].pods.length].join(".");
    let rest = members;
    let page = name;
    while (rest.length > 1 && open.has(page) && room > 0) {
      const taken = Math.min(MOST_ALONE, room);
      made.push(...rest.slice(0, taken).map((lane) => ({ ...lane, count: 1 })));
      rest = rest.slice(taken);
      room -= taken;
      page = `${name}~${made.length}`;
    }
    if (rest.length === 1) made.push({ ...rest[0], count: 1 });
    else if (rest.length) made.push({ ...lanesTogether(plan, rest), unfold: room > 0 ? page : "" });
  }
  return made;
}

function together(items, likeness) {
  const found = new Map();
  for (const it of items) {
    const key = likeness(it).join("\n");
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(it);
  }
  return [...found.values()];
}

function alikeInAll(lane) {
  const { entry } = lane;
  const pods = lane.pods.length ? lane.pods.map((pod) => pod.state + pod.fate).sort().join() : "";
  return [lane.zone, lane.state, lane.assumed, lane.stale, entry ? entry.look : "", entry ? entry.checked : "", pods];
}

const alikeInKind = (lane) => [lane.zone, lane.state, lane.entry && lane.entry.ends, lane.pods.length > 0];
const alikeInState = (lane) => [lane.state, lane.entry && lane.entry.ends, lane.pods.length > 0];

// What names have in common, whole parts only: web-7c9d-*.
function pattern(names) {
  const first = names.reduce((one, other) => (compare(one, other) <= 0 ? one : other));
  const last = names.reduce((one, other) => (compare(one, other) >= 0 ? one : other));
  let same = 0;
  while (same < Math.min(first.length, last.length) && first[same] === last[same]) same++;
  const common = first.slice(0, same);
  return `${common.slice(0, Math.max(common.lastIndexOf("-"), common.lastIndexOf(".")) + 1)}*`;
}

function lanesTogether(plan, members) {
  const { counts, entry: forms, results } = plan.words;
  const first = members[0];
  const entries = members.filter((lane) => lane.entry).map((lane) => lane.entry);
  const mixed = new Set(members.map((lane) => lane.zone)).size > 1;
  return {
    ...first, sort: "folded", node: null, zone: mixed ? null : first.zone, count: members.length,
    title: counted(counts.nodes, members.length), code: "", quiet: foldedQuiet(plan, members), assumed: first.assumed,
    pods: members.flatMap((lane) => lane.pods),
    note: manyNote(plan, first.note),
    entry: entries.length ? {
      ...entries[0], name: counted(counts.entries, entries.length), port: "",
      share: fsum(entries.map((entry) => entry.share)), reason: "", words: manyWords(entries, forms, results),
    } : null,
  };
}

function foldedQuiet(plan, members) {
  const { none, each, range } = plan.words.lane.folded;
  const pods = members.map((lane) => lane.pods.length);
  const [low, high] = [pods.reduce((a, b) => Math.min(a, b)), pods.reduce((a, b) => Math.max(a, b))];
  const has = !high ? none : low === high ? fill(each[low === 1 ? 0 : 1], { count: low }) : fill(range, { low, high });
  return joined(pattern(members.map((lane) => lane.title)).replace(/^\*$/, ""), has);
}

function manyNote(plan, note) {
  const { notes } = plan.words;
  const of = Object.entries(notes).find(([, lines]) => lines.join() === note.join());
  return (of && notes[`${of[0]}Each`]) || note;
}

function manyWords(entries, forms, results) {
  const [first] = entries;
  const was = new Set([...new Set(entries.map((entry) => entry.was))].map(percent));
  const shares = [...new Set(entries.map((entry) => entry.answered))];
  const [low, high] = [Math.min(...shares), Math.max(...shares)];
  const share = figure(low) === figure(high) ? percent(high) : `${figure(low)}–${percent(high)}`;
  const fails = first.ends === "refused" || first.ends === "timeout";
  const said = fill(fails ? forms.fails : forms.each, { word: results[first.ends], share });
  return said + (was.size === 1 && first.changed ? fill(forms.was, { share: percent(first.was) }) : "");
}

function podsTogether(plan, pods) {
  return together(pods, (pod) => [pod.state, pod.fate, pod.badge, pod.words]).map((its) => {
    if (its.length === 1) return { ...its[0], count: 1 };
    const ports = new Set(its.map((pod) => pod.port));
    const port = ports.size === 1 && its[0].port !== undefined ? `:${its[0].port}` : "";
    return {
      ...its[0], key: `+${its[0].key}`, name: counted(plan.words.counts.pods, its.length), count: its.length, takes: "", down: false,
      detail: joined(pattern(its.map((pod) => pod.name)), port, its[0].assumed ? plan.words.told.assumed : ""), share: fsum(its.map((pod) => pod.share)), changed: its.some((pod) => pod.changed),
    };
  });
}

const counted = (forms, count) => fill(forms[count === 1 ? 0 : 1], { count });
