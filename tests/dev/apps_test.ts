/** `dev --write-env` writes into the named app only, and names pages that are on this machine. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describeApps, findApps } from "../../dev/apps/apps.ts";
import { FRAMEWORKS } from "../../dev/apps/frameworks.ts";
import { ProjectError } from "../../project/errors.ts";
import { SIMULATED } from "../helpers/apps/settings.ts";

Deno.test("findApps() refuses to write an .env.local that is a symbolic link", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/package.json`, '{ "dependencies": { "@clerk/react": "1" } }');
    await findApps(folder, ["."]);
    await Deno.symlink(`${folder}/elsewhere`, `${folder}/.env.local`);
    await assertRejects(() => findApps(folder, ["."]), ProjectError, "it is a symbolic link");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("describeApps() prints what to paste, or how to have it written", () => {
  const framework = FRAMEWORKS.find(({ sdk }) => sdk === "@clerk/react")!;
  const pasted = describeApps([{ folder: "/app", framework, isWritten: false }], SIMULATED);
  assertStringIncludes(pasted, "VITE_CLERK_PROXY_URL=/__clerk");
  assertStringIncludes(pasted, "src/main.tsx: <ClerkProvider proxyUrl={import.meta.env.VITE_CLERK_PROXY_URL} …>");
  const written = describeApps([{ folder: "/app", framework, isWritten: true }], SIMULATED);
  assertStringIncludes(written, "Wrote /app/.env.local.");
  assertEquals(written.includes("VITE_CLERK_PROXY_URL=/__clerk"), false);
  assertStringIncludes(describeApps([], SIMULATED), "deno task dev --write-env <folder>");
});

Deno.test("describeApps() names pages that the app's author can open from the app's folder", async () => {
  const here = Deno.cwd();
  const folder = await Deno.makeTempDir();
  Deno.chdir(folder);
  try {
    const ofOne = FRAMEWORKS.map((framework) => describeApps([{ folder, framework, isWritten: true }], SIMULATED));
    const pages = [describeApps([], SIMULATED), ...ofOne].map((text) => text.match(/\S+\.md/g) ?? []);
    assert(pages.every((named) => named.length > 0), "a text names no page");
    for (const page of pages.flat()) await Deno.stat(page);
  } finally {
    Deno.chdir(here);
    await Deno.remove(folder, { recursive: true });
  }
});
