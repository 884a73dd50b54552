/**
 * `deno task fast`: runs format, lint, types and the fast tests at the same time, and reports the faults of every step.
 *
 * @module
 */

const STEPS = [["fmt", "--check"], ["lint"], ["task", "check"], ["task", "test:fast"]];

/** Runs a step; returns whether it succeeded, and prints its output if it failed. */
async function succeeds(args: string[]): Promise<boolean> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  const name = `deno ${args.join(" ")}`;
  if (success) {
    await Deno.stdout.write(new TextEncoder().encode(`${name}: ok\n`));
    return true;
  }
  // In one write, because the steps run at the same time.
  await Deno.stdout.write(
    new Uint8Array([...stdout, ...stderr, ...new TextEncoder().encode(`${name}: failed\n\n`)]),
  );
  return false;
}

const results = await Promise.all(STEPS.map(succeeds));
Deno.exit(results.every(Boolean) ? 0 : 1);
