/** The GitHub workflow: it runs what CI runs here, with pinned actions and no more rights than it needs. */
import { assert, assertEquals } from "@std/assert";
import { parse } from "yaml";
import { ROOT } from "../../project/root.ts";
import { filesBelow } from "../../project/repository_files.ts";

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}

interface Job {
  needs?: string[];
  if?: string;
  permissions?: Record<string, string>;
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const files = await filesBelow(".github/workflows/", ".yml");
const texts = await Promise.all(files.map((file) => Deno.readTextFile(new URL(file, ROOT))));
const workflows: Workflow[] = texts.map((text) => parse(text));
const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs));
const ci = workflows[files.indexOf(".github/workflows/ci.yml")]!;
const commandsOf = (job: Job) => job.steps.flatMap(({ run }) => run ?? []);

Deno.test("the workflow pins every action by a full commit hash, with its version beside it", () => {
  const used = jobs.flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
  assert(used.length > 4);
  assertEquals(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action)), []);
  const lines = texts.flatMap((text) => text.split("\n").filter((line) => line.includes("uses:")));
  assertEquals(lines.length, used.length);
  assertEquals(lines.filter((line) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)), []);
  // One version of each action.
  assertEquals(new Set(used).size, new Set(used.map((action) => action.split("@")[0])).size);
});

Deno.test("the workflow calls .ci/run for every change, and .ci/package before a release", async () => {
  assertEquals(Object.keys(ci.on), ["push", "pull_request"]);
  assertEquals(commandsOf(ci.jobs.ci!).at(-1), ".ci/run");
  assertEquals(commandsOf(ci.jobs.package!), [".ci/package"]);
  const { release } = ci.jobs;
  assertEquals([release!.if, release!.needs], ["github.ref_type == 'tag'", ["ci", "package"]]);
  assertEquals(commandsOf(release!).map((command) => command.includes(".ci/package")), [true, false]);
  for (const script of ["run", "package"]) {
    assert((await Deno.stat(new URL(`.ci/${script}`, ROOT))).mode! & 0o100, `.ci/${script} is not executable`);
  }
});

Deno.test("the workflow may read the repository, and only the release may identify itself to npm", () => {
  assertEquals(ci.permissions, { contents: "read" });
  for (const [name, { permissions }] of Object.entries(ci.jobs)) {
    assertEquals(permissions, name === "release" ? { contents: "read", "id-token": "write" } : undefined, name);
  }
});

Deno.test("no command of the workflow contains an expression, which could inject a command", () => {
  assertEquals(jobs.flatMap(commandsOf).filter((command) => command.includes("${{")), []);
});
