/**
 * The check of the deployed functions' own report.
 *
 * @module
 */
import { readServiceConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { VERSION } from "../../supabase/functions/_clerk-supabase/version.ts";
import type { HttpAnswer } from "../call.ts";
import { ask, describeAnswer } from "./ask.ts";
import { fixForSilence, type Installation, tryRead } from "./installation.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";
import { DEPLOY } from "./webhook_answer.ts";

/**
 * Calls the deployed `health`, which checks the variables that cannot be read from outside.
 *
 * @param installation The project and the network.
 * @returns The result.
 */
export async function checkHealth({ target, fetch }: Installation): Promise<CheckResult> {
  const name = "health";
  const { value: service, missing } = tryRead(() => readServiceConfig(target.env));
  if (!service) return skipped(name, missing);
  const { answer, silence } = await ask(fetch, `${target.url}/functions/v1/health`, {
    headers: { apikey: service.key },
  });
  if (!answer) return failed(name, `the project cannot be reached: ${silence}`, fixForSilence(target));
  const parts = isObject(answer.body) && isObject(answer.body.parts) ? answer.body.parts : undefined;
  if (parts && isWell(answer)) {
    return ok(name, `the deployed functions have their variables, database and signing keys${otherVersion(answer)}`);
  }
  if (!parts) return failed(name, describeStrange(answer), DEPLOY);
  const wrong = Object.keys(parts).filter((part) => isObject(parts[part]) && parts[part].status !== "ok");
  const names = variableNames(parts.variables);
  if (names.length > 0) {
    const fix = `supabase secrets set ${names.map((variable) => `${variable}=…`).join(" ")} (see .env.example)`;
    return failed(name, `deployed variables are missing or malformed: ${names.join(", ")}`, fix);
  }
  if (wrong.length === 1 && wrong[0] === "instance") {
    return failed(
      name,
      "the deployed CLERK_INSTANCE_ID is not the instance of the signing keys, so the webhook refuses every event",
      "supabase secrets unset CLERK_INSTANCE_ID, because the signing keys name the instance; or set it to their kid",
    );
  }
  return failed(
    name,
    `the deployed functions report faults in: ${wrong.join(", ")}`,
    "Fix the faults that the other checks report, then run the doctor again",
  );
}

/**
 * Returns whether an answer comes from `health` and reports no fault. A sign-in page, or another function of that name,
 * may answer 200 too.
 *
 * @param answer The answer.
 * @returns Whether its status is `ok`.
 */
export function isWell({ status, body }: HttpAnswer): boolean {
  return status === 200 && isObject(body) && body.status === "ok";
}

/**
 * Describes an answer that is not the report of `health`.
 *
 * @param answer The answer.
 * @returns A clause.
 */
export function describeStrange(answer: HttpAnswer): string {
  const text = `the deployed health answers ${describeAnswer(answer)}`;
  return answer.status === 200 ? `${text}, but the body is not a health report` : text;
}

/** A different version is reported, but is not a fault. */
function otherVersion({ body }: HttpAnswer): string {
  const version = isObject(body) ? body.version : undefined;
  if (typeof version !== "string" || version === VERSION || !/^\d{1,4}(\.\d{1,4}){2}$/.test(version)) return "";
  return `; their version is ${version}, this one is ${VERSION}`;
}

/** Filters for plain variable names, because any service may answer there. */
function variableNames(part: unknown): string[] {
  const names = isObject(part) && Array.isArray(part.names) ? part.names : [];
  return names.filter((name): name is string => typeof name === "string" && /^[A-Z][A-Z_]{2,60}$/.test(name));
}
