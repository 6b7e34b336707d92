// The summary takes the focus when the page comes back, and its links bring the label into view, not only the field.
function follow(event) {
  const link = event.target.closest("[data-error-summary] a");
  if (!link) return;
  const control = document.getElementById(link.hash.slice(1));
  if (!control) return;
  event.preventDefault();
  const field = control.closest(".field") ?? control;
  field.scrollIntoView({ block: "start" });
  control.focus({ preventScroll: true });
}

const show = (root) => root.querySelector?.("[data-error-summary]")?.focus();

export function start() {
  show(document);
  document.addEventListener("click", follow);
  document.addEventListener("htmx:afterSwap", (event) => show(event.detail.elt));
}
