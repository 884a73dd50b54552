/** `deno task add` in a project with conflicting files, and the options that leave functions out. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { checkCandidate } from "../../cli/deploy/preflight.ts";
import { readSchemaFiles } from "../../cli/adopt/schema_files.ts";
import { hashOf } from "../../project/hash.ts";
import { readBlock, takeBlock } from "../../project/adopted/block.ts";
import { readAddedFunctions } from "../../project/adopted/manifest.ts";
import { readProject } from "../../project/project.ts";
import { checkProject } from "../../tools/deploy/check_project.ts";
import { runCommand } from "../../project/supabase_cli.ts";
import { type Adopter, makeAdopter } from "../helpers/project/adopter.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { SECRETS } from "../helpers/project/deploy.ts";
import { ROOT } from "../../project/root.ts";
import { checkOut } from "../../project/checkout.ts";
import { testsOf } from "../helpers/shared_test.ts";

const adopter = await makeAdopter();
const test = testsOf("deno task clerk ", () => adopter.reset());

addEventListener("unload", () => Deno.removeSync(adopter.root, { recursive: true }));

/** Obstacles, and the error for each. */
interface Obstacle {
  name: string;
  files: Record<string, string>;
  says: string;
}

const OBSTACLES: Obstacle[] = [
  {
    name: "a file of the project has the path of one of the bundle's",
    files: { "supabase/functions/_clerk-supabase/config.ts": "export {};\n" },
    says: "Nothing is changed.\n  supabase/functions/_clerk-supabase/config.ts\nRename your files, ",
  },
  {
    name: "a file has the path of a folder",
    files: { "supabase/functions/profile": "" },
    says: "Cannot use supabase/functions/profile: it is a file, and a folder belongs there",
  },
  {
    name: "a folder has the path of a file",
    files: { "supabase/functions/profile/index.ts/other.ts": "" },
    says: "Cannot use supabase/functions/profile/index.ts: it is a folder, and a file belongs there",
  },
  {
    name: "the project creates public.users",
    files: { "supabase/migrations/20250102000000_users.sql": "create table users (id uuid primary key);\n" },
    says: "Cannot add: supabase/migrations/20250102000000_users.sql creates public.users, which the bundle creates.",
  },
  {
    name: "the project creates public.users after the bundle's first migration",
    files: { "supabase/migrations/20261201000000_users.sql": "create table users (id uuid primary key);\n" },
    says:
      "which the bundle creates, and it is too late to rename it before 20261123000100: give it an earlier version.",
  },
  {
    name: "the project renames a table to public.users",
    files: {
      "supabase/migrations/20250102000000_people.sql": "create table people (id uuid primary key);\n",
      "supabase/migrations/20250103000000_rename.sql": 'ALTER TABLE IF EXISTS public."people"\n  RENAME TO users;\n',
    },
    says: "Cannot add: supabase/migrations/20250103000000_rename.sql creates public.users, which the bundle creates.",
  },
  {
    name: "a declarative schema has public.users, though a migration renames it",
    files: {
      "supabase/migrations/20250102000000_users.sql": "create table users (id uuid primary key);\n",
      "supabase/migrations/20250103000000_rename.sql": "alter table users rename to members;\n",
      "supabase/schemas/tables/users.sql": "create table public.users (id uuid primary key);\n",
    },
    says: "Cannot add: supabase/schemas/tables/users.sql creates public.users, which the bundle creates.",
  },
  {
    name: "a migration has the version of one of the bundle's",
    files: { "supabase/migrations/20261123000100_own.sql": "select 1;\n" },
    says: "Cannot add: supabase/migrations/20261123000100_own.sql has the same version as a migration of the bundle",
  },
  {
    name: "a migration of the bundle's was changed",
    files: { "supabase/migrations/20261123000100_create_users.sql": "select 1;\n" },
    says: "  supabase/migrations/20261123000100_create_users.sql\n",
  },
  {
    name: "config.toml has other settings for a function of the bundle",
    files: { "supabase/config.toml": "[functions.health]\nverify_jwt = true\n" },
    says: "\n  line 2: [functions.health] verify_jwt: change it to verify_jwt = false, because",
  },
  {
    name: "the bundle has been removed",
    files: { "supabase/migrations/20991231000000_remove_clerk_supabase.sql": "select 1;\n" },
    says: "Cannot add: supabase/migrations/20991231000000_remove_clerk_supabase.sql has removed the bundle.",
  },
];

/** Paths that a manifest must not contain: they lead out of the project, or to a whole file instead of its block. */
const FOREIGN = [
  "supabase/../victim.txt",
  "supabase/%2e%2E/victim.txt",
  "supabase/..%2fvictim.txt",
  "supabase/..%2fvictim.txt#x",
  "supabase/..\\victim.txt",
  "supabase/.\n./victim.txt",
  "supabase/functions//own.ts",
  "supabase/functions/own.ts#x",
  "supabase/functions/own.ts?x",
  "supabase/functions/own.ts#clerk-supabase",
  "supabase/config.toml",
  "victim.txt",
];

async function plant({ write, changes }: Adopter, files: Record<string, string>): Promise<string[]> {
  for (const [path, text] of Object.entries(files)) await write(path, text);
  return await changes();
}

for (const { name, files, says } of OBSTACLES) {
  test(`add changes nothing if ${name}`, async () => {
    const before = await plant(adopter, files);
    const { code, errors } = await adopter.clerk("add");
    assertEquals(code, 1);
    assertStringIncludes(errors, says);
    assertEquals(await adopter.changes(), before);
  });
}

test("add refuses the bundle itself, a folder without a project, and to leave out the webhook", async () => {
  const run = async (args: string[]) => {
    const { code, errors } = await adopter.clerk("add", { args, bundle: ROOT });
    assertEquals(code, 2, errors);
    return errors;
  };
  assertStringIncludes(await run(["--without", "clerk-webhook"]), "clerk-webhook");
  await Deno.remove(new URL("supabase/config.toml", adopter.root));
  assertStringIncludes(await run([]), "there is no supabase/config.toml");
  const itself = await adopter.clerk("add", { bundle: adopter.root });
  assertEquals(itself.code, 2);
  await adopter.reset();
  assertStringIncludes((await adopter.clerk("add", { bundle: adopter.root })).errors, "it is the bundle itself");
});

test("add names the fault of a path that is the project's supabase/ folder, or a file", async () => {
  for (const [folder, says] of [["supabase", "did you mean "], ["import_map.json", "it is a file, not a folder"]]) {
    const { code, errors } = await adopter.clerk("add", { folder: folder! });
    assertEquals([code, errors.includes(says!)], [2, true], errors);
  }
  const { code, stderr } = await runCommand(Deno.execPath(), { folder: ROOT }, [
    ...["run", "-A", "project/jsr/run.ts", "run", "-A", "--no-check", "tools/deploy/check.ts", "../nothere"],
  ]);
  assertEquals(code, 2, stderr);
  assertStringIncludes(stderr, "Cannot check ../nothere: there is no readable supabase/config.toml\n");
});

test("add names the manifest, and copies neither third-party auth nor the words on tasks of a clone", async () => {
  const { out } = await adopter.clerk("add");
  assertStringIncludes(out, "\n  supabase/clerk-supabase.json\n");
  const example = await adopter.read("supabase/functions/.env.example");
  assertEquals(example.includes("deno task dev"), false);
  assertStringIncludes(example, "cannot be set here.\n\n# clerk-webhook: ");
  // Adopters change third-party auth, so it would make the block count as edited.
  const block = readBlock(await adopter.read("supabase/config.toml"), "config.toml")!;
  assertEquals(block.includes("third_party"), false);
  const config = await adopter.read("supabase/config.toml");
  const thirdParty = await documentedCode("docs/add-to-a-project.md", "[auth.third_party.clerk]");
  const changed = config.replace(/^\[auth\.third_party\.clerk\]\nenabled = false$/m, thirdParty);
  assertEquals(changed === config, false);
  await adopter.write("supabase/config.toml", changed);
  assertEquals((await readProject(adopter.root)).clerkDomain, "example.clerk.accounts.dev");
  const again = await adopter.clerk("add");
  assertEquals([again.errors, again.out.startsWith("There is nothing new for ")], ["", true], again.out);
});

test("add and remove explain that migrations are kept", async () => {
  await adopter.clerk("add");
  const path = "supabase/migrations/20261123000100_create_users.sql";
  await adopter.write(path, "-- Ours.\n");
  const kept = `  ${path} (applied migrations are never changed)`;
  assertEquals((await adopter.clerk("add")).errors.split("\n").at(-1), kept);
  const { out } = await adopter.clerk("remove");
  assertStringIncludes(out, "If none of them was\never pushed, delete them and this one instead.");
});

test("add names lost settings and the option that restores them; remove names the files only", async () => {
  await adopter.clerk("add");
  const [ignored, config] = ["supabase/functions/.gitignore", "supabase/functions/profile/deno.json"];
  await Deno.remove(new URL(ignored, adopter.root));
  await adopter.write(config, "{}\n");
  const { errors } = await adopter.clerk("add");
  assertEquals(errors.split("\n").slice(1).sort(), [
    `  ${ignored} (the bundle's lines in it) (add --restore restores it)`,
    `  ${config} (add --restore restores it)`,
  ]);
  assertEquals((await adopter.clerk("remove")).errors.split("\n").slice(1), [`  ${config}`]);
});

test("the first add warns of supabase db diff in a project with a declarative schema", async () => {
  const warning = "supabase db diff writes a migration that drops the bundle's tables and functions.";
  assertEquals((await adopter.clerk("add")).out.includes(warning), false);
  await adopter.reset();
  await adopter.write("supabase/schemas/notes.sql", "create table public.notes (id integer primary key);\n");
  assertStringIncludes((await adopter.clerk("add")).out, warning);
  await Deno.remove(new URL("supabase/functions/profile/handler.ts", adopter.root));
  assertEquals((await adopter.clerk("add")).out.includes(warning), false);
});

test("the documented schema_paths name every migration of the bundle, then the project's schema files", async () => {
  await adopter.write("supabase/schemas/tables/notes.sql", "create table public.notes (id integer primary key);\n");
  const [path, section] = ["supabase/config.toml", /^\[db\.migrations\]\n(?:.*\n)*?schema_paths = \[\]$/m];
  const documented = await documentedCode("docs/add-to-a-project.md", "schema_paths");
  await adopter.write(path, (await adopter.read(path)).replace(section, documented));
  const [ours, theirs] = [...documented.matchAll(/"([^"]+)"/g)].map(([, pattern]) => pattern);
  assertStringIncludes(await adopter.read(path), `schema_paths = ["${ours}", "${theirs}"]`);
  assertEquals((await readSchemaFiles(adopter.root)).map((file) => file.path), ["supabase/schemas/tables/notes.sql"]);
  const [before, after] = ours!.replace("./", "supabase/").split("*");
  assertEquals((await adopter.clerk("add")).code, 0);
  const added = (await adopter.changes()).map((line) => line.slice(2)).filter((one) => one.includes("/migrations/"));
  assertEquals(added.filter((one) => !one.startsWith(before!) || !one.endsWith(after!)), []);
});

/** Ways to lose the bundle's settings, by file. */
const LOSSES: Record<string, (text: string) => string> = {
  "supabase/config.toml": (text) => text.replaceAll(/^\[functions\.(?!hello).*\nverify_jwt = false\n/gm, ""),
  "supabase/functions/.env.example": (text) => text.replaceAll(/^# [<>]{3}[^]*^# [<>]{3}.*$/gm, "# Ours.\n"),
  "supabase/functions/.gitignore": () => "",
  "supabase/functions/profile/deno.json": () => "{}\n",
  "supabase/functions/_clerk-supabase/import_map.json": () => "{}\n",
};

test("add --restore restores lost settings, and changes nothing else", async () => {
  // The project's own lines before and after the bundle's.
  await plant(adopter, { "supabase/functions/.gitignore": "*.log\n" });
  await adopter.commit();
  await adopter.clerk("add");
  await plant(adopter, { "supabase/config.toml": `${await adopter.read("supabase/config.toml")}\n[functions.own]\n` });
  const edited = "supabase/functions/profile/handler.ts";
  await plant(adopter, { [edited]: "// Ours.\n" });
  await adopter.commit();
  for (const [path, lose] of Object.entries(LOSSES)) await plant(adopter, { [path]: lose(await adopter.read(path)) });
  const lost = (await adopter.changes()).map((line) => line.slice(2));
  assertEquals(lost, Object.keys(LOSSES).sort());
  const { code, out, errors } = await adopter.clerk("add", { args: ["--restore"] });
  assertEquals([code, errors], [
    0,
    `Kept, because they were edited or deleted since they were written:\n  ${edited}`,
  ]);
  for (const path of lost) assertStringIncludes(out, path);
  assertEquals(out.match(/\(restored\)$/gm)?.length, lost.length);
  // Deleted blocks are restored at the end of the file.
  assertEquals(await adopter.changes(), ["M supabase/functions/.env.example", "M supabase/functions/.gitignore"]);
  assertStringIncludes((await adopter.clerk("add", { args: ["--restore"] })).out, "There is nothing new for ");
});

test("remove leaves a clean diff after add --restore", async () => {
  await plant(adopter, {
    "supabase/functions/.gitignore": "*.log\n",
    "supabase/functions/.env.example": "OWN_KEY=\n",
    "supabase/config.toml": `${await adopter.read("supabase/config.toml")}\n[functions.own]\nverify_jwt = true\n`,
  });
  await adopter.commit();
  await adopter.clerk("add");
  await adopter.commit();
  for (const path of ["supabase/config.toml", "supabase/functions/.gitignore", "supabase/functions/.env.example"]) {
    const text = await adopter.read(path);
    await plant(adopter, { [path]: takeBlock(text, path) });
  }
  await Deno.remove(new URL("supabase/functions/profile/deno.json", adopter.root));
  await adopter.clerk("add", { args: ["--restore"] });
  assertEquals(await adopter.changes(), []);
  assertEquals((await adopter.clerk("remove")).code, 0);
  const left = (await adopter.changes("HEAD~1")).filter((line) => !line.includes("/migrations/"));
  assertEquals(left, []);
});

test("add warns of a lost verify_jwt = false, and names the command that restores it", async () => {
  await adopter.clerk("add");
  const [path, kept] = ["supabase/config.toml", "Kept, because"];
  const whole = await adopter.read(path);
  const block = readBlock(whole, path)!;
  for (
    const [text, names] of [
      [takeBlock(whole, path), "clerk-reconcile, clerk-webhook, health, openapi, organization, profile"],
      [whole.replace(/(\[functions\.clerk-webhook\]\n)verify_jwt = false/, "$1verify_jwt = true"), "clerk-webhook"],
      [whole.replace(/\[functions\.clerk-webhook\]\nverify_jwt = false\n/, ""), "clerk-webhook"],
    ] as const
  ) {
    await plant(adopter, { [path]: text });
    const { code, errors } = await adopter.clerk("add");
    assertEquals([code, errors.startsWith(kept)], [0, true], errors);
    const [warning, fix] = errors.split("\n").slice(-2);
    assertEquals(
      warning!.startsWith(`WARNING: verify_jwt is on for ${names}: the platform answers every webhook`),
      true,
    );
    assertStringIncludes(fix!, "; or run deno task add <folder> --restore; then deploy");
    const restored = await adopter.clerk("add", { args: ["--restore"] });
    assertEquals([restored.code, restored.errors], [0, ""]);
    assertEquals(readBlock(await adopter.read(path), path), block);
    assertEquals(await adopter.read(path), whole);
  }
});

test("deploy refuses a project that has lost verify_jwt = false, and judges the bundle's functions alone", async () => {
  const path = "supabase/config.toml";
  await plant(adopter, { [path]: "[functions.hello]\nverify_jwt = true\n" });
  await adopter.clerk("add");
  const judge = async () => {
    const { checks } = await checkCandidate({
      bundle: await readAddedFunctions(adopter.root),
      ...{ root: adopter.root, url: "https://abc.supabase.co", secrets: SECRETS, names: [], now: Date.now },
      fetch: () => Promise.reject(new Error("No network here")),
    });
    return checks.find(({ name }) => name === "verify-jwt")!;
  };
  assertEquals((await judge()).status, "ok");
  await plant(adopter, { [path]: (await adopter.read(path)).replace(/(webhook\]\n)verify_jwt = false\n/, "$1") });
  const { status, detail, fix = "" } = await judge();
  assertEquals([status, detail], [
    "failed",
    "verify_jwt is on for clerk-webhook: the platform answers every webhook of Clerk and every call with a Clerk token with 401",
  ]);
  assertStringIncludes(fix, "[functions.clerk-webhook] verify_jwt = false; or run deno task add <folder> --restore;");
});

test("add does not warn of the project's own functions, or of functions that are left out", async () => {
  await plant(adopter, {
    "supabase/functions/health/index.ts": "Deno.serve(() => new Response());\n",
    "supabase/config.toml": "[functions.health]\nverify_jwt = true\n[functions.hello]\nverify_jwt = true\n",
  });
  assertEquals((await adopter.clerk("add", { args: ["--without", "health"] })).errors, "");
});

test("add --restore does not repeat a section that the project has written itself", async () => {
  await adopter.clerk("add");
  const path = "supabase/config.toml";
  const moved = takeBlock(await adopter.read(path), path) + "\n[functions.profile]\nverify_jwt = false\n";
  await plant(adopter, { [path]: moved });
  assertEquals((await adopter.clerk("add", { args: ["--restore"] })).errors, "");
  const block = readBlock(await adopter.read(path), path)!;
  assertEquals([block.includes("[functions.clerk-webhook]"), block.includes("profile")], [true, false]);
  assertEquals((await readProject(adopter.root)).functions.get("profile")?.verifyJwt, false);
});

test("add without its manifest treats edited lines of the bundle as the project's own, and names them", async () => {
  await adopter.clerk("add");
  const path = "supabase/config.toml";
  await Deno.remove(new URL("supabase/clerk-supabase.json", adopter.root));
  await plant(adopter, { [path]: (await adopter.read(path)).replace("[functions.health]\nverify_jwt = false\n", "") });
  const { code, errors } = await adopter.clerk("add");
  assertEquals([code, errors.split("\n").slice(1)], [1, [
    `  ${path} (the bundle's lines in it)`,
    "Rename your files, delete edited lines of the bundle, or leave a function out with --without; " +
    "see docs/add-to-a-project.md",
  ]]);
});

test("add --restore fails in a project without the bundle", async () => {
  const { code, errors } = await adopter.clerk("add", { args: ["--restore"] });
  assertEquals([code, errors.startsWith("Cannot restore: the bundle is not in ")], [2, true], errors);
  assertEquals(await adopter.changes(), []);
});

test("remove fails in a project without the bundle", async () => {
  const { code, errors } = await adopter.clerk("remove");
  assertEquals(code, 2);
  assertStringIncludes(errors, ", or was removed already: it has no supabase/clerk-supabase.json");
});

test("remove deletes nothing if the manifest names a file that is not the bundle's", async () => {
  const own = ["supabase/functions/own.ts", "supabase/victim.txt", "victim.txt"];
  await plant(adopter, Object.fromEntries(own.map((path) => [path, "mine\n"])));
  await adopter.commit();
  const manifest = "supabase/clerk-supabase.json";
  for (const path of FOREIGN) {
    const files = { [path]: await hashOf("mine\n") };
    await adopter.write(manifest, JSON.stringify({ version: "1", without: [], files }));
    const { code, errors } = await adopter.clerk("remove");
    assertEquals([code, errors], [
      1,
      `Cannot read ${manifest}: deno task add did not write it like this; restore it from git`,
    ]);
    assertEquals(await adopter.changes(), [`A ${manifest}`], path);
  }
});

test("add names dev, deploy and doctor first, with the project unless the command runs inside of it", async () => {
  const next = async (from: string) => {
    await adopter.reset();
    const { out } = await adopter.clerk("add", { from });
    const lines = out.split("\nNext:\n")[1]!.split("\n");
    return lines.filter((line) => line.startsWith("  deno ")).map((line) => line.replace(/ +#.*/, ""));
  };
  const folder = fileURLToPath(adopter.root);
  const commands = ["  deno task dev", "  deno task deploy", "  deno task clerk doctor"];
  assertEquals(await next(`${folder}supabase`), commands);
  assertEquals(await next(dirname(dirname(folder))), commands.map((one) => `${one} --project ${folder}`));
});

test("add suggests copying the variables, or appending them to an existing .env", async () => {
  const folder = fileURLToPath(adopter.root);
  const copy = `  cp -n ${folder}supabase/functions/.env.example ${folder}supabase/functions/.env `;
  assertStringIncludes((await adopter.clerk("add")).out, copy);
  await adopter.reset();
  await adopter.write("supabase/functions/.env", "OWN_SECRET=1\n");
  const { out } = await adopter.clerk("add");
  assertEquals(out.includes("cp "), false, out);
  assertStringIncludes(out, "supabase/functions/.env exists: append the missing variables of the bundle");
});

for (
  const path of ["supabase/functions/.gitignore", "supabase/functions/profile", "supabase/functions/_clerk-supabase"]
) {
  test(`add and remove refuse a symbolic link at ${path}, and change nothing`, async () => {
    await adopter.clerk("add");
    const elsewhere = await Deno.makeTempDir({ prefix: "elsewhere-" });
    const link = join(fileURLToPath(adopter.root), path);
    const target = join(elsewhere, "target");
    await Deno.rename(link, target);
    await Deno.symlink(target, link);
    const before = await adopter.changes();
    for (const command of ["add", "remove"] as const) {
      const { code, errors } = await adopter.clerk(command);
      assertEquals([code, errors.startsWith(`Cannot use ${path}: it is a symbolic link`)], [1, true], errors);
      assertEquals(await adopter.changes(), before);
    }
    assertEquals((await Deno.lstat(target)).isSymlink, false);
    await Deno.remove(elsewhere, { recursive: true });
  });
}

test("add and remove recognize the bundle's files with Windows line ends", async () => {
  const file = "supabase/config.toml";
  const [config, folder] = [await adopter.read(file), fileURLToPath(adopter.root)];
  await adopter.write(file, config.replaceAll("\n", "\r\n"));
  await adopter.clerk("add");
  for (const [, path] of (await adopter.changes()).map((line) => line.split(" "))) {
    await adopter.write(path!, (await Deno.readTextFile(join(folder, path!))).replaceAll(/\r?\n/g, "\r\n"));
  }
  const again = await adopter.clerk("add");
  assertEquals([again.errors, again.out.startsWith("There is nothing new for ")], ["", true], again.out);
  const removed = await adopter.clerk("remove");
  assertEquals([removed.code, removed.errors], [0, ""]);
  assertEquals(await adopter.read(file), config.replaceAll("\n", "\r\n"));
  const left = (await adopter.changes()).filter((line) => !line.includes("/migrations/"));
  assertEquals(left, ["M supabase/config.toml"]);
});

test("add leaves functions out, keeps the project's own of the same names, and an update remembers it", async () => {
  const own = "Deno.serve(() => new Response());\n";
  await plant(adopter, {
    "supabase/functions/health/index.ts": own,
    "supabase/functions/health/deno.json": "{}\n",
    "supabase/config.toml":
      "[functions.health]\nverify_jwt = false\nenabled = true\n[functions.hello]\nverify_jwt = false\n",
  });
  const without = ["--without", "health", "clerk-reconcile"];
  const { code, errors } = await adopter.clerk("add", { args: without });
  assertEquals([code, errors], [0, ""]);
  const { names, findings } = await checkProject(adopter.root);
  assertEquals([names, findings], [["clerk-webhook", "health", "hello", "openapi", "organization", "profile"], []]);
  assertEquals(await adopter.read("supabase/functions/health/index.ts"), own);
  assertStringIncludes((await adopter.clerk("add")).out, "There is nothing new for ");
  await adopter.commit();
  const { out } = await adopter.clerk("add", { args: [...without, "profile"] });
  assertStringIncludes(out, "\n  supabase functions delete profile\n");
  assertEquals(out.match(/functions delete/g)?.length, 1);
  const folder = "supabase/functions";
  assertEquals(await adopter.changes(), [
    "M supabase/clerk-supabase.json",
    "M supabase/config.toml",
    `M ${folder}/openapi/functions.ts`,
    ...["deno.json", "handler.ts", "import_user.ts", "index.ts", "openapi.ts"].map((name) =>
      `D ${folder}/profile/${name}`
    ),
  ]);
});

test("add names the files that import what an update has moved or deleted", async () => {
  await adopter.clerk("add");
  const [old, importer] = ["supabase/functions/_shared/token.ts", "supabase/functions/own/index.ts"];
  const text = "export const TOKEN = 1;\n";
  // As an earlier version wrote it.
  const manifest = JSON.parse(await adopter.read("supabase/clerk-supabase.json"));
  manifest.files[old] = await hashOf(text);
  await plant(adopter, {
    [old]: text,
    [importer]: 'import "../_shared/token.ts";\n',
    "supabase/clerk-supabase.json": JSON.stringify(manifest),
  });
  const { code, errors } = await adopter.clerk("add");
  const first = "These files of yours import files that the update moved or deleted. Change their imports:";
  assertEquals([code, errors], [0, `${first}\n  ${importer}`]);
  assertEquals((await adopter.changes()).filter((line) => line.endsWith(old)), []);
});

test("add continues after an interruption", async () => {
  await adopter.clerk("add");
  const added = await adopter.changes();
  for (const path of ["supabase/clerk-supabase.json", "supabase/functions/profile/handler.ts"]) {
    await Deno.remove(new URL(path, adopter.root));
  }
  assertEquals((await adopter.clerk("add")).code, 0);
  assertEquals(await adopter.changes(), added);
});

test("remove changes nothing if a function uses the bundle's import map", async () => {
  await adopter.clerk("add");
  const map = "supabase/functions/own/deno.json";
  await plant(adopter, {
    [map]: '{ "importMap": "../_clerk-supabase/import_map.json" }\n',
    "supabase/functions/own/100%#?.ts": 'import "./other.ts";\n',
  });
  const before = await adopter.changes();
  const { code, errors } = await adopter.clerk("remove");
  assertEquals([code, errors.split("\n").slice(1)], [1, [`  ${map}`]]);
  assertEquals(await adopter.changes(), before);
});

test("remove changes nothing if a file imports the bundle's through an import map, and accepts other imports", async () => {
  await adopter.clerk("add");
  const folder = "supabase/functions";
  await plant(adopter, {
    [`${folder}/own/deno.json`]: '{ "imports": { "shared/": "../_clerk-supabase/", "@/": "./" } }\n',
    [`${folder}/own/index.ts`]: `// It's ours.\nimport "shared/greeting.ts";\nimport "@/token.ts";\n`,
    [`${folder}/own/token.mts`]: "// Don't ask.\nimport 'shared/auth/token.ts';\n",
    [`${folder}/own/other.cts`]: 'import "../_clerk-supabase/auth/token.ts";\n',
  });
  const { code, errors } = await adopter.clerk("remove");
  const importers = ["other.cts", "token.mts"].map((name) => `  ${folder}/own/${name}`);
  assertEquals([code, errors.split("\n").slice(1)], [1, importers]);
});

test("remove names the project's SQL files that use the bundle's functions and schema, and what to do", async () => {
  await adopter.clerk("add");
  assertEquals((await adopter.clerk("remove")).out.includes("bundle, at the top of"), false);
  await adopter.reset();
  await adopter.clerk("add");
  const [migration, schema] = ["supabase/migrations/20990102000000_own.sql", "supabase/schemas/own.sql"];
  await plant(adopter, {
    [migration]: 'alter table notes add owner uuid default "public"."caller_user_id"(); -- not caller_deleted_at()\n',
    [schema]:
      "create function own() returns bool language sql as $$ select CALLER_HAS_ROLE ('a') from clerk.users $$;\n",
  });
  const { code, out } = await adopter.clerk("remove");
  assertEquals(code, 0);
  const [before, after] = out.split("\nNext:\n");
  assertEquals(before!.includes(migration), false);
  const removal = /at the top of (\S+_remove_clerk_supabase\.sql)\. /.exec(after!)![1]!;
  assertEquals((await adopter.changes()).includes(`A ${removal}`), true);
  assertStringIncludes(after!, `\n    ${migration}: caller_user_id()\n`);
  assertStringIncludes(after!, `\n    ${schema}: caller_has_role(), clerk.users\n`);
});

test("add and remove accept the folder as --project, and refuse it twice", async () => {
  assertEquals((await adopter.clerk("add", { asOption: true })).code, 0);
  const twice = await adopter.clerk("remove", { args: ["--project", "."] });
  assertEquals([twice.code, twice.errors.includes(": name the project once")], [2, true], twice.errors);
  const { code, errors } = await adopter.clerk("remove", { asOption: true });
  assertEquals([code, errors], [0, ""]);
});

test("remove keeps secrets in place, and out of git", async () => {
  await adopter.clerk("add");
  await plant(adopter, { "supabase/functions/.env": "CLERK_SECRET_KEY=sk_test_x\n" });
  const { code, errors } = await adopter.clerk("remove");
  assertEquals(code, 0);
  assertStringIncludes(errors, "supabase/functions/.env is yours and is kept");
  const left = (await adopter.changes()).filter((line) => !line.includes("/migrations/"));
  assertEquals(left, ["A supabase/functions/.gitignore"]);
  assertEquals(await adopter.read("supabase/functions/.gitignore"), ".env\n");
});

test("remove never deletes variables, even if the manifest names them", async () => {
  await adopter.clerk("add");
  const secret = "CLERK_SECRET_KEY=sk_test_x\n";
  for (const path of ["supabase/functions/.env", "supabase/functions/.env.local"]) {
    await plant(adopter, { [path]: secret });
    const manifest = JSON.parse(await adopter.read("supabase/clerk-supabase.json"));
    manifest.files = { [path]: await hashOf(secret) };
    await plant(adopter, { "supabase/clerk-supabase.json": JSON.stringify(manifest) });
    const { code, errors } = await adopter.clerk("remove");
    assertEquals(code, 1);
    assertStringIncludes(errors, "deno task add did not write it like this");
    assertEquals(await adopter.read(path), secret);
  }
});

test("add copies no .env, and makes git ignore the project's own", async () => {
  const bundle = pathToFileURL(`${await checkOut()}/`);
  for (const path of ["supabase/functions/.env", "supabase/functions/profile/.env.local"]) {
    await Deno.writeTextFile(new URL(path, bundle), "CLERK_SECRET_KEY=sk_test_x\n");
  }
  assertEquals((await adopter.clerk("add", { bundle })).code, 0);
  await Deno.remove(bundle, { recursive: true });
  const added = await adopter.changes();
  assertEquals(added.filter((line) => line.includes(".env")), ["A supabase/functions/.env.example"]);
  await adopter.write("supabase/functions/.env", "CLERK_SECRET_KEY=sk_test_x\n");
  assertEquals(await adopter.changes(), added);
});

test("doctor checks the variables and functions of the named project, and no others", async () => {
  assertStringIncludes(
    (await adopter.clerk("doctor", { args: ["--local"] })).errors,
    "which deno task add <folder> writes",
  );
  const config = "[functions.hello]\nverify_jwt = true\n";
  await plant(adopter, { "supabase/config.toml": config });
  await adopter.clerk("add");
  const variables = Object.entries(SECRETS).map(([name, value]) => `${name}=${value}\n`).join("");
  await plant(adopter, { "supabase/functions/.env": variables });
  const { code, out } = await adopter.clerk("doctor", { args: ["--local"] });
  assertEquals(code, 0, out);
  assertStringIncludes(out, "No project (local checks only), with the files of ");
  assertStringIncludes(out, "on for hello, which then cannot be called with Clerk's tokens");
  const wrong = (await adopter.read("supabase/config.toml")).replaceAll("verify_jwt = false", "verify_jwt = true");
  await plant(adopter, { "supabase/config.toml": wrong });
  const broken = await adopter.clerk("doctor", { args: ["--local"] });
  assertEquals(broken.code, 1);
  assertStringIncludes(
    broken.out,
    "verify_jwt is on for clerk-reconcile, clerk-webhook, health, openapi, organization, profile:",
  );
  assertStringIncludes(broken.out, "every webhook of Clerk and every call with a Clerk token with 401");
  assertStringIncludes(broken.out, "; or run deno task add <folder> --restore; then deploy");
});
