const kilobytes = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 0 });

function list(input, target) {
  target.replaceChildren(
    ...[...input.files].map((file) => {
      const row = document.createElement("li");
      const name = document.createElement("b");
      name.textContent = file.name;
      const size = document.createElement("small");
      size.textContent = `${kilobytes.format(Math.max(1, file.size / 1024))} KB`;
      row.append(name, size);
      return row;
    }),
  );
}

// The file input covers the zone, so that dropping and choosing are the browser's own.
function prepare(zone) {
  const input = zone.querySelector('input[type="file"]');
  const target = zone.querySelector("[data-file-list]");
  if (!input || zone.classList.contains("file-drop-ready")) return;
  zone.classList.add("file-drop-ready");
  input.addEventListener("change", () => {
    list(input, target);
    if (zone.hasAttribute("data-upload-now") && input.files.length) input.form.requestSubmit();
  });
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, () => zone.classList.add("file-drop-over"));
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("file-drop-over"));
}

const prepareAll = (root) => root.querySelectorAll("[data-file-drop]").forEach(prepare);

export function start() {
  prepareAll(document);
  document.addEventListener("htmx:afterSwap", (event) => prepareAll(event.detail.elt));
}
