/**
 * What a change and a policy cost the database, in instructions that valgrind counts, beside those of plain statements. No
 * machine changes them, and no other work on it.
 */
import { assert } from "@std/assert";
import { type InstructionRatios, measureInstructionRatios } from "../../bench/instructions.ts";
import { isValgrindInstalled } from "../../bench/valgrind.ts";
import { testsOf } from "../helpers/shared_test.ts";
import expected from "../../bench/expected.json" with { type: "json" };

/** Repeats differ by less than 1 %. */
const TOLERANCE = 0.03;
const EXPECTED: Record<string, InstructionRatios | undefined> = expected.instructions;

// deno-lint-ignore no-console -- what was not compared is said
const skip = (reason: string) => console.log(`Skipped: ${reason}`);

testsOf("")("a change and a policy cost the instructions that bench/expected.json says", async () => {
  if (!await isValgrindInstalled()) return skip("install valgrind, for example by apt-get install valgrind");
  const [[version, counted]] = Object.entries(await measureInstructionRatios()) as [[string, InstructionRatios]];
  const meant = EXPECTED[version];
  if (!meant) {
    return skip(`bench/expected.json has no figures for PostgreSQL ${version}: deno task bench costs --write`);
  }
  for (const [name, ratio] of Object.entries(counted) as Array<[keyof InstructionRatios, number]>) {
    assert(
      Math.abs(ratio / meant[name] - 1) <= TOLERANCE,
      `${name}: ${ratio} times the plain statement's instructions, not ${meant[name]}. ` +
        "If this is meant: deno task bench costs --write",
    );
  }
});
