/**
 * Waits until the deployed functions work.
 *
 * @module
 */
import { commandLine } from "../../project/command_line.ts";
import { ask } from "../doctor/ask.ts";
import { checkHealth, describeStrange, isWell } from "../doctor/deployed.ts";
import { type CheckResult, failed, ok } from "../doctor/report.ts";
import type { CommandContext } from "../command_context.ts";

/** Seconds before each further attempt, while new functions start and secrets arrive. */
const RETRY_WAITS_SECONDS = [1, 2, 4, 8, 15];

/** The project to ask, and the environment of the request. */
export interface Asking extends Pick<CommandContext, "fetch" | "sleep" | "stop" | "now"> {
  url: string;
  /** The project's secret key, if known: the answer then names the faults. */
  key: string | undefined;
}

/**
 * Calls the deployed `health` until it reports no fault, for at most half a minute.
 *
 * @param asking The project.
 * @returns The result of the last attempt.
 */
export async function awaitHealth(asking: Asking): Promise<CheckResult> {
  let result = await askOnce(asking);
  for (const seconds of RETRY_WAITS_SECONDS) {
    if (result.status === "ok" || asking.stop.aborted) break;
    await asking.sleep(seconds * 1000);
    result = await askOnce(asking);
  }
  return result;
}

function askOnce({ fetch, now, url, key }: Asking): Promise<CheckResult> {
  return key === undefined ? askAsStranger(fetch, url) : checkHealth({
    target: { url, local: false, env: (name) => ({ SUPABASE_URL: url, SUPABASE_SECRET_KEYS: dictionary(key) })[name] },
    fetch,
    now,
    readProject: unused,
    readMigrations: unused,
    readOwnColumns: unused,
  });
}

const dictionary = (key: string) => JSON.stringify({ default: key });
const unused = () => Promise.reject(new TypeError("The check health does not read files"));

async function askAsStranger(fetch: CommandContext["fetch"], url: string): Promise<CheckResult> {
  const name = "health";
  const { answer, silence } = await ask(fetch, `${url}/functions/v1/${name}`);
  if (answer && isWell(answer)) return ok(name, "the deployed functions work");
  const detail = answer ? describeStrange(answer) : `health does not answer: ${silence}`;
  return failed(
    name,
    detail,
    `Set SUPABASE_URL and SUPABASE_SECRET_KEY, and run ${commandLine("doctor")} for the reason`,
  );
}
