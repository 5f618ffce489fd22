// Bundles the screens' style and behaviour into static/built. Run by `npm run build`.
import { build } from "esbuild";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "built");
mkdirSync(out, { recursive: true });

const common = { bundle: true, minify: true, logLevel: "warning", legalComments: "none" };
await build({
  ...common,
  entryPoints: [join(here, "app.js"), join(here, "app.css"), join(here, "set_up.js"),
    join(here, "passkeys.js")],
  outdir: out,
  format: "iife",
  target: ["es2022"],
  nodePaths: [join(here, "..", "..", "..", "node_modules")],
});
const snippet = join(here, "leadline.js");
if (existsSync(snippet)) {
  await build({ ...common, entryPoints: [snippet], outdir: out, bundle: false, target: ["es2017"] });
}
for (const name of ["icons.svg", "mark.svg"]) copyFileSync(join(here, name), join(out, name));
