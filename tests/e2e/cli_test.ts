/** The commands of operators, against the local stack. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { commandLine } from "../../project/command_line.ts";
import { runProgram } from "../../cli/program.ts";
import type { CommandContext } from "../../cli/command_context.ts";
import { EXAMPLE_EVENTS } from "../../project/example_events.ts";
import { VERSION } from "../../supabase/functions/_clerk-supabase/version.ts";
import { createSilently, createUser, deleteSilently, updateSilently } from "../helpers/clerk/clerk.ts";
import { rights } from "../helpers/database/organizations.ts";
import { assertEqualTables, endLease, letAnHourPass, report } from "../helpers/stack/reconcile.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

// A function waits between its requests to Clerk, at a development instance ten times as long.
const stack = await startTestStack({}, { clerkKind: "live" });
const { state } = stack.clerk;
const variables = await stack.variables();

const test = testsOf("deno task clerk ", async () => {
  for (const { id } of [...state.users.values()]) deleteSilently(state, id);
  await stack.database.script("truncate public.users, clerk.users, clerk.messages cascade");
  await stack.database.script("update clerk.reconcile set lease = null, leased_until = null, state = '{}'");
});

/** `deploy` has tests of its own. */
const NO_WORKPLACE: CommandContext["workplace"] = {
  root: new URL("../../", import.meta.url),
  folder: Deno.cwd(),
  findProject: () => Promise.reject(new Error("These commands only ask findTarget")),
  shell: () => undefined,
  may: () => Promise.resolve(false),
  packageArguments: () => Promise.reject(new Error("No command but deploy bundles")),
  standInLinks: () => Promise.reject(new Error("No command but deploy bundles")),
  supabase: () => Promise.reject(new Error("No command but deploy runs the Supabase CLI")),
};

interface Run {
  code: number;
  out: string;
  errors: string;
}

/** Runs a command in this process. */
async function clerk(args: string[], overrides: Partial<CommandContext> = {}): Promise<Run> {
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await runProgram({
    findTarget: () => Promise.resolve({ url: stack.url, local: true, env: (name) => variables[name] }),
    fetch: (url, init) => fetch(url, init),
    print: (line) => out.push(line),
    printError: (line) => errors.push(line),
    setExitCode: () => {},
    terminal: false,
    stop: new AbortController().signal,
    now: Date.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    workplace: NO_WORKPLACE,
    ...overrides,
  }, args);
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}

/** Runs a command as people do. */
function task(args: string[], env: Record<string, string>): Promise<Run> {
  return run(Deno.execPath(), ["task", "--quiet", "clerk", ...args], env);
}

async function run(command: string, args: string[], env: Record<string, string>): Promise<Run> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return { code, out: new TextDecoder().decode(stdout).trim(), errors: new TextDecoder().decode(stderr) };
}

const remote = {
  SUPABASE_URL: stack.url,
  SUPABASE_SECRET_KEY: stack.keys.secret,
  CLERK_WEBHOOK_SECRET: state.instance.webhookSecret,
};

test("backfill brings in every user, and says how fast in plain lines where there is no terminal", async () => {
  seedUsers(state, 1_200);
  const { code, out, errors } = await clerk(["backfill"]);
  assertEquals(code, 0, errors);
  assertMatch(out, /^1200 users read in \d+ requests: 1200 created\.$/);
  assertEquals(errors.split("\n")[0], `Project ${stack.url}`);
  assertMatch(errors, /^backfill: 1200 of 1200, \d+ users\/s, done$/m);
  await assertEqualTables(stack);
});

test("backfill gives its result as JSON", async () => {
  seedUsers(state, 30);
  const { done, items, outcomes, tasks } = JSON.parse((await clerk(["backfill", "--json"])).out);
  assertEquals([done, items.users, outcomes, tasks.length], [true, 30, { created: 30 }, 1]);
  assertEquals([tasks[0].task, tasks[0].progress.total], ["backfill", 30]);
});

const hasUsers = () =>
  eventually(async () => assert((await stack.database.query("select from public.users limit 1")).length > 0));

const leaseEnded = () =>
  eventually(async () =>
    assertEquals(await stack.database.query("select from clerk.reconcile where leased_until > now()"), [])
  );

test("backfill that is stopped says so, and the next run goes on from there", async () => {
  seedUsers(state, 1_200);
  const stop = new AbortController();
  const stopped = await clerk(["backfill"], {
    stop: stop.signal,
    fetch: (url, init) => {
      hasUsers().then(() => stop.abort());
      return fetch(url, init);
    },
  });
  assertEquals([stopped.code, stopped.out], [130, "Stopped. The next run continues from here."]);
  // The slice that was under way finishes by itself; until then the next run waits.
  const next = await clerk(["backfill"], { sleep: leaseEnded });
  assertEquals(next.code, 0, next.errors);
  await assertEqualTables(stack);
});

test("backfill is stopped by Ctrl-C as people press it", async () => {
  const [called, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<Response>()];
  // A slice that lasts until the command has ended.
  const busy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    called.resolve();
    return ended.promise;
  });
  const child = new Deno.Command("setsid", {
    args: [Deno.execPath(), "task", "--quiet", "clerk", "backfill"],
    cwd: new URL("../../", import.meta.url),
    env: { ...remote, SUPABASE_URL: `http://127.0.0.1:${busy.addr.port}` },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await Promise.race([called.promise, child.status]);
  await new Deno.Command("kill", { args: ["-INT", "--", `-${child.pid}`] }).output();
  const { code, stdout } = await child.output();
  ended.resolve(new Response());
  await busy.shutdown();
  assertEquals([code, new TextDecoder().decode(stdout).trim()], [130, "Stopped. The next run continues from here."]);
});

test("backfill shows a bar on a terminal, with rate and time left", async () => {
  seedUsers(state, 600);
  // script(1) gives it a terminal.
  const command = `${Deno.execPath()} task --quiet clerk backfill`;
  const { code, out } = await run("script", ["-qec", command, "/dev/null"], { ...remote, TERM: "xterm" });
  assertEquals(code, 0, out);
  assertMatch(out, /backfill \|█+\| 600 of 600 {2}\d+ users\/s {2}0 s left/);
  assertStringIncludes(out, "600 users read");
});

test("backfill waits for another call, and gives up on a function that stays away", async () => {
  seedUsers(state, 10);
  await stack.database.script(
    "update clerk.reconcile set lease = gen_random_uuid(), leased_until = now() + interval '1 minute'",
  );
  const waited = await clerk(["backfill"], { sleep: () => endLease(stack) });
  assertEquals(waited.code, 0, waited.errors);
  assertMatch(waited.errors, /another call is running \(RECONCILE_RUNNING\)\. Trying again in \d+ s\./);
  const away = await clerk(["backfill"], {
    fetch: () => Promise.resolve(new Response("bad gateway", { status: 502 })),
    sleep: () => Promise.resolve(),
  });
  assertEquals([away.code, away.errors.split("\n").at(-1)], [1, "Cannot continue: clerk-reconcile answered 502"]);
});

test("backfill goes on after a network error, and ends where nothing moves", async () => {
  seedUsers(state, 20);
  let calls = 0;
  const lossy: Partial<CommandContext> = {
    sleep: () => Promise.resolve(),
    fetch: async (url, init) => {
      if (++calls === 2) throw new TypeError("connection reset");
      const response = await fetch(url, init);
      return calls === 1 ? Response.json({ ...await response.json(), done: false }) : response;
    },
  };
  const { code, errors } = await clerk(["backfill"], lossy);
  assertEquals([code, calls], [0, 3], errors);
  assertStringIncludes(errors, "connection reset (is deno task dev running?). Trying again in 5 s.");
  const stuck = {
    ...await report(stack, { task: "backfill" }),
    done: false,
    outcomes: {},
    retry_after: 30,
  };
  const still = await clerk(["backfill"], {
    sleep: () => Promise.resolve(),
    fetch: () => Promise.resolve(Response.json(stuck)),
  });
  assertEquals(still.code, 1);
  assertStringIncludes(still.errors, "Clerk's rate limit is reached. Trying again in 30 s.");
  assertStringIncludes(still.errors, "Cannot continue: Clerk's rate limit is reached");
});

test("gives the secret key to nobody but the project", async () => {
  const seen: Array<string | null> = [];
  const elsewhere = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ headers }) => {
    seen.push(headers.get("apikey"));
    return new Response("{}");
  });
  const redirecting = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(null, { status: 307, headers: { location: `http://127.0.0.1:${elsewhere.addr.port}/` } }),
  );
  const url = `http://127.0.0.1:${redirecting.addr.port}`;
  const target = { url, local: true, env: (name: string) => name === "SUPABASE_URL" ? url : variables[name] };
  const commands = [["status"], ["backfill"], ["send", "user.created", "--url", `${url}/functions/v1/clerk-webhook`]];
  for (const args of commands) {
    assertEquals((await clerk(args, { findTarget: () => Promise.resolve(target) })).code, 1, args[0]);
  }
  assertEquals(seen, []);
  await Promise.all([elsewhere.shutdown(), redirecting.shutdown()]);
  const plain = await task(["status"], { ...remote, SUPABASE_URL: "http://project.example.com" });
  assertEquals(plain.code, 1);
  assertStringIncludes(plain.errors, "Cannot use SUPABASE_URL");
});

test("reconcile tells the drift, and repairs it", async () => {
  const users = seedUsers(state, 40);
  await clerk(["backfill"]);
  updateSilently(state, users[0]!.id, { first_name: "Changed" });
  deleteSilently(state, users[1]!.id);
  createSilently(state, {});
  await letAnHourPass(stack);
  const { out, code } = await clerk(["reconcile", "--dry-run"]);
  assertEquals(code, 0);
  for (const line of [/^1 missing: .*, such as user_/m, /^1 outdated: /m, /^1 extra: /m, /^0 deleted here/m]) {
    assertMatch(out, line);
  }
  assertStringIncludes((await clerk(["reconcile"])).out, "1 created");
  await assertEqualTables(stack);
});

test("reconcile stops where too many would be deleted, and says what to do", async () => {
  const users = seedUsers(state, 30);
  await clerk(["backfill"]);
  for (const { id } of users.slice(0, 15)) deleteSilently(state, id);
  await letAnHourPass(stack);
  const refused = await clerk(["reconcile", "--task", "sweep"]);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.errors, "--max-deletes");
  assertMatch(
    (await clerk(["status"])).out,
    /^ {2}sweep +REFUSED \d+ s ago: 15 of 30 users no longer exist at Clerk$/m,
  );
  const both = await clerk(["reconcile"]);
  assertEquals([both.code, / users read in \d+ requests/.test(both.out)], [1, true], both.out);
  assertStringIncludes((await clerk(["reconcile", "--task", "sweep", "--max-deletes", "15"])).out, "15 deleted");
  await assertEqualTables(stack);
});

test("backfill and reconcile name a user whom the schema refuses and exit with 1, and status counts it", async () => {
  await stack.database.script(
    "alter table public.users add constraint short_name check (char_length(first_name) < 50)",
  );
  try {
    seedUsers(state, 4);
    const { id } = createSilently(state, { first_name: "x".repeat(60) });
    for (const command of ["backfill", "reconcile"]) {
      const { out, code } = await clerk([command]);
      assertStringIncludes(out, `Refused: ${id} (SCHEMA_REFUSED: 23514 public.users short_name)`);
      assertEquals([code, out.match(/^Refused: /gm)?.length], [1, 1], "it is named once");
    }
    assertMatch(
      (await clerk(["status"])).out,
      /^Refused +by the schema: 1 users, and the deletion of 0 rows\. The first \d+ s ago \(reconcile names them\)$/m,
    );
  } finally {
    await stack.database.script("alter table public.users drop constraint short_name; truncate clerk.refusals");
  }
});

test("reconcile sweeps although its pull fails, and then tells the failure", async () => {
  seedUsers(state, 20);
  await clerk(["backfill"]);
  const { errors, out, code } = await clerk(["reconcile"], {
    fetch: (url, init) =>
      String(init?.body).includes('"pull"')
        ? Promise.resolve(Response.json({ code: "INTERNAL_ERROR", detail: "Cannot answer" }, { status: 500 }))
        : fetch(url, init),
  });
  assertEquals(code, 1);
  assertStringIncludes(errors, "INTERNAL_ERROR");
  assertStringIncludes(out, "20 users read");
});

test("reconcile refuses a database of another instance, and --bind moves it to that of the keys", async () => {
  seedUsers(state, 5);
  await clerk(["backfill"]);
  await stack.database.script("update clerk.instance set instance_id = 'ins_before', bound_by = 'webhook'");
  const refused = await clerk(["reconcile"]);
  assertEquals(refused.code, 1);
  const advice = `clerk reconcile --bind ${state.instance.id}`;
  for (const part of ["ins_before", advice]) assertStringIncludes(refused.errors, part);
  const status = (await clerk(["status"])).out;
  assertMatch(status, /^Clerk +could not be counted \(DATABASE_OF_OTHER_INSTANCE\)$/m);
  assertMatch(status, /^Instance +ins_before, bound by a webhook \d+ .* ago$/m);
  const moved = await clerk(["reconcile", "--bind", state.instance.id]);
  assertEquals(moved.code, 0, moved.errors);
  assertMatch((await clerk(["status"])).out, new RegExp(`^Instance +${state.instance.id}, bound by an operator`, "m"));
});

test("status tells how fresh the table is", async () => {
  await createUser(stack, "ada@example.com");
  await eventually(async () => assertEquals((await stack.database.query("select from clerk.messages")).length, 1));
  createSilently(state, {});
  const { out } = await clerk(["status"]);
  for (
    const line of [
      /^Users +1 live, 0 deleted$/m,
      /^Clerk +2 users: 1 more than the table \(reconcile --dry-run lists them\)$/m,
      /^Last message +user\.created, \d+ s ago, [\d.]+ s behind its event$/m,
      /^ {2}user\.created +created +1 {3}median lag [\d.]+ s$/m,
      /^Reconcile +idle, no backfill yet: deno task clerk backfill$/m,
    ]
  ) assertMatch(out, line);
  await clerk(["reconcile"]);
  const synced = (await clerk(["status"])).out;
  for (const line of [/^Clerk +2 users: as many as the table$/m, /^ {2}sweep +2 users, finished \d+ s ago$/m]) {
    assertMatch(synced, line);
  }
  assertEquals(JSON.parse((await clerk(["status", "--json"])).out).users, 2);
});

test("send tells each answer, and the row that they led to", async () => {
  const { code, out } = await clerk(["send", "--user", "user_sample"]);
  const lines = out.split("\n").map((line) => line.replace(/msg_\w+ +/, ""));
  assertEquals([code, lines.slice(0, 3)], [0, [
    "user.created     200 created",
    "user.updated     200 updated",
    "session.created  200 updated",
  ]]);
  assertEquals(lines[3], "user_sample: {");
  assertMatch(out, /"email": "user_sample@example\.com"/);
});

test("send has samples of a user's organization and membership", async () => {
  const sendAll = async (...events: string[]) => {
    const { code, out } = await clerk(["send", ...events, "--user", "user_member", "--json"]);
    const outcomes = JSON.parse(out).deliveries.map(({ answer }: { answer: { outcome: string } }) => answer.outcome);
    return [code, ...outcomes];
  };
  const joins = ["organizationMembership.created", "user.created", "organization.created"];
  assertEquals(await sendAll(...joins), [0, "pending", "created", "unchanged"]);
  assertEquals(await rights(stack.database), { "org_member/user_member": "orgmem_member org:member" });
  // Their times count back from now, so the first of these may be older than the last of those.
  const leaves = ["organization.updated", "organizationMembership.updated", "organizationMembership.deleted"];
  const [code, ...outcomes] = await sendAll(...leaves);
  assertEquals([code, outcomes.at(-1), await rights(stack.database)], [0, "deleted", {}]);
  assertEquals(await sendAll("organization.deleted"), [0, "deleted"]);
  await stack.database.script(
    "truncate public.organizations, clerk.organizations, clerk.organization_memberships cascade",
  );
});

test("send prints the rows of the organization and the membership that an event is about", async () => {
  const events = ["user.created", "organizationMembership.created"];
  const { out } = await clerk(["send", ...events, "--user", "user_rows", "--json"]);
  const { user_rows, org_rows, orgmem_rows } = JSON.parse(out).rows;
  assertEquals([user_rows.clerk_user_id, org_rows.name, orgmem_rows.role], ["user_rows", "Sample", "org:member"]);
  assertEquals([orgmem_rows.user_id, orgmem_rows.organization_id], [user_rows.id, org_rows.id]);
  const deleted = await clerk(["send", "organization.deleted", "--user", "user_rows"]);
  assertEquals(deleted.out.split("\n").at(-1), "org_rows: no row");
  await stack.database.script(
    "truncate public.organizations, clerk.organizations, clerk.organization_memberships cascade",
  );
});

test("send leads to the same row in whatever order", async () => {
  const events = ["user.created", "user.updated", "user.updated", "session.created"];
  const file = await Deno.makeTempFile();
  const sent = JSON.parse((await clerk(["send", ...events, "--user", "user_ordered", "--json"])).out);
  await stack.database.script("truncate public.users, clerk.users, clerk.messages cascade");
  const rows: unknown[] = [withoutId(sent.rows.user_ordered)];
  // The same messages again, as the simulator lists them.
  const bodies = sent.messages.map(({ id, body }: Record<string, unknown>) => ({ id, body }));
  await Deno.writeTextFile(file, JSON.stringify(bodies));
  for (const flags of [["--late"], ["--shuffle"], ["--duplicate"], ["--shuffle", "--duplicate", "--late"]]) {
    const { deliveries, rows: { user_ordered } } = JSON.parse((await clerk(["send", file, ...flags, "--json"])).out);
    assertEquals(deliveries.length, flags.includes("--duplicate") ? 8 : 4);
    rows.push(withoutId(user_ordered));
    await stack.database.script("truncate public.users, clerk.users, clerk.messages cascade");
  }
  await Deno.remove(file);
  assertEquals(rows, Array(5).fill(rows[0]));
});

const withoutId = ({ id: _, updated_at: _at, ...row }: Record<string, unknown>) => row;

test("send says that a deleted user has no row, and fails where an answer is no 2xx", async () => {
  const deleted = await clerk(["send", "user.created", "user.deleted", "--user", "user_gone"]);
  assertEquals([deleted.code, deleted.out.split("\n").at(-1)], [0, "user_gone: no row"]);
  const env = (name: string) =>
    name === "CLERK_WEBHOOK_SECRET" ? `whsec_${btoa("another secret of 24 bytes")}` : variables[name];
  const refused = await clerk(["send", "user.created", "--user", "user_x"], {
    findTarget: () => Promise.resolve({ url: stack.url, local: true, env }),
  });
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.out, "401 WEBHOOK_SIGNATURE_INVALID");
});

test("send --examples sends every event that Clerk publishes, and each is ignored", async () => {
  const { code, out } = await clerk(["send", "--examples"]);
  const lines = out.split("\n");
  assertEquals([code, lines.at(-1)], [0, `All ${EXAMPLE_EVENTS.length} examples are ignored, as they must be.`]);
  assertEquals(lines.filter((line) => / 200 ignored$/.test(line)).length, EXAMPLE_EVENTS.length);
  assertMatch(out, /^user_2g7np7Hrk0SN6kj5EDMLDaKNL0S: no row$/m);
  for (const table of ["public.users", "clerk.users", "clerk.messages"]) {
    assertEquals(await stack.database.query(`select * from ${table}`), [], table);
  }
});

test("send --examples fails if one of them is not ignored", async () => {
  const storing: CommandContext["fetch"] = (url, init) =>
    init?.body?.toString().includes('"user.deleted"')
      ? Promise.resolve(Response.json({ outcome: "deleted" }))
      : fetch(url, init);
  const { code, out } = await clerk(["send", "--examples"], { fetch: storing });
  assertEquals(code, 1);
  assertMatch(out, /^2 of \d+ examples are not ignored: deploy this version of clerk-webhook\.$/m);
  for (const args of [["user.created"], ["--id", "msg_1"], ["--user", "user_1"]]) {
    assertEquals((await clerk(["send", "--examples", ...args])).code, 2, args.join(" "));
  }
});

test("send says where it looked for a file", async () => {
  const { code, errors } = await task(["send", "nowhere.json"], remote);
  assertEquals(code, 2);
  assertStringIncludes(errors, `nor a file in ${Deno.cwd()}`);
});

test("deno task clerk may write no file, so add and remove are tasks of their own", async () => {
  for (const name of ["add", "remove"]) {
    const { code, errors } = await task([name, "."], remote);
    assertEquals([code, errors.includes(`Cannot ${name} from here: run deno task ${name}`)], [1, true], errors);
  }
});

test("send takes a file, to any URL, from a shell without a stack", async () => {
  const url = `${stack.url}/functions/v1/clerk-webhook`;
  const { SUPABASE_URL: _, ...env } = remote;
  const { code, out, errors } = await task(["send", "tests/fixtures/specification_payload.json", "--url", url], env);
  assertEquals(code, 0, errors);
  assertMatch(out, /^user\.created +msg_\w+ +200 created\nuser_specification: cannot be shown: .* not set$/);
});

test("may start no program, so deploy is a task of its own", async () => {
  const { code, out, errors } = await task(["deploy", "--project-ref", "abcdefghijklmnopqrst"], {});
  assertEquals([code, out], [1, ""]);
  assertStringIncludes(errors, "Cannot deploy from here: run deno task deploy");
});

test("prints one line for an error that the user can fix", async () => {
  const fixable: Array<[args: string[], line: RegExp]> = [
    [["send", "no-such-file.json"], /^Cannot send no-such-file\.json: it is neither a sample/],
    [["send", "user.created", "user.updated", "--id", "msg_1"], /^Cannot use --id: there are several events$/],
    [["send", "--url", "nowhere"], /^Cannot use --url: expected a URL$/],
    [["send", "--user", ""], /^Cannot use an empty --id or --user$/],
  ];
  for (const [args, line] of fixable) {
    const { code, errors } = await clerk(args);
    assertEquals(code, 2);
    assertMatch(errors, line);
  }
  const nobody = {
    findTarget: () =>
      Promise.resolve({ url: "http://127.0.0.1:1", local: true, env: (name: string) => variables[name] }),
  };
  assertMatch(
    (await clerk(["status"], nobody)).errors,
    /^Cannot reach http:\/\/127\.0\.0\.1:1: .*\(is deno task dev running\?\)$/,
  );
  const keyless = { findTarget: () => Promise.resolve({ url: stack.url, local: true, env: () => undefined }) };
  assertMatch((await clerk(["status"], keyless)).errors, /SUPABASE_URL is not set$/);
  const urlOnly = {
    findTarget: () =>
      Promise.resolve({
        url: stack.url,
        local: true,
        env: (name: string) => name === "SUPABASE_URL" ? stack.url : undefined,
      }),
  };
  assertMatch((await clerk(["status"], urlOnly)).errors, /SUPABASE_SECRET_KEY is not set$/);
});

test("says its version", async () => {
  assertEquals(await clerk(["--version"]), { code: 0, out: VERSION, errors: "" });
});

test("has help everywhere, and another exit code for wrong usage", async () => {
  const top = await clerk(["--help"]);
  assertEquals([top.code, top.out.startsWith("Usage: deno task clerk <command>")], [0, true], top.out);
  for (
    const name of Object.keys(JSON.parse(await Deno.readTextFile(new URL("../../bin/commands.json", import.meta.url))))
  ) {
    if (name === "dev") continue;
    const { code, out } = await clerk([name, "--help"]);
    assertEquals([code, out.startsWith(`Usage: ${commandLine(name)} `)], [0, true], out);
  }
  const wrong = [[], ["nonsense"], ["status", "--nonsense"], ["reconcile", "--task", "compare"], [
    "reconcile",
    "--max-deletes",
    "x",
  ]];
  for (const args of wrong) assertEquals((await clerk(args)).code, 2, args.join(" "));
});

testsOf("")("the stack of the commands stops", () => stack.stop());
