/** `dev --write-env` writes into the named app only. */
import { assertRejects } from "@std/assert";
import { findApps } from "../../dev/apps/apps.ts";
import { ProjectError } from "../../project/errors.ts";

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
