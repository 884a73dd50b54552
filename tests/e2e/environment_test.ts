/** The variables of the local stack's functions, and the Clerk instance that they use. */
import { assertEquals } from "@std/assert";
import { readSecrets } from "../../cli/deploy/secrets.ts";
import { findTarget } from "../../cli/target.ts";
import { readFunctionVariables } from "../../project/function_variables.ts";
import { chooseClerk } from "../../dev/gateway/clerk_choice.ts";

const simulator = {
  CLERK_PUBLISHABLE_KEY: "pk_test_simulator",
  CLERK_SECRET_KEY: "sk_test_simulator",
  CLERK_ISSUER: "http://127.0.0.1:1",
};

Deno.test("chooseClerk() uses the simulator and the other settings of the files", () => {
  assertEquals(chooseClerk({ CLERK_DELETE_MODE: "soft" }, simulator), {
    variables: { CLERK_DELETE_MODE: "soft", ...simulator },
    real: false,
    ignored: [],
  });
});

Deno.test("chooseClerk() does not mix two instances", () => {
  assertEquals(chooseClerk({ CLERK_SECRET_KEY: "sk_test_mine" }, simulator), {
    variables: simulator,
    real: false,
    ignored: ["CLERK_SECRET_KEY"],
  });
  const mine = { CLERK_PUBLISHABLE_KEY: "pk_test_mine", CLERK_DELETE_MODE: "soft" };
  assertEquals(chooseClerk(mine, simulator), { variables: mine, real: true, ignored: [] });
});

Deno.test("readFunctionVariables() reads each variable from the nearest place, like supabase functions serve", async () => {
  const folder = await Deno.makeTempDir({ prefix: "variables-" });
  const write = (path: string, text: string) => Deno.writeTextFile(`${folder}/supabase/${path}`, text);
  try {
    await Deno.mkdir(`${folder}/supabase/functions/one`, { recursive: true });
    await write(
      "config.toml",
      `[edge_runtime.secrets]\nA = "config"\nB = "config"\nC = "config"\nD = "config"\nHOME_OF = "env(HOME)"\n` +
        `[functions.one]\nentrypoint = "functions/one/index.ts"\n[functions.one.env]\nD = "own config"\n`,
    );
    await write("functions/.env", "B=all\nC=all\nD=all\nEMPTY=\nSUPABASE_URL=http://elsewhere\n");
    await write("functions/one/.env", "C=one\nD=one\n");
    const shared = { A: "config", B: "all", HOME_OF: Deno.env.get("HOME") ?? "" };
    const root = new URL(`file://${folder}/`);
    assertEquals(await readFunctionVariables("one", root), { ...shared, C: "one", D: "own config" });
    assertEquals(await readFunctionVariables("two", root), { ...shared, C: "all", D: "all" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("dev, deploy and the doctor read an env file that an editor on Windows saved", async () => {
  const folder = await Deno.makeTempDir({ prefix: "variables-" });
  const root = new URL(`file://${folder}/`);
  const key = "pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk";
  const text = `\uFEFFCLERK_PUBLISHABLE_KEY=${key}\r\nexport CLERK_DELETE_MODE="soft"\r\n`;
  const variables = { CLERK_PUBLISHABLE_KEY: key, CLERK_DELETE_MODE: "soft" };
  try {
    await Deno.mkdir(`${folder}/supabase/functions/one`, { recursive: true });
    await Deno.writeTextFile(`${folder}/supabase/config.toml`, "");
    for (const path of ["supabase/functions/.env", "supabase/functions/one/.env", "production.env"]) {
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    assertEquals(await readFunctionVariables(undefined, root), variables);
    assertEquals(await readFunctionVariables("one", root), variables);
    assertEquals(await readSecrets(root), variables);
    assertEquals(await readSecrets(root, "production.env", folder), variables);
    const shell = (name: string) => name === "SUPABASE_URL" ? "https://abcdefghijklmnopqrst.supabase.co" : undefined;
    const { env } = await findTarget(shell, { project: folder });
    assertEquals([env("CLERK_PUBLISHABLE_KEY"), env("CLERK_DELETE_MODE")], [key, "soft"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
