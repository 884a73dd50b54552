/** The variables of the local stack's functions, and whose Clerk they talk to. */
import { assertEquals } from "@std/assert";
import { chooseClerk, readFunctionVariables } from "../../dev/gateway/environment.ts";

const simulator = {
  CLERK_PUBLISHABLE_KEY: "pk_test_simulator",
  CLERK_SECRET_KEY: "sk_test_simulator",
  CLERK_ISSUER: "http://127.0.0.1:1",
};

Deno.test("chooseClerk() takes the simulator, and the files' other settings", () => {
  assertEquals(chooseClerk({ CLERK_DELETE_MODE: "soft" }, simulator), {
    variables: { CLERK_DELETE_MODE: "soft", ...simulator },
    real: false,
    ignored: [],
  });
});

Deno.test("chooseClerk() mixes no two instances", () => {
  assertEquals(chooseClerk({ CLERK_SECRET_KEY: "sk_test_mine" }, simulator), {
    variables: simulator,
    real: false,
    ignored: ["CLERK_SECRET_KEY"],
  });
  const mine = { CLERK_PUBLISHABLE_KEY: "pk_test_mine", CLERK_DELETE_MODE: "soft" };
  assertEquals(chooseClerk(mine, simulator), { variables: mine, real: true, ignored: [] });
});

Deno.test("readFunctionVariables() takes each variable from the nearest place, as supabase functions serve does", async () => {
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
