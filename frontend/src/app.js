import "./styles/app.scss";
import htmx from "htmx.org";
import Alpine from "@alpinejs/csp";

import { start as autosave } from "./scripts/autosave.js";
import { start as combobox } from "./scripts/combobox.js";
import { start as dialogs } from "./scripts/dialogs.js";
import { start as errorSummary } from "./scripts/error-summary.js";
import { start as fileDrop } from "./scripts/file-drop.js";
import { start as forms } from "./scripts/forms.js";
import { start as keys } from "./scripts/keys.js";
import { start as live } from "./scripts/live.js";
import { start as menus } from "./scripts/menus.js";
import { start as navigation } from "./scripts/navigation.js";
import { start as tables } from "./scripts/tables.js";
import { start as theme } from "./scripts/theme.js";
import { start as toasts } from "./scripts/toasts.js";
import { start as typed } from "./scripts/typed.js";

// Everything a strict content security policy forbids is off; a form that comes back with errors (422) replaces itself.
Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRFToken"] = token.content;
});

window.htmx = htmx;
window.Alpine = Alpine;

for (const part of [theme, menus, navigation, dialogs, toasts, errorSummary, forms, fileDrop, autosave, tables, combobox, live, keys, typed]) part();

// Pages' own entries are modules of the same document: they register their Alpine parts before this runs.
document.addEventListener("DOMContentLoaded", () => Alpine.start());
