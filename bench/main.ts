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
  const versions: DenoVersion[] = [
    THIS_DENO,
    { executable: await runtimeDeno(), version: RUNTIME_DENO_VERSION },
  ];
  const candidates: Candidate[] = [];
  for (const deno of versions) {
    const { executable, version } = deno;
    const config = await configArguments(deno);
    for (const request of ["clerk-webhook", "profile"] as const) {
      const [source, bundle] = [project, bundled].map(({ functions }) => functions.get(request)!.entrypoint);
      candidates.push(
        { name: `${request} sources, Deno ${version}`, request, entrypoint: source!, deno: { executable, config } },
        {
          name: `${request} bundle, Deno ${version}`,
          request,
          entrypoint: bundle!,
          deno: { executable, config: ["--no-config", "--no-lock"] },
        },
      );
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
