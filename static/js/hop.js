// Keys for stepping through a connection: left and right step, R selects another endpoint at random. All are links.

const HOP_KEYS = { ArrowLeft: "[data-hop=back]", ArrowRight: "[data-hop=next]" };

function randomHopPick(page) {
  const picks = page.querySelectorAll("[data-pick]:not([aria-current])");
  return picks[Math.floor(Math.random() * picks.length)];
}

document.addEventListener("keydown", (event) => {
  const page = document.getElementById("hop");
  if (!page || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, details[open], .wide")) return;
  const link = HOP_KEYS[event.key] ? page.querySelector(HOP_KEYS[event.key]) : event.key.toLowerCase() === "r" && randomHopPick(page);
  if (!link) return;
  event.preventDefault();
  link.click();
});
