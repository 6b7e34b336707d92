/* Links that name one key follow it: arrows to the neighbours of a time, letters to its length. */
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog, [role=region]");

function follow(event) {
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  document.querySelector(`main a[aria-keyshortcuts="${CSS.escape(event.key)}"]`)?.click();
}

export function start() {
  document.addEventListener("keydown", follow);
}
