// The keys of a page that is shown to a room, as the keyboard and a clicker send them.
//
// How a page uses it, a lesson as well as a map:
//   <div id="page" data-presents data-page-script=".../present.js">
//   <a data-key="3 Space ArrowRight PageDown" href="...">   any of these keys follows the link, wherever the focus is
//   <details data-key="q">                                   it opens and closes this, as does Escape
//   <button data-key="?" data-shows-keys>                    it shows and hides what has the class `key-list`
// A key is called as the browser calls it (KeyboardEvent.key), a letter in lower case, and " " is `Space`. Buttons,
// summaries and fields keep their own keys. Nothing listens once a page without data-presents is shown.

const STAYS = 6000; // ms that the keys are shown for at first
const SHOWN = "nodefall-keys-shown";

const root = document.documentElement;
const page = () => document.querySelector("[data-presents]");
let hiding = null;

function press(its) {
  if (its.matches("details")) its.open = !its.open;
  else its.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
}

function close() {
  const open = page().querySelector("details[data-key][open]");
  if (open) open.open = false;
  return Boolean(open);
}

function answers(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || !page()) return false;
  if (target.closest?.("input, textarea, select, dialog")) return false;
  if (key === " " && target.closest?.("button, summary")) return false;
  if (key === "Escape" && close()) return true;
  const called = key === " " ? "Space" : key.length === 1 ? key.toLowerCase() : key;
  const its = page().querySelector(`[data-key~="${CSS.escape(called)}"]`);
  if (its) press(its);
  return Boolean(its);
}

// Before the keys of the canvas, which may mean something else there.
addEventListener("keydown", (event) => {
  if (!answers(event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

// --- which keys there are: once for a while, and whenever they are asked for

function showKeys(shown) {
  clearTimeout(hiding);
  root.classList.toggle("keys-shown", shown);
  page()?.querySelector("[data-shows-keys]")?.setAttribute("aria-expanded", shown);
}

function hideLater() {
  hiding = setTimeout(() => {
    // Not while somebody is about to use them.
    if (document.querySelector(".key-list:is(:hover, :focus-within)")) hideLater();
    else showKeys(false);
  }, STAYS);
}

let known = false;

// Once in a tab: whoever reloads the page has seen them.
function seen() {
  try {
    known ||= sessionStorage.getItem(SHOWN) === "yes";
    sessionStorage.setItem(SHOWN, "yes");
  } catch {
    // Storage may be refused: once in a page then.
  }
  return known || !(known = true);
}

function begin() {
  root.classList.toggle("presenting", Boolean(page()));
  if (!page()) return showKeys(false);
  if (seen()) page().querySelector("[data-shows-keys]")?.setAttribute("aria-expanded", root.classList.contains("keys-shown"));
  else {
    showKeys(true);
    hideLater();
  }
}

document.addEventListener("click", (event) => {
  // Space is the next step also after a click on a button; whoever pressed it by keyboard keeps the focus.
  if (page() && event.detail) event.target.closest?.("button, summary")?.blur();
  if (event.target.closest?.("[data-shows-keys]")) showKeys(!root.classList.contains("keys-shown"));
});

document.addEventListener("htmx:after:swap", begin);
begin();
