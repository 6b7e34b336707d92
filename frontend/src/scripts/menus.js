const openMenus = () => document.querySelectorAll("details.menu[open]");

// Menus are native disclosures; this closes them as people expect of a menu, and moves with the arrows.
export function start() {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of openMenus()) {
        menu.open = false;
        if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      }
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event);
  });
}

function move(event) {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  const items = [...menu.querySelectorAll(".menu-item")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = items.indexOf(document.activeElement) + step;
  if (!items.length) return;
  event.preventDefault();
  items[(next + items.length) % items.length].focus();
}
