/**
 * `deno task test:fast`: the unit tests and examples, and the tests of the project as a whole. Both run at the same time,
 * and both run to the end. Arguments are passed on to `deno test`, such as `--filter profile`.
 *
 * @module
 */
import { configArguments, STAND_INS_IN_USE } from "./jsr/config.ts";

const config = await configArguments();
// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

/** Starts `deno test`. Types are for `deno task check`: checking them in each process takes long. */
function startTests(args: readonly string[], output: "inherit" | "piped"): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["test", ...config, "--no-check", "--parallel", ...args, ...Deno.args],
    stdin: "null",
    stdout: output,
    stderr: output,
    ...(output === "piped" && Deno.stdout.isTerminal() ? { env: { FORCE_COLOR: "1" } } : {}),
  }).spawn();
}

if (config.length > 0) print(STAND_INS_IN_USE);
const project = startTests(["-A", "tests/project"], "piped");
const projectOutput = project.output();
const unit = await startTests(["--no-prompt", "--doc", "tests/unit", "supabase/functions/_shared"], "inherit").status;

// Printed afterwards, so that the lines of the two do not mix.
const { stdout, stderr, success } = await projectOutput;
await Deno.stdout.write(stdout);
await Deno.stderr.write(stderr);

const result = (passed: boolean) => passed ? "passed" : "failed";
print(`tests/unit and examples: ${result(unit.success)}; tests/project: ${result(success)}`);
Deno.exit(unit.success && success ? 0 : 1);
