// Uploading with progress, and dropping files and folders. Without this script the form works by itself.

function form() {
  return document.getElementById("upload");
}

function sayProgress(words, share) {
  document.getElementById("upload-state").hidden = false;
  document.getElementById("upload-said").textContent = words;
  const bar = document.getElementById("upload-progress");
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

function send(data) {
  const request = new XMLHttpRequest();
  request.open("POST", form().action);
  request.setRequestHeader("Accept", "text/html"); // a page that says how far it is, where that takes long
  request.upload.addEventListener("progress", (event) => {
    const share = Math.round((100 * event.loaded) / Math.max(event.total, 1));
    sayProgress(share < 100 ? `Sending, ${share} %` : "Reading the manifests", share < 100 ? share : null);
  });
  request.addEventListener("load", () => arrive(request));
  request.addEventListener("error", () => sayProgress("The server could not be reached. Try again.", 0));
  sayProgress("Sending", 0);
  request.send(data);
}

// Success was a redirect that the request followed: go there. Anything else is a page that says what was wrong.
function arrive(request) {
  if (request.status < 400) {
    location.assign(request.responseURL);
    return;
  }
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const page = answer.getElementById("page");
  if (!page) {
    sayProgress(`The server answered ${request.status}.`, 0);
    return;
  }
  document.getElementById("page").replaceWith(document.adoptNode(page));
  window.htmx?.process(page);
  document.title = answer.title;
  (document.getElementById("upload-problems") ?? page).scrollIntoView({ block: "center" });
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
    send(data);
  }
});

document.addEventListener("submit", (event) => {
  if (event.target === form()) {
    event.preventDefault();
    send(fields());
  }
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
  send(data);
});
