// A page of what is read again and again: it hears of each new reading, says what is different in it, and goes on to it
// in the state that is being looked at. A reading that was an earlier one when the page came stays: somebody went back.

let source = null;
let heard = ""; // the address of the events that are listened to
let last = null; // what was told last

const part = (name) => document.querySelector(`#following [data-following="${name}"]`);

function show() {
  const { said, problem, compare, newest } = last;
  if (!part("said")) return;
  part("said").textContent = said;
  part("problem").textContent = problem;
  const link = part("compare");
  link.hidden = !compare;
  // The query is that of the page: the same failure is looked at on both sides.
  if (compare) link.href = compare + location.search;
  part("newest").hidden = newest;
}

function told(event) {
  const before = last;
  last = JSON.parse(event.data);
  show();
  if (last.newest || !before?.newest) return;
  source.close();
  part("newest")?.click();
}

function listen() {
  const events = document.getElementById("following")?.dataset.events ?? "";
  if (events === heard) {
    if (last) show();
    return;
  }
  source?.close();
  [heard, last, source] = [events, null, null];
  if (!events) return;
  source = new EventSource(events);
  source.addEventListener("message", told);
}

document.addEventListener("htmx:after:swap", listen);
listen();
