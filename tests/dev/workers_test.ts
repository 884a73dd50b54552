/** The functions' processes: a function that cannot start answers BOOT_ERROR, and the others keep running. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createWorkers, type Workers } from "../../dev/gateway/workers.ts";
import { functionArguments } from "../../project/function_config.ts";
import { readProject } from "../../project/project.ts";

/** Faults of a function's configuration: its files, and a part of the message. */
const FAULTS: Record<string, [files: Record<string, string>, says: string]> = {
  "a missing import map": [{ "deno.json": '{ "importMap": "../../import_map.json" }' }, "there is no such file"],
  "an import map that is a folder": [{ "deno.json": '{ "importMap": "../" }' }, ""],
  "an import map that is not text": [{ "deno.json": '{ "importMap": 5 }' }, "there is no such file"],
  "a deno.json that is not JSON": [{ "deno.json": "{" }, "it is not a JSON object"],
  "imports that are null": [{ "deno.json": '{ "imports": null }' }, ""],
};

/** Runs the functions `good` and `broken` of a temporary project. */
async function withWorkers(
  run: (
    workers: Workers,
    write: (path: string, text: string) => Promise<void>,
    output: string[],
  ) => Promise<void>,
  config = "",
): Promise<void> {
  const root = pathToFileURL(`${await Deno.makeTempDir({ prefix: "workers-" })}/`);
  const write = async (path: string, text: string) => {
    const file = new URL(path, root);
    await Deno.mkdir(new URL("./", file), { recursive: true });
    await Deno.writeTextFile(file, text);
  };
  await write("supabase/config.toml", config);
  await write("supabase/functions/pwn,/x/index.ts", "Deno.serve(() => Response.json({ works: true }));\n");
  for (const name of ["good", "broken"]) {
    await write(`supabase/functions/${name}/index.ts`, "Deno.serve(() => Response.json({ works: true }));\n");
  }
  const project = await readProject(root);
  const output: string[] = [];
  const workers = createWorkers({
    functions: project.functions,
    environment: (name) =>
      name === "broken" && output.includes("no variables")
        ? Promise.reject(new Error("Cannot read .env"))
        : Promise.resolve({}),
    deno: { executable: Deno.execPath(), config: [] },
    argumentsOf: (one) => functionArguments(one, project),
    project: root,
    print: (line) => output.push(line),
  });
  try {
    await run(workers, write, output);
  } finally {
    await workers.stop();
    await Deno.remove(fileURLToPath(root), { recursive: true });
  }
}

async function call(workers: Workers, name: string): Promise<{ status: number; body: Record<string, string> }> {
  const response = await workers.fetch(name, new Request(`http://127.0.0.1/${name}`));
  return { status: response.status, body: await response.json() };
}

Deno.test("a function with a broken configuration answers BOOT_ERROR and names its deno.json; the others run", () =>
  withWorkers(async (workers, write, output) => {
    for (const [fault, [files, says]] of Object.entries(FAULTS)) {
      for (const [file, text] of Object.entries(files)) await write(`supabase/functions/broken/${file}`, text);
      await workers.warm();
      const { status, body } = await call(workers, "broken");
      assertEquals([status, body.code], [503, "BOOT_ERROR"], fault);
      const message = "Cannot run broken with supabase/functions/broken/deno.json: ";
      assertStringIncludes(body.message!, message, fault);
      assertStringIncludes(body.message!, says, fault);
      assertStringIncludes(output.at(-1)!, `[broken] ${message}`, fault);
      assertEquals((await call(workers, "good")).status, 200, fault);
    }
  }));

Deno.test("a function that a reload breaks answers BOOT_ERROR until its configuration is fixed", () =>
  withWorkers(async (workers, write) => {
    assertEquals((await call(workers, "broken")).status, 200);
    const file = "supabase/functions/broken/deno.json";
    for (const [text, expected] of [["{", 503], ["{}", 200]] as const) {
      await write(file, text);
      workers.replace();
      await workers.warm();
      assertEquals((await call(workers, "broken")).status, expected);
      assertEquals((await call(workers, "good")).status, 200);
    }
  }));

Deno.test("the output of functions has no color codes unless the stack's own output may have them", () =>
  withWorkers(async (workers, write, output) => {
    await write("supabase/functions/broken/index.ts", "console.log([1]);\nthrow new Error('at the top level');\n");
    assertEquals((await call(workers, "broken")).status, 503);
    assertStringIncludes(output.join("\n"), "at the top level");
    assertEquals(output.filter((line) => line.includes("\x1b")), []);
  }));

Deno.test("a function whose variables cannot be read answers BOOT_ERROR, and the log says why", () =>
  withWorkers(async (workers, _, output) => {
    output.push("no variables");
    assertEquals((await call(workers, "broken")).body.code, "BOOT_ERROR");
    assertEquals(output.at(-1), "[broken] Cannot read .env");
    assertEquals((await call(workers, "good")).status, 200);
  }));

/** Entry points in config.toml that would let the function read more than its project. */
const OUTSIDE = [
  "/x.ts",
  "/x/y/index.ts",
  "../../x/index.ts",
  "functions/a%2f..%2f..%2f..%2f..%2fx/index.ts",
  "https://evil.example/x.ts",
  "file://evil.example/x.ts",
  "data:text/javascript,1",
];

for (
  const [entrypoint, says] of [
    ...OUTSIDE.map((path) => [path, "its entrypoint in supabase/config.toml must be a file in supabase/"] as const),
    ["functions/pwn,/x/index.ts", "Deno's permissions accept no path with a comma"] as const,
  ]
) {
  Deno.test(`a function with the entry point ${entrypoint} does not start; the others run`, () =>
    withWorkers(async (workers, _, output) => {
      const { status, body } = await call(workers, "broken");
      assertEquals([status, body.code], [503, "BOOT_ERROR"]);
      assertStringIncludes(body.message!, says);
      assertStringIncludes(output.at(-1)!, says);
      assertEquals((await call(workers, "good")).status, 200);
    }, `[functions.broken]\nentrypoint = "${entrypoint}"\n`));
}

Deno.test("a function runs with an entry point elsewhere in supabase/", () =>
  withWorkers(async (workers) => {
    assertEquals((await call(workers, "broken")).status, 200);
  }, '[functions.broken]\nentrypoint = "./functions/good/../good/index.ts"\n'));
