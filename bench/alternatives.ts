/**
 * The measured modules: our functions as deployed, common alternatives, and the limit.
 *
 * @module
 */
import { bundleFunctions } from "../project/bundles/bundle.ts";
import { type ProjectConfig, readProject } from "../project/project.ts";
import { configArguments, THIS_DENO } from "../project/jsr/config.ts";
import type { Kind } from "./platform.ts";
import type { Served } from "./served.ts";

/** A module that answers one kind of request. */
export interface Candidate extends Pick<Served, "entrypoint" | "deno"> {
  name: string;
  request: Kind;
  /** The greatest ratios of ours to this that meet the targets, all of CPU time. */
  targets?: Targets;
}

/** Greatest ratios for a request, a request with a repeated token, and cold starts of the bundle and of the sources. */
interface Targets {
  cpu?: number;
  repeated?: number;
  bundle?: number;
  sources?: number;
}

/** Our functions, bundled and from their sources. */
export interface Ours {
  bundle: (request: Kind) => Candidate;
  sources: (request: Kind) => Candidate;
  /** The project with bundles for functions. */
  project: ProjectConfig;
}

const BUNDLED = { executable: THIS_DENO.executable, config: ["--no-config", "--no-lock"] };

/**
 * Bundles our functions.
 *
 * @returns Them.
 */
export async function readOurs(): Promise<Ours> {
  const project = await readProject();
  const config = await configArguments();
  const into = new URL("../.cache/bench-bundles/", import.meta.url);
  await bundleFunctions({ project, config, into });
  const bundles = await readProject(into);
  return {
    bundle: (request) => ({
      name: "ours",
      request,
      deno: BUNDLED,
      entrypoint: bundles.functions.get(request)!.entrypoint,
    }),
    sources: (request) => ({
      name: "ours, from sources",
      request,
      deno: { executable: THIS_DENO.executable, config },
      entrypoint: project.functions.get(request)!.entrypoint,
    }),
    project: { ...project, functions: bundles.functions },
  };
}

/**
 * Reads the common alternatives, each in a small file of `alternatives/`.
 *
 * @param given The Deno that runs them; this one unless given.
 * @returns The candidates of each kind.
 */
export async function readAlternatives(given?: Candidate["deno"]): Promise<Record<Kind, Candidate[]>> {
  const deno = given ?? { executable: THIS_DENO.executable, config: await configArguments() };
  const entrypoint = (file: string) => new URL(`alternatives/${file}.ts`, import.meta.url);
  const make = (request: Kind, name: string, file: string, targets: Targets = {}): Candidate => {
    return { name, request, deno, entrypoint: entrypoint(file), targets };
  };
  const coldStart = { bundle: 0.45, sources: 1 };
  return {
    "clerk-webhook": [
      make("clerk-webhook", "best practice: verifyWebhook of @clerk/backend, upsert", "webhook_best_practice", {
        cpu: 1,
        ...coldStart,
      }),
      make("clerk-webhook", "tutorial: svix, a client for each request, upsert", "webhook_tutorial", coldStart),
    ],
    "profile": [
      make("profile", "verifyToken of @clerk/backend, supabase-js", "profile_clerk_backend", {
        cpu: 0.9,
        repeated: 0.55,
        ...coldStart,
      }),
      make("profile", "withSupabase of @supabase/server", "profile_supabase_server", { cpu: 0.6, ...coldStart }),
      make("profile", "limit: jose and fetch, nothing else", "limit", { cpu: 1.3 }),
    ],
  };
}
