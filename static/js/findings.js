// The findings by keyboard: up and down between the rows that are seen, right opens one, left closes it or goes back to
// its rule; F tries the fix, I ignores, / filters. The letters work only on a row, as WCAG 2.1.4 asks.

const rows = () => [...document.querySelectorAll(".rules-found summary")].filter((row) => row.matches(".rule > *, .place > *") && row.checkVisibility());

function beside(row, step) {
  const all = rows();
  all[all.indexOf(row) + step]?.focus();
}

function left(row) {
  const its = row.parentElement;
  if (its.open) its.open = false;
  else its.parentElement.closest("details")?.querySelector(":scope > summary").focus();
}

function right(row) {
  if (row.parentElement.open) beside(row, 1);
  else row.parentElement.open = true;
}

function ignore(row) {
  const form = row.parentElement.querySelector(".ignore");
  if (!form) return;
  row.parentElement.open = form.open = true;
  form.querySelector("input[name=reason]").focus();
}

const KEYS = {
  ArrowDown: (row) => beside(row, 1),
  ArrowUp: (row) => beside(row, -1),
  ArrowRight: right,
  ArrowLeft: left,
  "/": () => document.getElementById("findings-q").focus(),
  f: (row) => row.matches(".place > *") && row.parentElement.querySelector("a.primary")?.click(),
  i: (row) => row.matches(".place > *") && ignore(row),
};

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".rules-found summary");
  const does = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!does || !row?.matches(".rule > *, .place > *") || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  does(row);
});

// Browsers open what an address names; of a page that came by a swap nobody has done so yet.
function openNamed() {
  const named = document.getElementById(location.hash.slice(1));
  if (!named?.closest(".rules-found")) return;
  for (let its = named.closest("details"); its; its = its.parentElement.closest("details")) its.open = true;
}

document.addEventListener("htmx:after:swap", () => setTimeout(openNamed));
openNamed();
