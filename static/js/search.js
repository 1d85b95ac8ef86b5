// Keys for the search box: down and up move through the results, Escape closes them. Without script it is a form.

function findBox() {
  return document.getElementById("find-q");
}

function closeFound() {
  document.getElementById("found")?.replaceChildren();
}

// Whether the list is what the words in the box found; who types faster than that sends the form.
function foundIsCurrent() {
  return document.querySelector("#found [data-query]")?.dataset.query === findBox().value.trim();
}

function moveInFound(links, step) {
  const at = links.indexOf(document.activeElement) + step;
  (at < 0 ? findBox() : links[Math.min(at, links.length - 1)])?.focus();
}

document.addEventListener("keydown", (event) => {
  const finder = event.target.closest?.("#finder");
  if (!finder) return;
  const links = [...finder.querySelectorAll("#found a")];
  const inBox = event.target === findBox();
  if (event.key === "Escape") {
    closeFound();
    findBox().focus();
  } else if (event.key === "ArrowDown" && links.length) moveInFound(links, 1);
  else if (event.key === "ArrowUp" && !inBox) moveInFound(links, -1);
  else if (event.key === "Enter" && inBox && links.length && foundIsCurrent()) {
    links[0].click();
    findBox().blur();
  } else return;
  event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  if (event.target === findBox()) findBox().select();
  else if (!event.target.closest("#finder")) closeFound();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("#finder")) closeFound();
});
