/**
 * `deno task bench [functions|cold-start …]`: what the bundle costs, beside what people would pick instead. Everything
 * unless told what.
 *
 * @module
 */
import { bundleFunctions } from "../cli/deploy/bundle.ts";
import { createDataApi } from "../dev/gateway/data_api.ts";
import { openDatabase } from "../dev/database/database.ts";
import { readProject } from "../dev/project.ts";
import { configArguments, THIS_DENO } from "../tools/jsr/config.ts";
import { startPostgres } from "../tools/postgres.ts";
import { type Candidate, measureLoad } from "./functions.ts";
import { KEYS, startPlatform } from "./platform.ts";

const server = await startPostgres();
const database = await openDatabase({ url: server!.url });
await database.script(`
  create table public.plain_users (like public.users including all);
  grant select, insert, update, delete on public.plain_users to service_role;`);
const platform = await startPlatform((jwks) => createDataApi({ database, keys: KEYS, jwks: () => jwks }));
const project = await readProject();
const into = new URL("../.cache/bench-bundles/", import.meta.url);
await bundleFunctions({ project, config: await configArguments(), into });
const bundled = await readProject(into);
const deno = { executable: THIS_DENO.executable, config: await configArguments() };
const alt = (name: string, request: "profile" | "clerk-webhook"): Candidate => ({
  name,
  request,
  deno,
  entrypoint: new URL(`alternatives/${name}.ts`, import.meta.url),
});
const ours = (request: "profile" | "clerk-webhook"): Candidate => ({
  name: "ours",
  request,
  deno: { ...deno, config: ["--no-config", "--no-lock"] },
  entrypoint: bundled.functions.get(request)!.entrypoint,
});
const rounds = Number(Deno.args[0] ?? 5), requests = Number(Deno.args[1] ?? 500);
for (
  const group of [
    [
      ours("clerk-webhook"),
      alt("webhook_best_practice", "clerk-webhook"),
      alt("webhook_tutorial", "clerk-webhook"),
      { ...alt("bare", "clerk-webhook") },
    ],
    [
      ours("profile"),
      alt("profile_clerk_backend", "profile"),
      alt("profile_supabase_server", "profile"),
      alt("limit", "profile"),
      alt("bare", "profile"),
    ],
  ]
) {
  const rows = await measureLoad(group, platform, { rounds, requests, connections: 8 });
  for (const r of rows) {
    console.log(
      r.request.padEnd(14),
      r.name.padEnd(26),
      r.cpu.toFixed(3),
      "ms",
      r.rate.toFixed(0),
      "/s",
      [r.p50, r.p95, r.p99].map((x) => x.toFixed(1)).join(" "),
      r.memory.map((x) => x.toFixed(0)).join("→"),
      "ratio ours/this",
      (rows[0]!.cpu / r.cpu).toFixed(2),
    );
  }
}
await platform.stop();
await database.close();
await server!.stop();
Deno.exit(0);
