/** Doc comments of what people call have an example, and `deno test --doc` runs each. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { filesBelow, ROOT } from "../helpers/project_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const SHARED = "supabase/functions/_shared/";

/** What a source imports from `_shared`, types aside. */
function importsOf(source: string): Array<{ name: string; file: string }> {
  return [...source.matchAll(/import \{([^}]*)\} from "\.\.\/_shared\/([^"]+)"/g)].flatMap(([, names, file]) =>
    names!.split(",").map((name) => name.trim()).filter((name) => /^\w+$/.test(name))
      .map((name) => ({ name, file: file! }))
  );
}

/** The doc comment of an exported function or class; undefined for what is neither. */
function docOf(source: string, name: string): string | undefined {
  const at = new RegExp(`^export (async function|function|class) ${name}\\b`, "m").exec(source)?.index;
  return at === undefined ? undefined : source.slice(source.lastIndexOf("/**", at), at);
}

/** The functions of `_shared` that a source calls whose doc comment has no example. */
async function lacking(source: string): Promise<string[]> {
  const docs = await Promise.all(
    importsOf(source).map(async ({ name, file }) => ({ name, doc: docOf(await read(SHARED + file), name) })),
  );
  return docs.flatMap(({ name, doc }) => doc !== undefined && !doc.includes("@example") ? [name] : []);
}

Deno.test("whatever the example functions and the README call of _shared has an example", async () => {
  const folders = ["hello", "resumes"].map((name) => filesBelow(`supabase/functions/${name}/`, ".ts"));
  const sources = await Promise.all(["README.md", ...(await Promise.all(folders)).flat()].map(read));
  const names = new Set(sources.flatMap(importsOf).map(({ name }) => name));
  for (const name of ["requireUser", "optionalUser", "serveWith", "handle"]) assert(names.has(name), name);
  assertEquals((await Promise.all(sources.map(lacking))).flat(), []);
});

Deno.test("a function without an example is found", async () => {
  const source = 'import { handle, type Handler } from "../_shared/http/handle.ts";\n' +
    'import { logLine } from "../_shared/log.ts";\nimport { ERRORS } from "../_shared/errors.ts";\n';
  assertEquals(await lacking(source), ["logLine"]);
});

Deno.test("every example is where the tests run examples: in _shared", async () => {
  const folders = ["supabase/", "cli/", "dev/", "tools/", "bench/"].map((folder) => filesBelow(folder, ".ts"));
  const elsewhere = (await Promise.all(folders)).flat().filter((file) => !file.startsWith(SHARED));
  const sources = await Promise.all(elsewhere.map(async (file) => ({ file, source: await read(file) })));
  assertEquals(sources.filter(({ source }) => /^ \* @example/m.test(source)).map(({ file }) => file), []);
  assertMatch(await read("tools/test/jobs.ts"), /paths: \["supabase\/functions\/_shared"\], flags: \[[^\]]*"--doc"/);
});
