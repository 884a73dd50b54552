/**
 * The functions as `deno task deploy` uploads them: single files, in the Edge Runtime's Deno as well as in this one.
 */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { bundleFunctions, withoutCachePaths } from "../../project/bundles/bundle.ts";
import { CommandError, ProjectError } from "../../project/errors.ts";
import { keyIdOf } from "../../dev/clerk/keys.ts";
import { listen } from "../../project/listen.ts";
import { createWorkers } from "../../dev/gateway/workers.ts";
import { ROOT } from "../../project/root.ts";
import { type FunctionConfig, readProject } from "../../project/project.ts";
import { configArguments } from "../../project/jsr/config.ts";
import { runtimeDeno } from "../../project/runtime_deno.ts";
import userCreated from "../../project/user_created.json" with { type: "json" };
import { forge } from "../helpers/clerk/clerk.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { startTestStack } from "../helpers/stack/stack.ts";

const config = await configArguments();
const project = await readProject();
const into = new URL(".cache/bundles-under-test/", ROOT);
const { bundled, sources, workdir } = await bundleFunctions({ project, config, into });
const bundleOf = (name: string) => new URL(`supabase/functions/${name}/index.js`, workdir);

const test = testsOf("a bundle ");

test("is made of every function", async () => {
  assertEquals([bundled, sources], [[...project.functions.keys()], []]);
  const made = await readProject(workdir);
  for (const [name, { verifyJwt }] of project.functions) {
    const { entrypoint, settings } = made.functions.get(name)!;
    assertEquals([entrypoint.href, settings.verify_jwt], [bundleOf(name).href, verifyJwt]);
  }
});

test("imports only built-in modules, contains the pinned packages, and reveals nothing about this machine", async () => {
  const { npm } = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  for (const name of bundled) {
    assertEquals((await modulesOf(bundleOf(name))).filter((module) => !module.startsWith("node:")), [
      bundleOf(name).href,
    ]);
    const code = await Deno.readTextFile(bundleOf(name));
    const packages = [...code.matchAll(/^\/\/ npm\/((?:@[^/]+\/)?[^/]+)\/([^/]+)\//gm)].map(([, path, version]) =>
      `${path}@${version}`
    );
    if (name !== "openapi") assert(packages.some((one) => one.startsWith("@supabase/supabase-js@")), name);
    for (const one of packages) assert(Object.keys(npm).some((pinned) => pinned.split("_")[0] === one), one);
    assertEquals(/^\/\/ .*\.\.\//m.exec(code)?.[0], undefined);
  }
});

/** Returns every module that Deno would load without any configuration. */
async function modulesOf(file: URL): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-config", "--no-lock", file.href],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).modules.map(({ specifier }: { specifier: string }) => specifier);
}

const VARIABLES = {
  SUPABASE_URL: "http://127.0.0.1:1",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_x"}',
  CLERK_PUBLISHABLE_KEY: `pk_test_${btoa("127.0.0.1:1$")}`,
  CLERK_WEBHOOK_SECRET: `whsec_${btoa("0123456789abcdef01234567")}`,
  CLERK_SECRET_KEY: "sk_test_x",
};

/** The answers without credentials, by function and method. */
async function answers(
  functions: ReadonlyMap<string, FunctionConfig>,
  deno: { executable: string; config: readonly string[] },
  variables: Record<string, string> = {},
): Promise<Record<string, string>> {
  const output: string[] = [];
  const workers = createWorkers({
    functions,
    deno,
    environment: () => Promise.resolve({ ...VARIABLES, ...variables }),
    print: (line) => output.push(line),
  });
  const found: Record<string, string> = {};
  try {
    for (const name of functions.keys()) {
      for (const method of ["GET", "POST", "PUT"]) {
        const response = await workers.fetch(name, new Request(`http://127.0.0.1/${name}`, { method }));
        const { code, status } = await response.json();
        found[`${method} ${name}`] = `${response.status} ${code ?? status ?? ""}`.trim();
      }
    }
  } finally {
    await workers.stop();
  }
  assert(!Object.values(found).some((answer) => answer.includes("BOOT_ERROR")), output.join("\n"));
  return found;
}

test("answers like its source in both versions of Deno, without configuration, packages or network", async () => {
  const expected = await answers(project.functions, { executable: Deno.execPath(), config });
  assertEquals(expected["POST clerk-webhook"], "400 WEBHOOK_HEADERS_MISSING");
  assertEquals(expected["GET profile"], "401 TOKEN_MISSING");
  const { functions } = await readProject(workdir);
  const folder = await Deno.makeTempDir();
  try {
    for (const executable of [Deno.execPath(), await runtimeDeno()]) {
      const bare = ["--no-config", "--no-lock", "--no-remote", "--no-npm"];
      assertEquals(await answers(functions, { executable, config: bare }, { DENO_DIR: folder }), expected, executable);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("works like its source: the webhook writes a user, who reads the row", async () => {
  const variant = (of: string) => ({ of, entrypoint: bundleOf(of), variables: {} });
  const stack = await startTestStack({ webhook: variant("clerk-webhook"), row: variant("profile") });
  try {
    const { instance } = stack.clerk.state;
    const answer = await stack.deliver({ ...userCreated, instance_id: keyIdOf(instance) }, { name: "webhook" });
    assertEquals(await answer.json(), { outcome: "created" });
    const token = await forge(stack, { sub: userCreated.data.id });
    const row = await stack.call("row", { headers: { authorization: `Bearer ${token}` } });
    assertEquals((await row.json()).clerk_user_id, userCreated.data.id);
  } finally {
    await stack.stop();
  }
});

/** Creates an adopter's repository with its own functions. */
async function writeProject(functions: Record<string, Record<string, string>>, configuration = ""): Promise<URL> {
  const root = new URL(`file://${await Deno.makeTempDir({ prefix: "bundle-" })}/`);
  await Deno.mkdir(new URL("supabase/functions", root), { recursive: true });
  await Deno.copyFile(new URL("import_map.json", ROOT), new URL("import_map.json", root));
  await Deno.writeTextFile(new URL("supabase/config.toml", root), configuration);
  for (const [name, files] of Object.entries(functions)) {
    const folder = new URL(`supabase/functions/${name}/`, root);
    await Deno.mkdir(folder);
    for (const [file, text] of Object.entries(files)) await Deno.writeTextFile(new URL(file, folder), text);
  }
  return root;
}

async function bundleIn(root: URL) {
  const options = { project: await readProject(root), into: new URL(".cache/deploy/", root), config };
  return await bundleFunctions(options);
}

const OURS = { "deno.json": '{ "importMap": "../../../import_map.json" }' };
const ANSWERS = { "index.ts": "Deno.serve(() => new Response());" };

test("is not made of a function with its own settings, which is deployed from its sources", async () => {
  const root = await writeProject({
    ours: { ...OURS, "index.ts": 'import { SignJWT } from "jose"; Deno.serve(() => new Response(SignJWT.name));' },
    imports: { ...ANSWERS, "deno.json": '{ "imports": { "left": "npm:left@1" } }' },
    jsx: { ...ANSWERS, "deno.json": '{ "importMap": "../../../import_map.json", "compilerOptions": {} }' },
    commented: { ...ANSWERS, "deno.json": "// mine\n{}" },
    plain: ANSWERS,
    mapped: { ...OURS, ...ANSWERS },
    files: { ...OURS, ...ANSWERS },
  }, '[functions.mapped]\nimport_map = "./map.json"\n[functions.files]\nstatic_files = ["./functions/files/*.html"]\n');
  try {
    const { bundled, sources, workdir } = await bundleIn(root);
    assertEquals(bundled, ["ours"]);
    assertEquals(sources, ["commented", "files", "imports", "jsx", "mapped", "plain"]);
    // The Supabase CLI keeps the project's setting if the file has none.
    const made = (await readProject(workdir)).functions;
    assertEquals([[...made.keys()], made.get("ours")!.settings.verify_jwt], [["ours"], undefined]);
    assertMatch(await Deno.readTextFile(made.get("ours")!.entrypoint), /^\/\/ npm\/jose\/6\.2\.17\//m);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

test("is not made of a function that reads files beside its code", async () => {
  const index = (code: string) => ({ ...OURS, "index.ts": `${code}\nDeno.serve(() => new Response());` });
  const root = await writeProject({
    fixed: { ...index('console.log((await import("./part.ts")).part);'), "part.ts": "export const part = 1;" },
    beside: index('console.log(await Deno.readTextFile(new URL("./page.html", import.meta.url)));'),
    computed: index('console.log(await import(Deno.env.get("PART")!));'),
  });
  try {
    const { bundled, sources, notes, workdir } = await bundleIn(root);
    assertEquals([bundled, sources], [["fixed"], ["beside", "computed"]]);
    assertEquals([...(await readProject(workdir)).functions.keys()], ["fixed"]);
    const why = "is deployed from its sources: it uses import.meta, or computes what it imports.";
    assertEquals(notes.slice(1), [`beside ${why}`, `computed ${why}`]);
    assertMatch(notes[0]!, /^There is no deno\.lock/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

test("is made of a function whose folder is a link", async () => {
  const root = await writeProject({ ours: { ...OURS, ...ANSWERS } });
  const functions = decodeURIComponent(new URL("supabase/functions/", root).pathname);
  try {
    await Deno.rename(`${functions}ours`, `${functions}_theirs`);
    await Deno.symlink(`${functions}_theirs`, `${functions}linked`);
    await Deno.symlink(`${functions}_theirs/index.ts`, `${functions}file`);
    assertEquals((await bundleIn(root)).bundled, ["linked"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

test("is not made of a name that leads out of the folder", async () => {
  for (const name of ["../../escape", "--prune", "a b", "_shared"]) {
    const root = await writeProject({}, `[functions."${name}"]\nverify_jwt = false\n`);
    try {
      const error = await assertRejects(() => readProject(root), ProjectError);
      assertMatch(error.message, /: a function's name is a letter, /);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  }
});

test("contains no package that deno.lock does not pin", async () => {
  const root = await writeProject({
    ours: { ...OURS, "index.ts": 'import { SignJWT } from "jose"; Deno.serve(() => new Response(SignJWT.name));' },
  });
  const lock = new URL("deno.lock", root);
  try {
    await Deno.copyFile(new URL("deno.lock", ROOT), lock);
    assertEquals((await bundleIn(root)).bundled, ["ours"]);
    await Deno.writeTextFile(lock, '{ "version": "5" }');
    const { message } = await assertRejects(() => bundleIn(root), CommandError);
    assertMatch(message, /^Cannot bundle: deno\.lock does not pin .*\bjose@6\.2\.17.*; run deno task check/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** The files that Deno requests from JSR for a package of one module, by path. */
async function jsrPackage(name: string, version: string, code: string): Promise<Record<string, string>> {
  const checksum = `sha256-${await sha256(code)}`;
  return {
    [`/${name}/meta.json`]: JSON.stringify({ versions: { [version]: {} } }),
    [`/${name}/${version}_meta.json`]: JSON.stringify({
      manifest: { "/mod.ts": { size: code.length, checksum } },
      exports: { ".": "./mod.ts" },
    }),
    [`/${name}/${version}/mod.ts`]: code,
  };
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bundles a function that imports a package from a local registry with JSR's protocol. */
async function bundleFromJsr(lock: (integrity: string) => Record<string, unknown>): Promise<string> {
  const files = await jsrPackage("@acme/left", "1.2.3", "export const left: string = 'from the registry';\n");
  const registry = listen(0);
  registry.serve((request) => {
    const file = files[new URL(request.url).pathname];
    const headers = { "content-type": request.url.endsWith(".ts") ? "text/typescript" : "application/json" };
    return Promise.resolve(new Response(file ?? null, { status: file === undefined ? 404 : 200, headers }));
  });
  const root = await writeProject({
    ours: { ...OURS, "index.ts": 'import { left } from "left"; Deno.serve(() => new Response(left));' },
  });
  const before = Deno.env.get("JSR_URL");
  Deno.env.set("JSR_URL", `${registry.url}/`);
  try {
    await Deno.writeTextFile(
      new URL("import_map.json", root),
      JSON.stringify({ imports: { left: "jsr:@acme/left@1.2.3" } }),
    );
    await Deno.writeTextFile(new URL("deno.json", root), '{ "importMap": "./import_map.json" }');
    const integrity = await sha256(files["/@acme/left/1.2.3_meta.json"]!);
    await Deno.writeTextFile(new URL("deno.lock", root), JSON.stringify({ version: "5", ...lock(integrity) }));
    const options = { project: await readProject(root), into: new URL(".cache/deploy/", root), config: [] };
    const { workdir } = await bundleFunctions(options);
    return await Deno.readTextFile(new URL("supabase/functions/ours/index.js", workdir));
  } finally {
    if (before === undefined) Deno.env.delete("JSR_URL");
    else Deno.env.set("JSR_URL", before);
    await registry.close();
    await Deno.remove(root, { recursive: true });
  }
}

const LEFT = { specifiers: { "jsr:@acme/left@1.2.3": "1.2.3" } };

test("contains a package of JSR that deno.lock pins by its hash", async () => {
  const code = await bundleFromJsr((integrity) => ({ ...LEFT, jsr: { "@acme/left@1.2.3": { integrity } } }));
  assertMatch(code, /from the registry/);
});

test("contains no package of JSR that deno.lock does not pin", async () => {
  const { message } = await assertRejects(() => bundleFromJsr(() => ({})), CommandError);
  assertMatch(message, /^Cannot bundle: deno\.lock does not pin @acme\/left@1\.2\.3; run deno task check/);
});

test("contains no package of JSR with another hash than in deno.lock", async () => {
  const other = { ...LEFT, jsr: { "@acme/left@1.2.3": { integrity: "0".repeat(64) } } };
  const { message } = await assertRejects(() => bundleFromJsr(() => other), CommandError);
  assertMatch(
    message,
    /^Cannot bundle ours: jsr:@acme\/left@1\.2\.3 does not exist, or its hash differs from deno\.lock/,
  );
});

test("fails with the name of the function and the reason", async () => {
  const root = await writeProject({ broken: { ...OURS, "index.ts": 'import "./gone.ts";' } });
  try {
    const error = await assertRejects(() => bundleIn(root), CommandError);
    assertMatch(error.message, /^Cannot bundle broken: Module not found ".*gone\.ts"/);
    assertEquals(/Stack backtrace|bundling failed/.test(error.message), false);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

test("contains no path of the machine's packages", () => {
  const code = [
    "// ../../home/jane doe/.cache/deno/npm/registry.example/@scope/name/1.2.3/lib/a.js",
    '  "../.deno/npm/localhost_4873/name/2.0.0-rc.1/b.js"(exports) {',
    "// ../../.cache/deno/npm/packages.example/artifactory/api/npm/all/@scope/name/1.2.3/c.js",
    "    // ../../.cache/deno/npm/packages.example/some/path/name/1.2.3/d.js",
    "// supabase/functions/_shared/npm/x/y.ts",
  ].join("\n");
  assertEquals(withoutCachePaths(code).split("\n"), [
    "// npm/@scope/name/1.2.3/lib/a.js",
    '  "npm/name/2.0.0-rc.1/b.js"(exports) {',
    "// npm/@scope/name/1.2.3/c.js",
    "    // npm/name/1.2.3/d.js",
    "// supabase/functions/_shared/npm/x/y.ts",
  ]);
  return Promise.resolve();
});

test("folder is removed", () => Deno.remove(into, { recursive: true }));
