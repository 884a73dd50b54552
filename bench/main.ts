/**
 * `deno task bench` measures the costs of the bundle and of common alternatives.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { measureCosts } from "./costs.ts";
import { benchBackfill } from "./suites/backfill.ts";
import { benchColdStarts } from "./suites/cold_start.ts";
import { benchDatabase } from "./suites/database.ts";
import { benchFunctions } from "./suites/functions.ts";
import { benchPolicies } from "./suites/policies.ts";
import { benchRow } from "./suites/row.ts";
import { benchInstructions, measureInstructionRatios } from "./instructions.ts";
import { isValgrindInstalled } from "./valgrind.ts";
import expected from "./expected.json" with { type: "json" };
import { type MachineLoad, percent, requireIdle, watchMachine } from "./machine.ts";
import { saveRun, writeReport } from "./report.ts";
import { markdown, type Table } from "./table.ts";

const HELP = `deno task bench [row] [policies] [functions] [cold-start] [database] [backfill] [options]

Runs the named suites, or all. Prints ratios first, as medians of interleaved rounds.

  --rounds <number>       rounds of requests     (default: 5)
  --requests <number>     requests of a round    (default: 2000)
  --starts <number>       cold starts of each    (default: 30)
  --users <numbers>       sizes of the database  (default: 1000,100000,1000000)
  --seconds <number>      for each way, there, in row and in policies  (default: 10)
  --rows <number>         rows of an app's table, of 1,000 tenants      (default: 1000000)
  --sign-ups <number>     sign-ups of each kind                         (default: 200)
  --backfill <number>     users to import        (default: 100000)
  --save                  save the results in docs/performance.json, suite by suite
  --help                  this text

deno task bench report
Writes the tables and pictures of docs/performance.md from the saved results.

deno task bench costs [--write]
Prints the costs that do not depend on the machine. --write saves them in bench/expected.json for a test.

deno task bench instructions [--before <commit>]
Counts the instructions of a change in the database, under valgrind, beside those of the migrations of a commit.`;

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    requests: { type: "string", default: "2000" },
    starts: { type: "string", default: "30" },
    users: { type: "string", default: "1000,100000,1000000" },
    seconds: { type: "string", default: "10" },
    rows: { type: "string", default: "1000000" },
    "sign-ups": { type: "string", default: "200" },
    backfill: { type: "string", default: "100000" },
    save: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    before: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const SUITES: Record<string, () => Promise<Table[]>> = {
  "row": () =>
    benchRow({
      seconds: Number(values.seconds),
      signUps: Number(values["sign-ups"]),
      starts: Number(values.starts),
    }),
  "policies": () => benchPolicies({ rows: Number(values.rows), tenants: 1_000 }, Number(values.seconds)),
  "functions": () =>
    benchFunctions({ rounds: Number(values.rounds), requests: Number(values.requests), connections: 8 }),
  "cold-start": () => benchColdStarts(Number(values.starts)),
  "database": () => benchDatabase({ users: values.users.split(",").map(Number), seconds: Number(values.seconds) }),
  "backfill": () => benchBackfill(Number(values.backfill)),
};

/** Prints the expected costs, in the format of `expected.json`. */
async function costs(): Promise<void> {
  const measured = await measureCosts();
  const counted = await isValgrindInstalled() ? await measureInstructionRatios() : {};
  const text = JSON.stringify({ ...measured, instructions: { ...expected.instructions, ...counted } }, null, 2);
  print(text);
  if (values.write) await Deno.writeTextFile(new URL("expected.json", import.meta.url), `${text}\n`);
}

/** Describes the machine and its load. */
async function describeMachine({ loadAverages: [start, end], othersShare }: MachineLoad): Promise<string> {
  const cpu = /^model name\s*: (.*)$/m.exec(await Deno.readTextFile("/proc/cpuinfo"))?.[1] ?? "unknown processor";
  const load = `load average ${start.toFixed(1)} at the start and ${end.toFixed(1)} at the end`;
  const others = `other processes took ${percent(othersShare)} of the processors`;
  return `Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores (${cpu}), ${load}; ${others}`;
}

/** Measures the suites, and keeps the results of those that had the machine for themselves if they are to be kept. */
async function measure(names: readonly string[]): Promise<void> {
  const busy: string[] = [];
  for (const name of names) {
    const stopWatching = await watchMachine();
    const tables = await SUITES[name]!();
    const load = await stopWatching();
    const machine = await describeMachine(load);
    print(`${machine}\n`);
    for (const table of tables) print(markdown(table));
    if (!values.save) continue;
    try {
      requireIdle(name, load);
      await saveRun(name, { date: new Date().toISOString().slice(0, 10), machine, tables });
    } catch (error) {
      busy.push((error as Error).message);
    }
  }
  if (busy.length > 0) throw new Error(busy.join("\n"));
}

async function main(): Promise<void> {
  if (values.help) return print(HELP);
  if (positionals[0] === "costs") return await costs();
  if (positionals[0] === "report") return await writeReport();
  if (positionals[0] === "instructions") {
    for (const table of await benchInstructions(values.before)) print(markdown(table));
    return;
  }
  const names = positionals.length === 0 ? Object.keys(SUITES) : positionals;
  const unknown = names.filter((name) => !Object.hasOwn(SUITES, name));
  if (unknown.length > 0) throw new TypeError(`Cannot measure ${unknown.join(", ")}: expected ${Object.keys(SUITES)}`);
  await measure(names);
}

try {
  await main();
} catch (error) {
  // deno-lint-ignore no-console -- a command-line tool
  console.error((error as Error).message);
  Deno.exit(1);
}
Deno.exit(0);
