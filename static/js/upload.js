// Uploading: compressed, with progress, and said beforehand where it is too large; dropping files and folders. Without
// this script the forms work by themselves.

const WORTH_COMPRESSING = 64 * 1024;
const PACKED = /\.(gz|tgz|zip)$/i;

function form() {
  return document.getElementById("upload");
}

function sayProgress(words, share) {
  document.getElementById("upload-state").hidden = false;
  document.getElementById("upload-said").textContent = words;
  const bar = document.getElementById("upload-progress");
  bar.hidden = false;
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

function sayProblem(words) {
  sayProgress(words, 0);
  document.getElementById("upload-progress").hidden = true;
}

function megabytes(bytes) {
  const size = bytes / 1024 / 1024;
  return size < 0.1 ? `${Math.ceil(bytes / 1024)} kB` : `${Number(size.toPrecision(3))} MB`;
}

// The bytes of what is sent: all of it, or only what is not packed already.
function sizeOf(data, { packed }) {
  const wanted = [...data.values()].filter((value) => packed || !PACKED.test(value.name ?? ""));
  return wanted.reduce((sum, value) => sum + (value.size ?? value.length), 0);
}

// The form as it goes on the wire. A dump of 19 MB is 0.3 MB of gzip, made in half a second.
async function onTheWire(data) {
  if (!window.CompressionStream || sizeOf(data, { packed: false }) < WORTH_COMPRESSING) return { body: data, headers: {} };
  sayProgress("Compressing", null);
  const plain = new Response(data);
  const body = await new Response(plain.body.pipeThrough(new CompressionStream("gzip"))).blob();
  return { body, headers: { "Content-Type": plain.headers.get("Content-Type"), "Content-Encoding": "gzip" } };
}

async function send(from, data) {
  const most = Number(from.dataset.most);
  const size = sizeOf(data, { packed: true });
  if (size > most) {
    await sayLimit(from, data, { size, most });
    return;
  }
  const { body, headers } = await onTheWire(data);
  const request = new XMLHttpRequest();
  request.open("POST", from.action);
  request.setRequestHeader("Accept", "text/html"); // a page that says how far it is, where that takes long
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.upload.addEventListener("progress", (event) => {
    const share = Math.round((100 * event.loaded) / Math.max(event.total, 1));
    sayProgress(share < 100 ? `Sending, ${share} %` : "Reading the manifests", share < 100 ? share : null);
  });
  request.addEventListener("load", () => arrive(request));
  request.addEventListener("error", () => sayProblem("The server could not be reached. Try again."));
  sayProgress("Sending", 0);
  request.send(body);
}

// The page about the limit takes the place of the form, and says what fills the upload.
async function sayLimit(from, data, sizes) {
  try {
    const answer = await fetch(from.dataset.limit);
    if (!show(pageOf(await answer.text()))) throw new Error("no page");
    const { explain } = await import(document.getElementById("limit-page").dataset.script);
    await explain(data, { ...sizes, megabytes, send: (kept) => send(from, kept) });
  } catch {
    sayProblem(`This is ${megabytes(sizes.size)}, and an upload may have ${megabytes(sizes.most)}: send only the manifests.`);
  }
}

// Show the page of an answer in place of this one; return whether it has one.
function show(answer) {
  const page = answer.getElementById("page");
  if (!page) return false;
  document.getElementById("page").replaceWith(document.adoptNode(page));
  window.htmx?.process(page);
  document.title = answer.title;
  return true;
}

// Success was a redirect that the request followed: go there. Anything else is a page that says what was wrong, or the
// word of a proxy that has no such page.
function arrive(request) {
  if (request.status < 400) {
    location.assign(request.responseURL);
    return;
  }
  const answer = pageOf(request.responseText);
  if (!show(answer)) {
    const tooLarge = "A proxy in front of nodefall takes no upload of this size. Send only the manifests.";
    sayProblem(request.status === 413 ? tooLarge : `The server answered ${request.status}.`);
    return;
  }
  (document.getElementById("upload-problems") ?? document.getElementById("page")).scrollIntoView({ block: "center" });
}

async function filesOf(entry, path = "") {
  if (entry.isFile) return [[await new Promise((done, failed) => entry.file(done, failed)), path + entry.name]];
  const reader = entry.createReader();
  const found = [];
  // A reader hands out at most a hundred entries at a time.
  for (;;) {
    const batch = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!batch.length) return found;
    for (const child of batch) if (!child.name.startsWith(".")) found.push(...(await filesOf(child, `${path}${entry.name}/`)));
  }
}

async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => [file, file.name]);
  return (await Promise.all(entries.map((entry) => filesOf(entry)))).flat();
}

// The form's own fields (how long to keep it), without what the file inputs hold.
function fields() {
  const data = new FormData(form());
  data.delete("files");
  return data;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("#upload input[type=file]") && event.target.files.length) {
    const data = fields();
    data.delete("text");
    for (const file of event.target.files) data.append("files", file, file.webkitRelativePath || file.name);
    send(form(), data);
  }
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.upload")) return;
  event.preventDefault();
  send(event.target, event.target === form() ? fields() : new FormData(event.target));
});

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    if (!form() || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    document.getElementById("drop").classList.add("over");
  });
}

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.getElementById("drop")?.classList.remove("over");
});

document.addEventListener("drop", async (event) => {
  if (!form() || !event.dataTransfer.files.length) return;
  event.preventDefault();
  document.getElementById("drop").classList.remove("over");
  const data = fields();
  data.delete("text");
  for (const [file, name] of await dropped(event.dataTransfer)) data.append("files", file, name);
  send(form(), data);
});

// What is pasted beside all fields fills the box; it is sent when somebody says so.
document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain");
  const box = document.getElementById("text");
  if (!form() || !box || !text || event.target.closest?.("input, textarea, select")) return;
  event.preventDefault();
  box.value = text;
  box.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "text") event.target.form.requestSubmit();
});
