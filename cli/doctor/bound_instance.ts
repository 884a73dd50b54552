/**
 * Checks that the database is bound to the Clerk instance of the keys.
 *
 * @module
 */
import { commandLine } from "../../project/command_line.ts";
import type { SigningKey } from "../../supabase/functions/_clerk-supabase/auth/jwks.ts";
import { agreesWithKeys } from "../../supabase/functions/_clerk-supabase/clerk/event_instance.ts";
import { readServiceConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { askDatabase } from "./ask.ts";
import { type Installation, tryRead } from "./installation.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";

/**
 * Checks the binding. The database refuses events and reconcile runs of any other instance.
 *
 * @param installation The variables and the network.
 * @param keys The instance's signing keys; their ids name it.
 * @returns The result.
 */
export async function checkBoundInstance(
  { target: { env }, fetch }: Installation,
  keys: readonly SigningKey[],
): Promise<CheckResult> {
  const name = "bound-instance";
  const { value: service, missing } = tryRead(() => readServiceConfig(env));
  if (!service) return skipped(name, missing);
  const { answer } = await askDatabase(fetch, service, "clerk_instance");
  if (answer?.status !== 200) return skipped(name, "the database did not answer");
  if (!isObject(answer.body)) return ok(name, "the database is not bound yet: the first event or reconcile binds it");
  const bound = String(answer.body.instance_id);
  const agrees = agreesWithKeys(bound, keys.map(({ kid }) => kid));
  if (agrees === undefined) return skipped(name, `there are no signing keys to compare the bound ${bound} with`);
  if (agrees) return ok(name, `the database is bound to ${bound}, the instance of the keys`);
  const { kid } = keys.find(({ kid }) => kid.startsWith("ins_"))!;
  return failed(
    name,
    `the database is bound to the Clerk instance ${bound}, but the keys belong to ${kid}: its events are refused`,
    `Use the keys of ${bound}; or, if the project moved, run ${commandLine(`reconcile --bind ${kid}`)}`,
  );
}
