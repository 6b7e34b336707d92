const spriteAddress = () => document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0];

// An icon of the sprite for parts of the page that scripts add.
export function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `${spriteAddress()}#${name}`);
  svg.append(use);
  return svg;
}
