// Several nodes at once: Shift and a click, or Shift and Enter, ticks a node's box in the form instead of following its
// link; on a zone's title it ticks all its nodes. The form itself works without this.

const form = () => document.getElementById("several");
const box = (name) => form()?.querySelector(`input[value="${CSS.escape(`node/${name}`)}"]`);

function show() {
  const boxes = [...(form()?.querySelectorAll("input[type=checkbox]") ?? [])];
  const chosen = boxes.filter((its) => its.checked && !its.defaultChecked);
  const bar = document.getElementById("together");
  if (bar) bar.hidden = !chosen.length;
  if (chosen.length) document.getElementById("together-count").textContent = chosen.length;
  const names = new Set(chosen.map((its) => its.value));
  for (const lane of document.querySelectorAll("#diagram .node")) lane.classList.toggle("chosen", names.has(lane.dataset.takes));
}

function lanesOf(link) {
  const lane = link.closest(".node");
  return lane ? [lane] : [...(link.closest("[data-takes]")?.querySelectorAll(".node") ?? [])];
}

document.addEventListener("click", (event) => {
  const link = event.shiftKey && event.target.closest?.("#diagram a:not(.pod)");
  if (!link) return;
  const boxes = lanesOf(link).map((lane) => box(lane.dataset.takes?.replace("node/", ""))).filter((its) => its && !its.defaultChecked);
  if (!boxes.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const ticked = boxes.every((its) => its.checked);
  for (const its of boxes) its.checked = !ticked;
  show();
}, { capture: true });

document.addEventListener("change", (event) => {
  if (event.target.form?.id === "several") show();
});
document.addEventListener("reset", () => setTimeout(show));
document.addEventListener("htmx:after:swap", show);
