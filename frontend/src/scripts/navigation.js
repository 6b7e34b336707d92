const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

const narrow = matchMedia("(max-width: 1000px)");
let opener = null;

// While the drawer lies over the page, the keyboard stays in it.
function shutPage() {
  const isOpen = location.hash === "#side" && narrow.matches;
  for (const part of document.querySelectorAll(".top, .frame-content, .foot-bar")) part.inert = isOpen;
}

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
  shutPage();
  opener?.focus();
}

// Where the list is longer than the window, the entry of this page may lie below its edge.
function showCurrent() {
  const side = document.getElementById("side");
  const entry = side?.querySelector("[aria-current]");
  if (!entry) return;
  const below = entry.getBoundingClientRect().bottom - side.getBoundingClientRect().bottom;
  if (below > 0) side.scrollTop += below + side.clientHeight / 4;
}

export function start() {
  showCurrent();
  for (const link of document.querySelectorAll("[data-drawer-open]")) link.addEventListener("click", openDrawer);
  for (const link of document.querySelectorAll("[data-drawer-close]")) link.addEventListener("click", closeDrawer);

  window.addEventListener("hashchange", shutPage);
  narrow.addEventListener("change", shutPage);
  shutPage();

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
