/**
 * `deno task mutate`: removes or weakens the guarantees of README.md, SECURITY.md and `docs/`, one line at a time, and
 * checks that the test that the document names fails. Ids select mutations; `list/` has all of them.
 *
 * @module
 */
import { ROOT } from "../../project/root.ts";
import type { configArguments as ownConfigArguments } from "../../project/jsr/config.ts";
import { isPostgresInstalled, startPostgres } from "../../project/postgres_server.ts";
import { runLongestFirst } from "../test/queue.ts";
import { checkOut } from "../../project/checkout.ts";
import { judge, type Verdict } from "./judge.ts";
import { MUTATIONS } from "./list/mod.ts";
import { findListFaults, type Mutation } from "./mutation.ts";
import type { TestRun } from "./run_test.ts";

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

/** Groups the mutations by test, so that each test runs only once without a mutation. */
function groupByTest(mutations: readonly Mutation[]): Mutation[][] {
  return [...Map.groupBy(mutations, ({ test }) => `${test.file} ${test.name}`).values()];
}

async function judgeAll(mutations: readonly Mutation[], stop: AbortSignal): Promise<Verdict[]> {
  const server = await isPostgresInstalled() ? await startPostgres() : undefined;
  const groups = groupByTest(mutations);
  const workers = Math.min(navigator.hardwareConcurrency, groups.length);
  const checkouts = await Promise.all(Array.from({ length: workers }, () => checkOut()));
  const free = [...checkouts];
  const verdicts: Verdict[] = [];
  try {
    await runLongestFirst(groups, {
      workers,
      expectedSeconds: ([first, ...rest]) => (rest.length + 2) * (first!.test.file.startsWith("tests/unit/") ? 1 : 10),
      run: async (group) => {
        const checkout = free.pop()!;
        const root = new URL(`file://${checkout}/`);
        const run: TestRun = {
          root,
          config: await configOf(root),
          env: server ? { TEST_POSTGRES_URL: server.url } : {},
          stop,
        };
        await judge(group[0]!.test, group, run, (verdict) => {
          verdicts.push(verdict);
          print(describe(verdict, `${verdicts.length}/${mutations.length}`));
        });
        free.push(checkout);
      },
    });
  } finally {
    await Promise.all(checkouts.map((folder) => Deno.remove(folder, { recursive: true })));
    await server?.stop();
  }
  return verdicts;
}

/** Writes a configuration for each copy, because it contains absolute paths. */
async function configOf(root: URL): Promise<readonly string[]> {
  const { configArguments } = await import(new URL("project/jsr/config.ts", root).href);
  return await (configArguments as typeof ownConfigArguments)();
}

function describe(verdict: Verdict, progress: string): string {
  const { mutation: { id, test } } = verdict;
  const where = `${id}: "${test.name}" (${test.file})`;
  switch (verdict.kind) {
    case "killed":
      return `[${progress}] killed ${where}\n  ${verdict.by.slice(0, 160)}`;
    case "survived":
      return `[${progress}] SURVIVED ${where}`;
    case "broken":
      return `[${progress}] BROKEN ${where}\n${verdict.why.trimEnd()}\n`;
  }
}

function select(ids: readonly string[]): readonly Mutation[] {
  const unknown = ids.filter((id) => !MUTATIONS.some((mutation) => mutation.id === id));
  if (unknown.length > 0) throw new Error(`Cannot mutate: no mutation has the id ${unknown.join(", ")}`);
  return ids.length === 0 ? MUTATIONS : MUTATIONS.filter(({ id }) => ids.includes(id));
}

async function main(): Promise<number> {
  const mutations = select(Deno.args);
  const faults = await findListFaults(ROOT, mutations);
  if (faults.length > 0) {
    print(faults.join("\n"));
    return 1;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop.abort());
  const verdicts = await judgeAll(mutations, stop.signal);
  const count = (kind: Verdict["kind"]) => verdicts.filter((verdict) => verdict.kind === kind).length;
  print(`\n${count("killed")} killed, ${count("survived")} survived, ${count("broken")} broken`);
  if (stop.signal.aborted) return 130;
  return count("killed") === mutations.length ? 0 : 1;
}

Deno.exit(await main());
