const year = 60 * 60 * 24 * 365;

function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${year}; SameSite=Lax${secure}`;
}

function show(menu, theme) {
  document.documentElement.dataset.bsTheme = theme;
  for (const button of menu.querySelectorAll("[data-theme-value]")) {
    const chosen = button.dataset.themeValue === theme;
    button.setAttribute("aria-pressed", String(chosen));
    if (chosen) {
      const drawn = button.querySelector("use").getAttribute("href");
      menu.querySelector("summary use").setAttribute("href", drawn);
    }
  }
}

// The choice is a cookie, so that the server draws the next page in the right theme at once.
export function start() {
  for (const menu of document.querySelectorAll("[data-theme-menu]")) {
    menu.hidden = false;
    menu.addEventListener("click", (event) => {
      const button = event.target.closest("[data-theme-value]");
      if (!button) return;
      remember("theme", button.dataset.themeValue);
      show(menu, button.dataset.themeValue);
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-density-value]");
    if (!button) return;
    remember("density", button.dataset.densityValue);
    document.documentElement.dataset.density = button.dataset.densityValue;
    for (const other of button.parentElement.querySelectorAll("[data-density-value]"))
      other.setAttribute("aria-pressed", String(other === button));
  });
}
