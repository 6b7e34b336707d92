/* Parts that ask for themselves again: data-live="seconds" with hx-trigger="refresh". Nobody looks: nothing is asked. */
const live = () => document.querySelector("[data-live]");
let askedAt = Date.now();

function ask() {
  const part = live();
  if (!part || document.hidden) return;
  if (Date.now() - askedAt < Number(part.dataset.live) * 1000 - 500) return;
  askedAt = Date.now();
  window.htmx.trigger(part, "refresh");
}

/* What stands there stays, and says that it is old; the next answer takes its place. */
function stale(event) {
  const part = live();
  if (!part || !part.contains(event.target)) return;
  event.stopPropagation();
  for (const word of part.querySelectorAll("[role=status][hidden]")) word.hidden = false;
}

export function start() {
  if (!live()) return;
  setInterval(ask, 1000);
  document.addEventListener("visibilitychange", ask);
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(failure, stale, true);
}
