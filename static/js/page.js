// What every page has: the theme switch, copying, menus that close, and the live region. All of it listens on the
// document, so a morph needs no new wiring.

const root = document.documentElement;

// Text becomes a page in three places: in htmx, after an upload, and in the Share dialog, each time as this server sent
// it. Anywhere else a browser that knows Trusted Types takes no text as HTML, and nowhere as a script.
const trusted = window.trustedTypes?.createPolicy("nodefall", { createHTML: (html) => html });
window.htmx?.registerExtension("trusted", { init: (api) => trusted && api.initSecurity(trusted) });

function pageOf(html) {
  return new DOMParser().parseFromString(trusted?.createHTML(html) ?? html, "text/html");
}

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function showTheme() {
  for (const button of document.querySelectorAll("[data-theme-button]")) button.setAttribute("aria-pressed", isDark());
}

function switchTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem("nodefall-theme", root.dataset.theme);
  } catch {
    // Not kept then.
  }
  showTheme();
}

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  if (field.select) field.select();
  else getSelection().selectAllChildren(field);
  try {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
  } catch {
    document.execCommand("copy"); // plain http has no clipboard
  }
  button.textContent = "Copied";
  say("Copied");
}

// The parts of a cut name are boxes side by side, which browsers would copy as lines.
document.addEventListener("copy", (event) => {
  const selection = getSelection();
  const names = [...document.querySelectorAll(".ends")].filter((name) => selection.containsNode(name, true));
  if (!names.length) return;
  const parted = (name) => [...name.children].map((part) => part.textContent).join("\n");
  const whole = (text, name) => text.replace(`\n${parted(name)}\n`, () => name.textContent).replace(parted(name), () => name.textContent);
  event.clipboardData.setData("text/plain", names.reduce(whole, selection.toString()));
  event.preventDefault();
});

function say(words) {
  const region = document.getElementById("said");
  if (region.textContent !== words) region.textContent = words;
}

document.addEventListener("click", async (event) => {
  // The dialog's script comes when somebody shares; without it the link leads to the same as a page.
  const share = event.target.closest("#share");
  if (share && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const { openSheet } = await import(share.dataset.script);
    openSheet(share.href);
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-button], [data-copy]");
  if (button?.dataset.copy) copy(button);
  else if (button) switchTheme();
  const inside = event.target.closest("details.menu");
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== inside) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    else document.querySelector(".drawer-sheet:not([hidden]) > .drawer-close")?.click();
    const cancel = document.getElementById("cancel-job");
    if (cancel && confirm("Cancel?")) cancel.click();
  } else if (event.key === "/" && !event.target.closest("input, textarea, select")) {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

// On a phone the verdict becomes one line at the top once it is scrolled away.
const seen = new IntersectionObserver(([entry]) => {
  const gone = !entry.isIntersecting && entry.boundingClientRect.top < 0;
  document.getElementById("verdict-line")?.classList.toggle("shown", gone);
});

function watchVerdict() {
  seen.disconnect();
  const verdict = document.getElementById("verdict");
  if (verdict) seen.observe(verdict);
}

// What the reader has opened stays open from state to state.
let opened = [];

document.addEventListener("htmx:before:swap", () => {
  opened = [...document.querySelectorAll("details.more[open], details.settings[open]")].map((one) => one.id);
});

// After a morph: say what came of it, and keep the switch's state. The picture's own scripts listen for themselves.
document.addEventListener("htmx:after:swap", () => {
  showTheme();
  watchVerdict();
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  const words = document.getElementById("page")?.dataset.said;
  if (words) say(words);
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
// What only one page needs it names itself.
const own = () => document.querySelectorAll("[data-page-script]").forEach((its) => import(its.dataset.pageScript));
document.addEventListener("htmx:after:swap", own);
showTheme();
watchVerdict();
own();

// The place that is open among the findings is in the address, for whoever is sent the link.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.dataset.address && target.open) history.replaceState(history.state, "", `#${target.dataset.address}`);
  },
  true,
);

// Side by side: both pictures show the same part.
document.addEventListener("scroll", ({ target }) => {
  if (!target.matches?.(".half > .canvas")) return;
  for (const other of document.querySelectorAll(".half > .canvas")) {
    if (other !== target) other.scrollTo(target.scrollLeft, target.scrollTop);
  }
}, { capture: true, passive: true });
