/** What holds for the project as a whole, and would otherwise be a sentence that people forget. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readProject } from "../../dev/project.ts";
import { configArguments } from "../../tools/jsr/config.ts";
import { ERRORS, isErrorCode } from "../../supabase/functions/_shared/errors.ts";
import { filesBelow, ROOT } from "../helpers/project_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const json = async (path: string) => JSON.parse(await read(path));

const functions = [...(await readProject()).functions.values()];

Deno.test("every function checks for itself who calls it", () => {
  assert(functions.length > 0);
  for (const { name, verifyJwt } of functions) assertEquals(verifyJwt, false, name);
});

Deno.test("every function has the deno.json that resolves alike everywhere", async () => {
  for (const { name } of functions) {
    assertEquals(await json(`supabase/functions/${name}/deno.json`), { importMap: "../../../import_map.json" });
  }
});

Deno.test("an entry point composes and decides nothing", async () => {
  for (const { name } of functions) {
    const source = await read(`supabase/functions/${name}/index.ts`);
    const statements = source.split("\n").filter((line) => line !== "" && !line.startsWith("import "));
    assert(statements.length <= 10, `${name}/index.ts has ${statements.length} lines beside its imports`);
    assertEquals(/\bif\b/.test(source), false, name);
  }
});

Deno.test("an entry point reads no variable and opens no port when it is imported", async () => {
  const config = await configArguments();
  for (const { entrypoint } of functions) {
    // Without any permission: reading a variable or opening a port would throw.
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...config, entrypoint.href],
      clearEnv: true,
      env: { HOME: Deno.env.get("HOME") ?? "", NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  }
});

Deno.test("config.ts is the one reader of the environment", async () => {
  const readers = [];
  for (const file of await filesBelow("supabase/functions/", ".ts")) {
    if (/Deno\s*\.\s*env|process\s*\.\s*env/.test(await read(file))) readers.push(file);
  }
  assertEquals(readers, ["supabase/functions/_shared/config.ts"]);
});

Deno.test(".env.example has every variable that config.ts reads, and no value", async () => {
  const source = await read("supabase/functions/_shared/config.ts");
  const names = [...source.matchAll(/"([A-Z]+(?:_[A-Z]+)+)"/g)].map(([, name]) => name!);
  // The platform sets its own.
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

Deno.test("errors.ts has every code that the database refuses with", async () => {
  const files = await filesBelow("supabase/migrations/", ".sql");
  const sql = (await Promise.all(files.map(read))).join("\n");
  const codes = [...sql.matchAll(/(?:then|else|\(change,) '([A-Z_]+)'/g)].map(([, code]) => code!);
  assert(codes.length > 5);
  // What the project's own columns do not take is the project's fault, and Svix tries again.
  const statusOf = (code: string) => code === "OWN_COLUMN_INVALID" ? 500 : 422;
  for (const code of codes) assertEquals(ERRORS[code as keyof typeof ERRORS]?.[0], statusOf(code), code);
});

Deno.test("the functions' packages are the ones that were chosen", async () => {
  const imported = new Set<string>();
  for (const file of await filesBelow("supabase/functions/", ".ts")) {
    for (const [, specifier] of (await read(file)).matchAll(/from "([^."][^"]*)"/g)) imported.add(specifier!);
  }
  assertEquals([...imported].sort(), ["@std/http/status", "@supabase/supabase-js", "jose", "svix"]);
});

Deno.test("no migration changes defaults or whole schemas' rights in public", async () => {
  for (const file of await filesBelow("supabase/migrations/", ".sql")) {
    const sql = (await read(file)).replaceAll(/--.*$/gm, "");
    assertEquals(
      /alter default privileges|on all (tables|functions|sequences)|on schema public|auth\.uid\(\)/i.test(sql),
      false,
      file,
    );
  }
});
