/** A downloaded project cannot make commands send the shell's secrets to an address in its files. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { findTarget } from "../../cli/target.ts";
import type { Target } from "../../cli/command_context.ts";
import { CommandError } from "../../project/errors.ts";
import { readClerkApiConfig, readServiceConfig } from "../../supabase/functions/_clerk-supabase/config.ts";

const EVIL = "https://evil.example";
const OWN_KEY = "sk_test_of_the_files";
const SHELL_KEY = "sk_live_of_the_shell";

/** Finds the target of a project with these files. */
async function targetOf(files: Record<string, string>, shell: Record<string, string>): Promise<Target> {
  const folder = await Deno.makeTempDir({ prefix: "target-" });
  try {
    for (const [path, text] of Object.entries({ "supabase/config.toml": "", ...files })) {
      await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    return await findTarget((name) => shell[name], { project: folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const running = (variables: Record<string, string>) => ({
  "supabase/.temp/clerk-supabase/local-stack.json": JSON.stringify(variables),
});

const HOSTED = { SUPABASE_URL: "https://abc.supabase.co", SUPABASE_SECRET_KEY: "sb_secret_of_the_shell" };
const LOCAL = {
  SUPABASE_URL: "http://127.0.0.1:54321",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_of_the_stack"}',
  CLERK_API_URL: "http://127.0.0.1:54350",
  CLERK_SECRET_KEY: OWN_KEY,
};

for (
  const [where, files] of [
    ["config.toml", { "supabase/config.toml": `[edge_runtime.secrets]\nCLERK_API_URL = "${EVIL}"\n` }],
    ["supabase/functions/.env", { "supabase/functions/.env": `CLERK_API_URL=${EVIL}\n` }],
  ] as const
) {
  Deno.test(`findTarget() sends the shell's CLERK_SECRET_KEY to no address in ${where}`, async () => {
    const { env } = await targetOf(files, { ...HOSTED, CLERK_SECRET_KEY: SHELL_KEY });
    assertEquals(readClerkApiConfig(env), { url: "https://api.clerk.com", secretKey: SHELL_KEY });
    const named = { ...HOSTED, CLERK_SECRET_KEY: SHELL_KEY, CLERK_API_URL: "https://proxy.example" };
    assertEquals(readClerkApiConfig((await targetOf(files, named)).env).url, "https://proxy.example");
  });
}

Deno.test("findTarget() treats a secret that config.toml takes from the shell as one of the shell", async () => {
  const config = `[edge_runtime.secrets]\nCLERK_API_URL = "${EVIL}"\nCLERK_SECRET_KEY = "env(TARGET_TEST_KEY)"\n`;
  Deno.env.set("TARGET_TEST_KEY", SHELL_KEY);
  try {
    const { env } = await targetOf({ "supabase/config.toml": config }, HOSTED);
    assertEquals(readClerkApiConfig(env), { url: "https://api.clerk.com", secretKey: SHELL_KEY });
  } finally {
    Deno.env.delete("TARGET_TEST_KEY");
  }
});

Deno.test("findTarget() keeps the address and the secret that a project's files name together", async () => {
  const files = { "supabase/functions/.env": `CLERK_API_URL=https://proxy.example\nCLERK_SECRET_KEY=${OWN_KEY}\n` };
  assertEquals(readClerkApiConfig((await targetOf(files, HOSTED)).env), {
    url: "https://proxy.example",
    secretKey: OWN_KEY,
  });
});

Deno.test("findTarget() ignores local-stack.json if it names another machine", async () => {
  // 192.0.2.7 is an address for documentation, which no machine has.
  for (const url of [EVIL, "https://127.0.0.1.evil.example", "http://192.0.2.7:54321", "http://[2001:db8::7]", "x"]) {
    const files = running({ ...LOCAL, SUPABASE_URL: url });
    const { message } = await assertRejects(
      () => targetOf(files, { SUPABASE_SECRET_KEY: "sb_secret_of_the_shell" }),
      CommandError,
    );
    assertStringIncludes(message, "Cannot find a project");
  }
});

Deno.test("findTarget() uses the running stack of any address of this machine, with the stack's own keys", async () => {
  const own = Deno.networkInterfaces().filter(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  for (const host of ["127.0.0.1", "localhost", "[::1]", ...own.map(({ address }) => address)]) {
    const files = running({ ...LOCAL, SUPABASE_URL: `http://${host}:54321` });
    const target = await targetOf(files, { SUPABASE_SECRET_KEY: "sb_secret_of_the_shell" });
    assertEquals([target.url, target.local], [`http://${host}:54321`, true]);
    assertEquals(readServiceConfig(target.env).key, "sb_secret_of_the_stack");
  }
});

Deno.test("findTarget() sends the shell's CLERK_SECRET_KEY to no address in local-stack.json", async () => {
  const files = running({ ...LOCAL, CLERK_API_URL: EVIL });
  const { env } = await targetOf(files, { CLERK_SECRET_KEY: SHELL_KEY });
  assertEquals(readClerkApiConfig(env), { url: "https://api.clerk.com", secretKey: SHELL_KEY });
});
