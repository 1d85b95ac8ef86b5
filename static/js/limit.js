// What fills an upload that is too large, looked at in the browser before anything is sent: the bytes of each kind, and
// the same upload without the kinds that nodefall has no use for. Where in doubt, something stays.

// A string of a browser has at most half a billion characters.
const MOST_TO_LOOK_AT = 400 * 1024 * 1024;
const PACKED = /\.(gz|tgz|zip)$/i;
const OTHER = "not looked into";

const encoder = new TextEncoder();

function bytes(text) {
  return encoder.encode(text).length;
}

// The kind of a mapping whose keys stand behind so many spaces; empty unless exactly one line says it. A block scalar in
// it is indented further, and a quoted one that is not would be a second such line.
function kindOf(text, indent = "") {
  const lines = text.match(new RegExp(`^${indent}["']?kind["']?[ \\t]*:.*$`, "gm")) ?? [];
  return lines.length === 1 ? (/^ *kind:[ \t]*["']?([A-Za-z]+)["']?[ \t\r]*(#.*)?$/.exec(lines[0])?.[1] ?? "") : "";
}

// The text, cut before each place where the pattern matches.
function cut(text, pattern) {
  const places = [...text.matchAll(pattern)].map((match) => match.index).filter(Boolean);
  return [0, ...places].map((start, at) => text.slice(start, places[at] ?? text.length));
}

// An anchor may be used further down, a directive belongs to the document that follows.
const TIED = /(^|[\s[{,])&[\w-]|^%/m;

class Contents {
  constructor(removable) {
    this.removable = removable;
    this.kinds = new Map();
  }

  // Count a piece; return whether it stays.
  stays(kind, piece, tied = false) {
    const goes = this.removable.has(kind) && !tied;
    const count = this.kinds.get(kind || OTHER) ?? { kind: kind || OTHER, bytes: 0, left: 0, objects: 0 };
    const size = typeof piece === "string" ? bytes(piece) : piece;
    count.bytes += size;
    count.left += goes ? size : 0;
    count.objects += goes ? 1 : 0;
    this.kinds.set(count.kind, count);
    return !goes;
  }

  yaml(text) {
    // Three dashes at the beginning of a line end a document wherever they stand, also in a block scalar.
    return cut(text, /^---(?=\s|$)/gm).map((document) => this.document(document)).join("");
  }

  document(text) {
    const kind = kindOf(text);
    const items = /^items:[ \t\r]*\n( *)- /m.exec(text);
    if (!kind.endsWith("List") || !items) return this.stays(kind, text, TIED.test(text)) ? text : "";
    const start = items.index + items[0].indexOf("\n") + 1;
    const end = start + (/^(apiVersion|kind|metadata):/m.exec(text.slice(start))?.index ?? text.length - start);
    const pieces = cut(text.slice(start, end), new RegExp(`^${items[1]}- `, "gm"));
    const kept = pieces.filter((piece) => {
      const item = piece.replace(`${items[1]}- `, `${items[1]}  `);
      return this.stays(kindOf(item, `${items[1]}  `), piece, TIED.test(piece));
    });
    const list = kept.length ? kept.join("") : `${items[1]}[]\n`;
    return text.slice(0, start) + list + text.slice(end);
  }

  json(text) {
    const found = JSON.parse(text);
    if (!Array.isArray(found?.items)) return this.stays(found?.kind ?? "", text) ? text : "";
    found.items = found.items.filter((item) => this.stays(item?.kind ?? "", JSON.stringify(item)));
    return JSON.stringify(found);
  }

  without(text) {
    if (!/^\s*[{[]/.test(text)) return this.yaml(text);
    try {
      return this.json(text);
    } catch {
      return this.yaml(text); // flow style, or several documents one after another
    }
  }
}

// Look at all that would be sent; return the kinds, the largest first, with how much of each is left out, and the form
// without that.
export async function looked(data, removable) {
  const contents = new Contents(new Set(removable));
  const kept = new FormData();
  for (const [name, value] of data.entries()) {
    if (typeof value === "string") {
      kept.append(name, name.endsWith("text") && value.trim() ? contents.without(value) : value);
    } else if (PACKED.test(value.name) || value.size > MOST_TO_LOOK_AT) {
      contents.stays("", value.size);
      kept.append(name, value, value.name);
    } else {
      const text = contents.without(await value.text());
      if (text.trim()) kept.append(name, new Blob([text]), value.name);
    }
  }
  const kinds = [...contents.kinds.values()].sort((one, other) => other.bytes - one.bytes);
  return { kinds, kept, keptBytes: kinds.reduce((sum, kind) => sum + kind.bytes - kind.left, 0) };
}

// --- the page

const SVG = "http://www.w3.org/2000/svg";
const MOST_ROWS = 6;

function element(name, words, classes = "") {
  const made = document.createElement(name);
  made.textContent = words;
  made.className = classes;
  return made;
}

// A bar of parts, each a share of the whole with its class. Widths are attributes: the CSP allows no inline style.
function bar(parts) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "limit-bar");
  svg.setAttribute("aria-hidden", "true");
  let x = 0;
  for (const [share, kind] of parts) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("x", `${100 * x}%`);
    rect.setAttribute("width", `${100 * share}%`);
    rect.setAttribute("height", "100%");
    rect.setAttribute("class", kind);
    svg.append(rect);
    x += share;
  }
  return svg;
}

function row(kind, most, megabytes) {
  const item = document.createElement("li");
  item.append(element("span", kind.kind, "strong"));
  item.append(bar([[(kind.bytes - kind.left) / most, "stays"], [kind.left / most, "goes"]]));
  item.append(element("span", megabytes(kind.bytes), "num quiet"));
  if (kind.left) item.append(element("span", ", of no use", "visually-hidden"));
  return item;
}

function together(kinds) {
  const sum = (name) => kinds.reduce((total, kind) => total + kind[name], 0);
  return { kind: `${kinds.length} more kinds`, bytes: sum("bytes"), left: sum("left") };
}

function listed(kinds, megabytes) {
  return kinds.map((kind) => `${kind.objects.toLocaleString("en")} × ${kind.kind} (${megabytes(kind.left)})`).join(", ");
}

// Say on the limit's page what is too large, and what fills it; `send` sends what is left.
export async function explain(data, { size, most, megabytes, send }) {
  const part = (name) => document.getElementById(`limit-${name}`);
  const names = [...data.values()].map((value) => value.name).filter(Boolean);
  const name = names.length === 1 ? names[0] : names.length ? `${names.length} files` : "What you pasted";
  part("what").textContent = `${name}: ${megabytes(size)}. This server takes ${megabytes(most)} at once.`;
  part("before").hidden = false;
  part("size").prepend(bar([[most / size, "stays"], [1 - most / size, "goes"]]));
  part("size").append(element("span", megabytes(most), "strong"), element("span", megabytes(size), "strong bad push"));
  part("size").hidden = false;
  document.querySelector("#page h1").focus();
  if (/^[\w./-]+$/.test(name) && names.length === 1) part("command").textContent = `nodefall serve ${name} --open`;

  const { kinds, kept, keptBytes } = await looked(data, part("page").dataset.removable.split(" "));
  const shown = kinds.slice(0, kinds.length > MOST_ROWS ? MOST_ROWS - 1 : MOST_ROWS);
  const rest = kinds.slice(shown.length);
  part("kinds").append(...[...shown, ...(rest.length ? [together(rest)] : [])].map((kind) => row(kind, kinds[0].bytes, megabytes)));
  part("contents").hidden = false;
  const going = kinds.filter((kind) => kind.left);
  if (!going.length) return;
  part("left").textContent = `Skipped in this browser, and never sent: ${listed(going, megabytes)}.`;
  if (keptBytes > most) {
    part("left").textContent += ` Even so it is ${megabytes(keptBytes)}.`;
  } else {
    part("send").lastChild.textContent = `Send the ${megabytes(keptBytes)} that are used`;
    part("send").hidden = false;
    part("send").addEventListener("click", () => send(kept), { once: true });
  }
  part("left").hidden = false;
}
