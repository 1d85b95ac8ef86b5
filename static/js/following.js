// A page of what is read again and again: it hears of each new reading, says what is different in it, and goes on to it
// in the state that is being looked at. A reading that was an earlier one when the page came stays: somebody went back.

// All in ms. Each stream ends after a minute and a new one begins, so that a moment without any is no news.
const PATIENCE = 10_000;
const AGAIN = 5_000;
const AT_MOST = 60_000;

let source = null;
let heard = ""; // the address of the events that are listened to
let last = null; // what was told last
let alone = 0; // the timer until it is said that nothing is heard
let again = 0; // the timer until it is asked once more
let pause = AGAIN;

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
  calm();
  pause = AGAIN;
  const before = last;
  last = JSON.parse(event.data);
  show();
  if (last.newest || !before?.newest) return;
  stop();
  part("newest")?.click();
}

// The browser asks again by itself, but not after an error that a proxy answers with while the server starts anew.
function lost() {
  alone ||= setTimeout(() => {
    if (part("problem")) part("problem").textContent = "No news from the server: it is away, or doesn’t follow this any more.";
  }, PATIENCE);
  if (source.readyState !== EventSource.CLOSED) return;
  again = setTimeout(open, pause);
  pause = Math.min(2 * pause, AT_MOST);
}

function calm() {
  clearTimeout(alone);
  clearTimeout(again);
  alone = 0;
}

function stop() {
  calm();
  source?.close();
}

function open() {
  // A browser has six connections to a server: a page that nobody looks at needs none.
  if (document.hidden || !heard) return;
  source = new EventSource(heard);
  source.addEventListener("message", told);
  source.addEventListener("error", lost);
}

function listen() {
  const events = document.getElementById("following")?.dataset.events ?? "";
  if (events === heard) {
    if (last) show();
    return;
  }
  stop();
  [heard, last] = [events, null];
  open();
}

document.addEventListener("visibilitychange", () => {
  stop();
  open();
});
document.addEventListener("htmx:after:swap", listen);
listen();
