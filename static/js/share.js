// The Share dialog: the same page that the link leads to without this script, shown over the map. Its links and forms
// bring in the next state of it; nothing is stored but by its one form that posts.

const dialog = Object.assign(document.createElement("dialog"), { id: "share-dialog" });
dialog.setAttribute("aria-labelledby", "share-title");
document.body.append(dialog);

let asked = 0;

async function show(url, options) {
  const number = ++asked;
  let page;
  try {
    const response = await fetch(url, options);
    page = window.pageOf(await response.text());
  } catch {
    page = null;
  }
  if (number !== asked) return; // something else was asked for meanwhile
  const sheet = page?.getElementById("share-sheet");
  if (!sheet) {
    // A page about progress or an error: to be read as the page that it is.
    if (!options) location.assign(url);
    return;
  }
  const at = dialog.contains(document.activeElement) ? document.activeElement : null;
  const [name, value] = [at?.name, at?.value];
  dialog.replaceChildren(document.adoptNode(sheet));
  if (!dialog.open) dialog.showModal();
  // Focus stays on the field that asked for this, else it goes to the tab.
  const again = name && [...dialog.querySelectorAll(`[name="${CSS.escape(name)}"]`)].find((field) => field.value === value);
  (again || dialog.querySelector("[aria-current]"))?.focus();
  fillSizes(number);
}

// To say how large the files are, the server makes them: that comes after what is there at once.
async function fillSizes(number) {
  const link = dialog.querySelector("a[data-sizes]");
  if (!link) return;
  try {
    const response = await fetch(link.href);
    const page = window.pageOf(await response.text());
    if (number !== asked) return;
    for (const place of dialog.querySelectorAll("[data-size]")) {
      place.textContent = page.querySelector(`[data-size="${place.dataset.size}"]`)?.textContent ?? "";
    }
  } catch {
    // Without them the files can be had all the same.
  }
}

export function openSheet(url) {
  show(url);
}

dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
    return;
  }
  const link = event.target.closest("a[href]");
  if (!link || link.download !== "" || link.hasAttribute("download") || link.hasAttribute("data-leave") || event.ctrlKey || event.metaKey) return;
  if (!new URL(link.href).searchParams.has("share")) return;
  event.preventDefault();
  event.stopPropagation();
  show(link.href);
});

dialog.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy-image]");
  if (!button) return;
  // The promise itself is handed over: Safari lets go of the click while the picture is drawn.
  const picture = fetch(button.dataset.copyImage).then((response) => (response.ok ? response.blob() : Promise.reject(response.status)));
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied: download it"; // plain http has no clipboard for pictures
  }
});

dialog.addEventListener("keydown", (event) => {
  if (event.target.matches("input:not([type=radio]), textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.toLowerCase() === "c") dialog.querySelector("[data-copy-image], [data-copy]")?.click();
});

dialog.addEventListener("close", () => document.getElementById("share")?.focus());

function fields(form) {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
}

dialog.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "post") {
    event.preventDefault();
    event.stopPropagation();
    show(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  }
});

dialog.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-resubmit]");
  if (form) show(`${location.pathname}?${fields(form)}`);
});

dialog.addEventListener("keydown", (event) => {
  const tabs = [...dialog.querySelectorAll(".share-tabs a")];
  const at = tabs.indexOf(document.activeElement);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (at < 0 || !step) return;
  event.preventDefault();
  const next = tabs[(at + step + tabs.length) % tabs.length];
  next.focus();
  next.click();
});
