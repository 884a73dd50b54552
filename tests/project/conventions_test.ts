/** Conventions of the whole project, as tests. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readProject } from "../../project/project.ts";
import { configArguments } from "../../project/jsr/config.ts";
import { ERRORS, isErrorCode } from "../../supabase/functions/_clerk-supabase/errors.ts";
import { ROOT } from "../../project/root.ts";
import { filesBelow } from "../../project/repository_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const json = async (path: string) => JSON.parse(await read(path));

const functions = [...(await readProject()).functions.values()];

Deno.test("every function verifies its callers itself", () => {
  assert(functions.length > 0);
  for (const { name, verifyJwt } of functions) assertEquals(verifyJwt, false, name);
});

Deno.test("every function has the same deno.json, so that packages resolve alike everywhere", async () => {
  for (const { name } of functions) {
    assertEquals(await json(`supabase/functions/${name}/deno.json`), { importMap: "../../../import_map.json" });
  }
});

Deno.test("an entry point only composes", async () => {
  for (const { name } of functions) {
    const source = await read(`supabase/functions/${name}/index.ts`);
    const statements = source.split("\n").filter((line) => line !== "" && !line.startsWith("import "));
    assert(statements.length <= 10, `${name}/index.ts has ${statements.length} lines besides its imports`);
    assertEquals(/\bif\b/.test(source), false, name);
  }
});

Deno.test("an entry point reads no variable and opens no port when it is imported", async () => {
  const script = functions.map(({ entrypoint }) => `import "${entrypoint.href}";`).join("\n");
  // Without permissions, reading a variable or opening a port throws.
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...await configArguments(), "-"],
    clearEnv: true,
    env: { HOME: Deno.env.get("HOME") ?? "", NO_COLOR: "1" },
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
  }).spawn();
  await new Blob([script]).stream().pipeTo(child.stdin);
  const { success, stderr } = await child.output();
  assert(success, new TextDecoder().decode(stderr));
});

Deno.test("config.ts is the one reader of the environment", async () => {
  const readers = [];
  for (const file of await filesBelow("supabase/functions/", ".ts")) {
    if (/Deno\s*\.\s*env|process\s*\.\s*env/.test(await read(file))) readers.push(file);
  }
  assertEquals(readers, ["supabase/functions/_clerk-supabase/config.ts"]);
});

Deno.test(".env.example has every variable that config.ts reads, and no value", async () => {
  const source = await read("supabase/functions/_clerk-supabase/config.ts");
  const names = [...source.matchAll(/"([A-Z]+(?:_[A-Z]+)+)"/g)].map(([, name]) => name!);
  // The platform sets these.
  const known = new Set(names.filter((name) => !isErrorCode(name) && !name.startsWith("SUPABASE_")));
  const lines = (await read(".env.example")).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assertEquals(new Set(lines.map((line) => line.split("=")[0])), known);
  for (const line of lines) assertMatch(line, /^[A-Z_]+=$/);
});

Deno.test("docs/errors.md describes every error code, with its status, and no other", async () => {
  const rows = [...(await read("docs/errors.md")).matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) +\|/gm)];
  const described = Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]));
  assertEquals(described, Object.fromEntries(Object.entries(ERRORS).map(([code, [status]]) => [code, status])));
  assertEquals(rows.length, Object.keys(ERRORS).length);
});

Deno.test("errors.ts has every code that the database rejects a change with", async () => {
  const files = await filesBelow("supabase/migrations/", ".sql");
  const sql = (await Promise.all(files.map(read))).join("\n");
  const codes = [...sql.matchAll(/(?:then|else|\(change,) '([A-Z_]+)'/g)].map(([, code]) => code!);
  assert(codes.length > 5);
  // This code belongs to a deletion that took effect.
  for (const code of codes.filter((code) => code !== "DELETE_BLOCKED")) {
    // Refusals by the project's schema or own columns are faults of the project, and Svix retries them.
    const status = ["SCHEMA_REFUSED", "OWN_COLUMN_INVALID"].includes(code) ? 500 : 422;
    assertEquals(ERRORS[code as keyof typeof ERRORS]?.[0], status, code);
  }
});

Deno.test("the functions import only four packages", async () => {
  const imported = new Set<string>();
  for (const file of await filesBelow("supabase/functions/", ".ts")) {
    for (const [, name] of (await read(file)).matchAll(/from "((?:@[^/".]+\/)?[^/".]+)[^"]*"/g)) imported.add(name!);
  }
  assertEquals([...imported].sort(), ["@std/http", "@supabase/supabase-js", "jose", "svix"]);
});

Deno.test("no migration changes default privileges or the rights of a whole schema", async () => {
  for (const file of await filesBelow("supabase/migrations/", ".sql")) {
    const sql = (await read(file)).replaceAll(/--.*$/gm, "");
    assertEquals(
      /alter default privileges|on all (tables|functions|sequences)|on schema public|auth\.uid\(\)/i.test(sql),
      false,
      file,
    );
  }
});
