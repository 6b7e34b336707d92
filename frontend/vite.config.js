import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig } from "vite";

const here = import.meta.dirname;
const iconFolder = join(here, "node_modules", "@tabler", "icons", "icons", "outline");

function symbol(name) {
  const source = readFileSync(join(iconFolder, `${name}.svg`), "utf8");
  const shapes = source
    .replace(/<!--[\s\S]*?-->/g, "")
    .match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1]
    .replace(/<path stroke="none"[^>]*\/>/, "")
    .replace(/\s+/g, " ")
    .trim();
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`;
}

// The names in icons.txt are the only ones a page may use; a name Tabler does not have stops the build.
function iconSprite() {
  const list = join(here, "icons.txt");
  return {
    name: "icon-sprite",
    buildStart() {
      this.addWatchFile(list);
    },
    generateBundle() {
      const names = readFileSync(list, "utf8").split(/\s+/).filter(Boolean);
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>`;
      this.emitFile({ type: "asset", fileName: "icons.svg", source });
    },
  };
}

// Tabler's sources name their custom properties without a prefix; its published styles have one.
const tablerPrefix = {
  postcssPlugin: "tabler-prefix",
  OnceExit(root) {
    const prefixed = (text) => text.replace(/--(?!pz-|tblr-)([a-z])/g, "--tblr-$1");
    root.walkDecls((declaration) => {
      if (declaration.prop.startsWith("--")) declaration.prop = prefixed(declaration.prop);
      if (declaration.value.includes("var(--")) declaration.value = declaration.value.replace(/var\(\s*--[\w-]+/g, prefixed);
    });
  },
};

export default defineConfig({
  root: here,
  base: "./",
  publicDir: "public",
  plugins: [iconSprite()],
  css: { postcss: { plugins: [tablerPrefix] } },
  build: {
    manifest: "manifest.json",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: ["chrome107", "firefox104", "safari16"],
    rolldownOptions: { input: { app: resolve(here, "src/app.js") } },
  },
});
