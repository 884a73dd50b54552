/** Tests `deno task deploy` with the real Supabase CLI, against a PostgreSQL and a recorded management API. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readMigrations } from "../../project/migrations.ts";
import { readProject } from "../../project/project.ts";
import { jsrAnswers } from "../../project/jsr/config.ts";
import { QUICK } from "../../project/supabase_cli.ts";
import { openWorkbench, SECRETS, type Workbench, writeSecrets } from "../helpers/project/deploy.ts";
import { createDatabase } from "../helpers/database/postgres.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await createDatabase({ hostedDefaults: true });
const DB_URL = ["--db-url", `${database.url}?sslmode=disable`];

/** Bundling takes seconds, so only tests about bundles do it. */
const SOURCES = ["--sources", ...DB_URL];

const register = testsOf("deno task deploy ");

/** Runs a test with a workbench. Requires that no secret is printed or passed on a command line. */
function test(name: string, run: (bench: Workbench) => Promise<void>, whole = false): void {
  register(name, async () => {
    const bench = await openWorkbench(whole);
    const deploy = bench.deploy;
    bench.deploy = async (options) => {
      const deployed = await deploy(options);
      for (const [name, value] of Object.entries({ ...SECRETS, PASSWORD, KEY, TOKEN: bench.api.accessToken })) {
        const shown = [deployed.out, deployed.errors, ...deployed.commands.flat()].some((text) => text.includes(value));
        assertEquals(shown, false, `${name} is printed`);
      }
      return deployed;
    };
    try {
      await run(bench);
    } finally {
      await bench.close();
    }
  });
}

const PASSWORD = "correct horse battery staple";
const KEY = "sb_secret_0123456789abcdef";

/** Returns the last line of stderr, which names the fix. */
const lastLine = (text: string) => text.split("\n").at(-1)!;

async function migrationsIn(): Promise<string[]> {
  const tables = await database.sql`select to_regclass('supabase_migrations.schema_migrations') as name`;
  if (tables[0]!.name === null) return [];
  return (await database.sql`select version from supabase_migrations.schema_migrations order by version`)
    .map(({ version }) => version);
}

const functions = [...(await readProject()).functions.keys()];
const versions = (await readMigrations()).map(({ version }) => version);

test("--dry-run lists its steps, and changes nothing", async ({ deploy, api, health, writes }) => {
  // The CLI gets the password from a variable; this server does not ask for one.
  const url = new URL(DB_URL[1]!);
  url.password = encodeURIComponent(PASSWORD);
  const { code, out, errors } = await deploy({
    args: ["--dry-run", "--db-url", url.href],
    remembers: true,
    standIns: false,
  });
  assertEquals(code, 0, errors);
  assertStringIncludes(out, `Project ${"abcdefghijklmnopqrst"}, http://127.0.0.1:`);
  assertStringIncludes(out, `Would push ${versions.length} migrations:\n`);
  assertStringIncludes(out, versions[0]!);
  assertStringIncludes(out, "Would set the secrets: CLERK_PUBLISHABLE_KEY (new), CLERK_SECRET_KEY (new), ");
  assertStringIncludes(out, `Would deploy as single files: ${functions.join(", ")}.`);
  assertStringIncludes(out, "Nothing is changed.");
  assertEquals([await migrationsIn(), writes(), health.asked], [[], [], []]);
  const usesStandIns = !await jsrAnswers();
  assertEquals(errors.includes("JSR does not answer, so a deployment would stop here: "), usesStandIns, errors);
  assertEquals([api.secrets().size, api.functions().size], [0, 0]);
});

/** Values that an environment file could change. */
const ODD = {
  HASH: "a # b",
  QUOTES: `it's "so"`,
  DOLLAR: "$HOME ${PATH}",
  BACKSLASH: "a\\nb\\",
  PEM: "-----BEGIN PUBLIC KEY-----\nMIIB/w+=\n-----END PUBLIC KEY-----\n",
  SPACES: " x ",
};

test("passes no secret on a command line, and a second run changes nothing in the database", async (bench) => {
  const { folder, api, health } = bench;
  await writeSecrets(folder, { ...SECRETS, ...ODD, SUPABASE_URL: "https://elsewhere.example", CLERK_DELETE_MODE: "" });
  // The CLI would connect to it.
  const elsewhere = await Deno.makeTempDir();
  const first = await bench.deploy({ args: DB_URL, env: { SUPABASE_SECRET_KEY: KEY, SUPABASE_WORKDIR: elsewhere } });
  await Deno.remove(elsewhere, { recursive: true });
  assertEquals(first.code, 0, first.errors);
  assertEquals(await migrationsIn(), versions);
  assertEquals(Object.fromEntries(api.secrets()), { ...SECRETS, ...ODD });
  assertEquals([...api.functions().keys()].sort(), functions);
  for (const [name, { verifyJwt, files, metadata }] of api.functions()) {
    assertEquals(verifyJwt, false, name);
    assertEquals(
      [...files.keys()].sort(),
      ["deno.json", "index.js"].map((file) => `supabase/functions/${name}/${file}`),
    );
    assertEquals(metadata.entrypoint_path, `supabase/functions/${name}/index.js`);
  }
  assertEquals(health.asked, [KEY]);
  assertStringIncludes(first.out, `Set 9 secrets: ${Object.keys({ ...SECRETS, ...ODD }).join(", ")}.`);
  assertStringIncludes(first.out, `Deployed ${functions.length} functions as single files: `);
  assertEquals(lastLine(first.out), "The deployed functions work.");
  assertEquals(/\bWARN/.test(first.errors), false, first.errors);
  assertEquals([...api.functions().values()].map(({ version }) => version), functions.map(() => 1));

  // The secret key must not reach another project.
  const env = { SUPABASE_SECRET_KEY: KEY, SUPABASE_URL: "https://zyxwvutsrqponmlkjihg.supabase.co" };
  const second = await bench.deploy({ args: SOURCES, env });
  assertEquals(second.code, 0, second.errors);
  assertStringIncludes(second.out, "The database already has every migration.");
  assertEquals([await migrationsIn(), health.asked], [versions, [KEY, null]]);
});

/** Adds a section to `supabase/config.toml`. */
async function configure({ folder }: Workbench, text: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/supabase/config.toml`, text, { append: true });
}

test("does not apply the local stack's settings of config.toml", async (bench) => {
  await configure(bench, '\n[edge_runtime.secrets]\nLOCAL = "development"\nOF_SHELL = "env(HOME)"\n');
  for (const flags of [[], ["--sources"]]) {
    bench.api.secrets().clear();
    const { code, errors } = await bench.deploy({ args: [...flags, ...DB_URL], remembers: true });
    assertEquals(code, 0, errors);
    assertEquals(Object.fromEntries(bench.api.secrets()), SECRETS);
  }
});

test("lists every migration by any name, and files that the CLI skips", async ({ folder, deploy }) => {
  const names = ["7_short.sql", "20990101000000_with-dash and space.sql", "20990102000000_a.b.sql"];
  for (const name of [...names, "unnumbered.sql"]) {
    await Deno.writeTextFile(`${folder}/supabase/migrations/${name}`, "select 1;\n");
  }
  const { code, out, errors } = await deploy({ args: ["--dry-run", ...SOURCES], remembers: true });
  assertEquals(code, 0, errors);
  const pending = /^Would push \d+ migrations:\n((?: {2}.*\n)*)/m.exec(out)![1]!.split("\n").map((line) => line.trim());
  assertEquals(names.filter((name) => !pending.includes(name)), []);
  assertMatch(errors, /^supabase: Skipping migration unnumbered\.sql/m);
});

test("leaves this project's own section of config.toml to the CLI, from sources", async (bench) => {
  await configure(bench, OF_REMOTE);
  const { code, errors } = await bench.deploy({ args: SOURCES, remembers: true });
  assertEquals(code, 0, errors);
  const functions = bench.api.functions();
  assertEquals([functions.get("hello")!.verifyJwt, functions.get("profile")!.verifyJwt], [true, false]);
});

test("deploys an adopter's own functions from their sources", async (bench) => {
  const own = `${bench.folder}/supabase/functions/own`;
  await Deno.mkdir(own);
  await Deno.writeTextFile(`${own}/index.ts`, 'import "left";\nDeno.serve(() => new Response());\n');
  await Deno.writeTextFile(`${own}/deno.json`, '{ "imports": { "left": "npm:left@1.0.0" } }\n');
  const mixed = await bench.deploy({ args: DB_URL, remembers: true });
  assertEquals(mixed.code, 0, mixed.errors);
  assertStringIncludes(mixed.out, "Deployed 1 function from their sources: own.");
  const uploaded = (name: string) => bench.api.functions().get(name)!;
  assertEquals(uploaded("own").metadata.entrypoint_path, "supabase/functions/own/index.ts");
  // The platform's default, because config.toml does not set it.
  assertEquals([uploaded("own").verifyJwt, uploaded("profile").verifyJwt], [true, false]);
});

/** A production instance behind a proxy, as Clerk documents `CLERK_PROXY_URL`. */
const PROXIED = {
  CLERK_PUBLISHABLE_KEY: `pk_live_${btoa("clerk.example.com$")}`,
  CLERK_ISSUER: "https://example.com/__clerk",
};

test("skips secrets that the project already has, and supports a Clerk behind a proxy", async ({ folder, api, deploy }) => {
  await Deno.remove(`${folder}/supabase/functions/.env`);
  const refused = await deploy({ args: DB_URL, remembers: true });
  assertEquals([refused.code, api.functions().size], [1, 0]);
  assertStringIncludes(refused.errors, "variable CLERK_WEBHOOK_SECRET: CLERK_WEBHOOK_SECRET is not set\n→ ");
  for (const [name, value] of Object.entries(SECRETS)) api.secrets().set(name, value);
  const { code, out, errors } = await deploy({ args: ["--dry-run", ...SOURCES], remembers: true });
  assertEquals(code, 0, errors);
  assertStringIncludes(out, "Would set the secrets: none.");
  const lines = Object.entries({ ...PROXIED, OTHER: "of Europe" }).map(([name, value]) => `${name}='${value}'\n`);
  await Deno.writeTextFile(`${folder}/prod#eu.env`, `\uFEFF${lines.join("")}`);
  const other = await deploy({ args: ["--dry-run", "--secrets-file", "prod#eu.env", ...SOURCES], remembers: true });
  assertEquals(other.code, 0, other.errors);
  assertStringIncludes(other.out, "Would set the secrets: CLERK_PUBLISHABLE_KEY, CLERK_ISSUER (new), OTHER (new).");
});

/** A failure, the last line of its output, and the earlier writes. */
interface Failure {
  name: string;
  break: (bench: Workbench) => Promise<unknown> | unknown;
  args?: string[];
  env?: Record<string, string | undefined>;
  code?: number;
  says: RegExp;
  writes?: RegExp[];
}

const OF_REMOTE = `
[remotes.staging]
project_id = "zyxwvutsrqponmlkjihg"
[remotes.production]
project_id = "abcdefghijklmnopqrst"
[remotes.production.functions.hello]
verify_jwt = true
`;

const SECRETS_SET = /^POST .*\/secrets$/;

const FAILURES: Failure[] = [
  {
    name: "no project is linked",
    break: ({ folder }) => Deno.remove(`${folder}/supabase/.temp`, { recursive: true }),
    says: /^No project is linked: run supabase link --project-ref <project-ref>/,
  },
  {
    name: "--project-ref is invalid",
    break: () => {},
    args: ["--project-ref", "my-project"],
    code: 2,
    says: /^Cannot use --project-ref: expected 20 lower-case letters$/,
  },
  {
    name: "--db-url is invalid",
    break: () => {},
    args: ["--db-url", "localhost:5432"],
    code: 2,
    says: /^Cannot use --db-url: expected postgresql:/,
  },
  {
    name: "--secrets-file is missing",
    break: () => {},
    args: ["--secrets-file", "gone.env"],
    code: 2,
    says: /^Cannot read gone\.env/,
  },
  {
    name: "--secrets-file is empty, as from an unset variable",
    break: () => {},
    args: ["--secrets-file", ""],
    code: 2,
    says: /^Cannot use --secrets-file: expected the name of a file$/,
  },
  {
    name: "a variable cannot be set",
    break: ({ folder }) => writeSecrets(folder, { ...SECRETS, FOLDER: "C:\\two words\\" }),
    args: ["--dry-run", ...DB_URL],
    says: /^Cannot set FOLDER: its value ends with a backslash; remove it here and set it in Supabase's dashboard/,
  },
  {
    name: "no user is logged in",
    break: () => {},
    env: { SUPABASE_ACCESS_TOKEN: "" },
    says: /^You are not logged in: run supabase login, or set SUPABASE_ACCESS_TOKEN$/,
  },
  {
    name: "the access token is only in .env",
    break: ({ folder, api }) => Deno.writeTextFile(`${folder}/.env`, `SUPABASE_ACCESS_TOKEN=${api.accessToken}\n`),
    args: ["--dry-run", ...DB_URL],
    env: { SUPABASE_ACCESS_TOKEN: undefined },
    says:
      /^The access token is only in the repository's \.env, .*SUPABASE_ACCESS_TOKEN in the shell\. Nothing is changed$/,
  },
  {
    name: "the project belongs to someone else",
    break: () => {},
    args: ["--project-ref", "zyxwvutsrqponmlkjihg"],
    says: /^Cannot read the project zyxwvutsrqponmlkjihg: check that supabase projects list shows it/,
  },
  {
    name: "a check before deploying fails",
    break: ({ folder }) => writeSecrets(folder, { ...SECRETS, CLERK_SECRET_KEY: "sk_live_9f8e7d6c5b4a3928" }),
    says: /^Nothing is changed\. Fix the faults above, then run deno task deploy again$/,
  },
  {
    name: "a function does not bundle",
    break: ({ folder }) => Deno.writeTextFile(`${folder}/supabase/functions/hello/index.ts`, 'import "./gone.ts";'),
    args: DB_URL,
    says: /^Fix this, or let the platform bundle: deno task deploy --sources$/,
  },
  {
    name: "config.toml has function settings for this project alone",
    break: (bench) => configure(bench, OF_REMOTE),
    args: ["--dry-run", ...DB_URL],
    says: /^Cannot bundle: \[remotes\.\*\] .*: deno task deploy --sources$/,
  },
  {
    name: "config.toml has a function whose name is a flag",
    break: (bench) => configure(bench, '[functions."--prune"]\nverify_jwt = false\n'),
    says: /^Cannot use \[functions\."--prune"\] of supabase\/config\.toml: a function's name is a letter, /,
  },
  {
    name: "config.toml is invalid",
    break: (bench) => configure(bench, 'password = "'),
    says: /^Cannot read supabase\/config\.toml, line \d+: [^"]*$/,
  },
  {
    name: "a migration fails",
    break: ({ folder }) =>
      Deno.writeTextFile(`${folder}/supabase/migrations/20990101000000_broken.sql`, "select * from nowhere;"),
    says: /^Cannot push the migrations: fix the errors of the Supabase CLI above, then run deno task deploy again/,
  },
  {
    name: "the secrets are refused",
    break: ({ refuse }) => refuse("POST", "/secrets", 403),
    says: /^Cannot set the secrets; the migrations are pushed\. .*run deno task deploy again/,
  },
  {
    name: "the functions are refused",
    break: ({ refuse }) => refuse("PUT", "/functions", 402),
    says: /^Cannot deploy the functions; migrations and secrets are deployed\. .*run deno task deploy again/,
    writes: [SECRETS_SET, ...functions.map(() => /^POST .*deploy\?slug=/)],
  },
  {
    name: "the CLI ignores a missing file",
    break: async ({ folder }) => {
      const own = `${folder}/supabase/functions/own`;
      await Deno.mkdir(own);
      await Deno.writeTextFile(`${own}/index.ts`, 'import "./gone.ts";\n');
    },
    args: DB_URL,
    says: /^The functions own were deployed with missing imports\. Fix the errors above, then run /,
    writes: [
      SECRETS_SET,
      ...functions.map(() => /^POST .*deploy\?slug=/),
      /^PUT .*\/functions$/,
      /^POST .*deploy\?slug=own/,
    ],
  },
  {
    name: "health reports a failure",
    break: ({ health }) => health.answer = () => Response.json({ status: "unavailable" }, { status: 503 }),
    says: /^Everything is deployed, but it does not work yet: the deployed health answers HTTP 503\. → Set SUPABASE_/,
    writes: [SECRETS_SET, ...functions.map(() => /^POST .*deploy\?slug=/), /^PUT .*\/functions$/],
  },
];

for (const { name, break: breakIt, args = SOURCES, env = {}, code = 1, says, writes = [] } of FAILURES) {
  test(`names the fix if ${name}`, async (bench) => {
    await breakIt(bench);
    const deployed = await bench.deploy({ args, env, remembers: true });
    assertEquals(deployed.code, code, deployed.errors);
    assertMatch(lastLine(deployed.errors), says);
    const seen = bench.writes();
    assertEquals(seen.length, writes.length, seen.join("\n"));
    writes.forEach((pattern, index) => assertMatch(seen[index]!, pattern));
  });
}

/** Deno's arguments while JSR does not answer. Nothing is bundled with them here. */
const LINKED = () => Promise.resolve(["--config", "/nowhere/deno.json"]);

test("ships no stand-in of a package without --stand-ins", async ({ deploy, writes }) => {
  const { code, errors } = await deploy({ args: DB_URL, standIns: false, packageArguments: LINKED });
  assertEquals([code, writes()], [1, []], errors);
  assertMatch(lastLine(errors), /^Cannot bundle: JSR does not answer\. Nothing is changed; .*\(--stand-ins\)$/);
});

test("stops between two steps", async ({ deploy, writes }) => {
  const { code, errors } = await deploy({ args: SOURCES, stop: AbortSignal.abort(), remembers: true });
  assertEquals([code, lastLine(errors), writes()], [130, "Stopped. The next run continues from here.", []]);
});

test("runs from the command line", async ({ folder, env, writes }) => {
  const home = await Deno.makeTempDir({ prefix: "supabase-home-" });
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "deploy", "--dry-run", ...DB_URL],
      cwd: folder,
      env: {
        NO_COLOR: "1",
        SUPABASE_HOME: home,
        XDG_CONFIG_HOME: home,
        SUPABASE_TELEMETRY_DISABLED: "1",
        ...QUICK,
        ...env,
      },
      stdin: "null",
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const out = new TextDecoder().decode(stdout);
    assertStringIncludes(out, "Project abcdefghijklmnopqrst, https://abcdefghijklmnopqrst.supabase.co\n");
    assertEquals([lastLine(out.trim()), writes()], ["Nothing is changed.", []]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}, true);

register("leaves nothing of the tests", () => database.drop());
