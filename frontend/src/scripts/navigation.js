const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

let opener = null;

function openDrawer(event) {
  opener = event.currentTarget;
  setTimeout(() => document.querySelector("#side a")?.focus());
}

// `:target` needs a real navigation to a fragment; an id nobody has closes the drawer without scrolling.
function closeDrawer(event) {
  event?.preventDefault();
  const { scrollX, scrollY } = window;
  location.hash = "closed";
  history.replaceState(null, "", location.pathname + location.search);
  window.scrollTo(scrollX, scrollY);
  opener?.focus();
}

export function start() {
  for (const link of document.querySelectorAll("[data-drawer-open]")) link.addEventListener("click", openDrawer);
  for (const link of document.querySelectorAll("[data-drawer-close]")) link.addEventListener("click", closeDrawer);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && location.hash === "#side") closeDrawer();
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) focusSearch(event);
    if (event.key === "/" && !typing(event.target)) focusSearch(event);
  });
}

function focusSearch(event) {
  const search = document.querySelector("[data-search-focus]");
  if (!search || !search.offsetParent) return;
  event.preventDefault();
  search.focus();
  search.select();
}
