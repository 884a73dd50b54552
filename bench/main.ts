/**
 * `deno task bench`: what the functions cost, beside what people would pick instead.
 *
 * @module
 */
import { bundleFunctions } from "../cli/deploy/bundle.ts";
import { readProject } from "../dev/project.ts";
import { configArguments, type DenoVersion, THIS_DENO } from "../tools/jsr/config.ts";
import { RUNTIME_DENO_VERSION, runtimeDeno } from "../tools/runtime_deno.ts";
import { type Candidate, measureColdStarts } from "./cold_start.ts";

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

/** The functions from their sources and as bundles, in this Deno and in the Edge Runtime's. */
async function coldStartCandidates(): Promise<Candidate[]> {
  const project = await readProject();
  const into = new URL("../.cache/bench-bundles/", import.meta.url);
  await bundleFunctions({ project, config: await configArguments(), into });
  const bundled = await readProject(into);
  const versions: DenoVersion[] = [THIS_DENO, { executable: await runtimeDeno(), version: RUNTIME_DENO_VERSION }];
  const candidates: Candidate[] = [];
  for (const deno of versions) {
    const kinds = { sources: project, bundle: bundled };
    const configs = { sources: await configArguments(deno), bundle: ["--no-config", "--no-lock"] };
    for (const request of ["clerk-webhook", "profile"] as const) {
      for (const kind of ["sources", "bundle"] as const) {
        candidates.push({
          name: `${request} ${kind}, Deno ${deno.version}`,
          request,
          entrypoint: kinds[kind].functions.get(request)!.entrypoint,
          deno: { executable: deno.executable, config: configs[kind] },
        });
      }
    }
  }
  return candidates;
}

const rounds = Number(Deno.args[0] ?? 20);
const rows = await measureColdStarts(await coldStartCandidates(), rounds);
print(`Cold start over bare Deno, medians of ${rounds} starts`);
for (const { name, wall, cpu } of rows) {
  print(`${name.padEnd(40)} ${wall.toFixed(0).padStart(5)} ms  ${cpu.toFixed(0).padStart(5)} ms CPU`);
}
