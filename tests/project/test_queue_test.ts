/** The queue of `deno task test`: the order of jobs, the jobs that a path selects, and the reports. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { deployedJobs, type Job, type Machine, sourceJobs } from "../../tools/test/jobs.ts";
import { writeOneModule } from "../../tools/test/one_module.ts";
import { runLongestFirst } from "../../tools/test/queue.ts";
import { describeResult, readReport } from "../../tools/test/report.ts";
import { readSelection } from "../../tools/test/selection.ts";
import { filesBelow } from "../../project/repository_files.ts";
import { ROOT } from "../../project/root.ts";

const MACHINE: Machine = {
  postgresUrl: () => Promise.resolve("postgresql://example"),
  hasChromium: true,
  examples: new Set(["react", "nextjs", "hono"]),
  isThorough: true,
};

Deno.test("arguments are paths, flags with their values, or mistakes", async () => {
  const isPath = (text: string) => Promise.resolve(["tests/e2e", "tests/e2e/", "profile"].includes(text));
  const read = async (...args: string[]) => {
    const { paths, flags, unknown } = await readSelection(args, isPath);
    return { paths, flags, unknown };
  };
  assertEquals(await read("tests/e2e/", "--filter", "profile"), {
    paths: ["tests/e2e"],
    flags: ["--filter", "profile"],
    unknown: [],
  });
  assertEquals(await read("--reporter", "dot", "profile"), {
    paths: ["profile"],
    flags: ["--reporter", "dot"],
    unknown: [],
  });
  assertEquals(await read("--filter", "a name / with a slash"), {
    paths: [],
    flags: ["--filter", "a name / with a slash"],
    unknown: [],
  });
  for (const args of [["tests/typo"], ["tests/e2e", "typo"], ["--fail-fast", "tests/typo_test.ts"]]) {
    assertEquals((await read(...args)).unknown, args.slice(-1), args.join(" "));
  }
});

Deno.test("the queue starts unknown tasks first, then the longest, and keeps every worker busy", async () => {
  const seconds: Record<string, number> = { short: 1, long: 9, middle: 5 };
  const running = new Map<string, () => void>();
  const started: string[] = [];
  const queue = runLongestFirst(["short", "long", "unknown", "middle"], {
    workers: 2,
    expectedSeconds: (name) => seconds[name],
    run: (name) => {
      started.push(name);
      return new Promise((resolve) => running.set(name, resolve));
    },
  });
  const end = async (name: string) => {
    running.get(name)!();
    // The worker takes the next task in a later turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve));
  };
  assertEquals(started, ["unknown", "long"]);
  await end("unknown");
  assertEquals(started, ["unknown", "long", "middle"]);
  await end("middle");
  assertEquals(started, ["unknown", "long", "middle", "short"]);
  await end("short");
  await end("long");
  await queue;
});

Deno.test("every test file runs in exactly one job on a machine with every program", async () => {
  const jobs = await sourceJobs(MACHINE);
  const isRunBy = (file: string) => ({ paths }: Job) =>
    paths.some((path) => file === path || file.startsWith(`${path}/`));
  const files = await filesBelow("tests/", "_test.ts");
  // tests/edge_runtime runs in two versions of Deno, and the name of a helper ends like a test's.
  const once = files.filter((file) => !/^tests\/(edge_runtime|helpers)\//.test(file));
  assertEquals(once.filter((file) => jobs.filter(isRunBy(file)).length !== 1), []);
  assertEquals(new Set(jobs.map(({ name }) => name)).size, jobs.length);
});

Deno.test("every end-to-end test runs with bundles too, except those about commands", async () => {
  const files = await filesBelow("tests/e2e/", "_test.ts");
  const without = async (...paths: string[]) => {
    const jobs = await deployedJobs(MACHINE, paths);
    return files.filter((file) => !jobs.some(({ paths }) => paths.includes(file)));
  };
  const aboutCommands = ["tests/e2e/cli_test.ts", "tests/e2e/doctor_test.ts"];
  assertEquals([await without(), await without(...files)], [aboutCommands, []]);
});

Deno.test("the tests of an example run if its packages are installed, and those of Next.js only in CI or if named", async () => {
  const [react, nextjs] = ["tests/examples/react_test.ts", "tests/examples/nextjs_test.ts"];
  const isListed = async (file: string, machine: Partial<Machine>, ...paths: string[]) =>
    (await sourceJobs({ ...MACHINE, ...machine }, paths)).some(({ name }) => name === file);
  assertEquals(await isListed(react, { isThorough: false }), true);
  assertEquals(await isListed(react, { examples: new Set(["nextjs"]) }), false);
  assertEquals(await isListed(nextjs, { isThorough: true }), true);
  assertEquals(await isListed(nextjs, { isThorough: false }), false);
  assertEquals(await isListed(nextjs, { isThorough: false }, nextjs), true);
  assertEquals(await isListed(nextjs, { examples: new Set() }, nextjs), false);
});

Deno.test("a test with a database gets the URL of the server, if there is one", async () => {
  const urlOf = async (machine: Machine, path: string) => {
    const [job] = await sourceJobs(machine, [path]);
    return (await job!.env?.())?.TEST_POSTGRES_URL;
  };
  const without = { ...MACHINE, postgresUrl: undefined };
  const snippets = "tests/project/snippets_test.ts";
  for (const path of ["tests/db/instance_test.ts", "tests/e2e/health_test.ts", "tests/serve", snippets]) {
    assertEquals([await urlOf(MACHINE, path), await urlOf(without, path)], ["postgresql://example", undefined], path);
  }
  // Otherwise `deno task test:fast` would start a server for a test that needs none.
  assertEquals(await urlOf(MACHINE, "tests/project/words_test.ts"), undefined);
});

Deno.test("a path selects its files, and narrows the job of a whole folder", async () => {
  const pathsOf = async (...paths: string[]) => (await sourceJobs(MACHINE, paths)).map((job) => job.paths);
  assertEquals(await pathsOf("tests/serve"), [["tests/serve/serve_test.ts"]]);
  assertEquals(await pathsOf("tests/unit/hello", "tests/unit/profile"), [["tests/unit/hello", "tests/unit/profile"]]);
  assertEquals(await pathsOf("tests/e2e/health_test.ts"), [["tests/e2e/health_test.ts"]]);
  assertEquals(await pathsOf("tests/un"), []);
});

Deno.test("the one module of a job imports every test file of its folders, and the files that are named", async () => {
  const importsOf = async (...paths: string[]) => {
    const module = await writeOneModule("test-queue-test", paths);
    const text = await Deno.readTextFile(new URL(module, ROOT));
    await Deno.remove(new URL(module, ROOT));
    return Array.from(text.matchAll(/^import "\.\.\/(.*)";$/gm), ([, file]) => file!);
  };
  assertEquals(await importsOf("tests/unit"), (await filesBelow("tests/unit/", "_test.ts")).sort());
  const hello = "tests/unit/hello/handler_test.ts";
  assertEquals(await importsOf("tests/unit/resumes", hello), [hello, "tests/unit/resumes/handler_test.ts"]);
});

Deno.test("a report counts failures, omits filtered tests, and contains the output of a failed job", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(
    file,
    '<testsuites name="deno test" tests="3" failures="1" errors="0" time="1.5">\n' +
      '<testcase name="a &lt;b&gt;" classname="x" time="1.250" line="1"></testcase>\n' +
      '<testcase name="c" classname="x" line="2"><skipped/></testcase>\n' +
      '<testcase name="d" classname="x" time="0.250" line="3"><failure message="no"/></testcase></testsuites>\n',
  );
  const report = await readReport(file);
  await Deno.remove(file);
  assertEquals(report, {
    ...{ passed: 1, failed: 1, skipped: 1 },
    tests: [{ name: "a <b>", seconds: 1.25 }, { name: "d", seconds: 0.25 }],
  });
  const result = { ...report, job: "tests/x_test.ts", seconds: 2, output: "the output" };
  assertStringIncludes(describeResult(result, { ended: 1, all: 2 }), "the output");
  const passed = { ...result, failed: 0 };
  assertEquals(describeResult(passed, { ended: 2, all: 2 }), "[2/2] ok tests/x_test.ts: 1 passed, 1 skipped, 2.0 s");
});
