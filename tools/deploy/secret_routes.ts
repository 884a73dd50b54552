/**
 * The management API's routes for setting, listing and unsetting a project's secrets.
 *
 * @module
 */
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { type ApiRequest, refusal, type Routes } from "./routes.ts";

/** The platform's limits: https://supabase.com/docs/guides/functions/limits */
const LIMITS = { secrets: 100, name: 256, value: 48 * 1024 };

interface Secret {
  name: string;
  value: string;
}

/** Creates the routes, and a view of the secrets. */
export function createSecretRoutes(): { routes: Routes; all: () => Map<string, string> } {
  const secrets = new Map<string, string>();

  const set = ({ json }: ApiRequest): Response => {
    if (!Array.isArray(json) || !json.every(isSecret)) return refusal(400, "Expected a list of names and values");
    const wrong = json.map(problemOf).find((problem) => problem !== undefined);
    if (wrong !== undefined) return refusal(400, wrong);
    if (new Set([...secrets.keys(), ...json.map(({ name }) => name)]).size > LIMITS.secrets) {
      return refusal(400, `A project has at most ${LIMITS.secrets} secrets`);
    }
    for (const { name, value } of json) secrets.set(name, value);
    return new Response(null, { status: 201 });
  };

  const unset = ({ json }: ApiRequest): Response => {
    if (!Array.isArray(json)) return refusal(400, "Expected a list of names");
    for (const name of json) secrets.delete(String(name));
    return new Response(null, { status: 200 });
  };

  const routes: Routes = async (request) => {
    switch (`${request.method} ${request.route}`) {
      case "GET secrets":
        return Response.json(await Promise.all([...secrets].map(listed)));
      case "POST secrets":
        return set(request);
      case "DELETE secrets":
        return unset(request);
    }
  };
  return { routes, all: () => secrets };
}

function isSecret(value: unknown): value is Secret & Record<string, unknown> {
  return isObject(value) && typeof value.name === "string" && typeof value.value === "string";
}

function problemOf({ name, value }: Secret): string | undefined {
  if (name.startsWith("SUPABASE_")) return `${name}: names must not start with SUPABASE_`;
  if (name === "" || name.length > LIMITS.name) return `Names have 1 to ${LIMITS.name} characters`;
  if (new TextEncoder().encode(value).length > LIMITS.value) return `${name} has more than ${LIMITS.value} bytes`;
}

/** The platform returns a digest, never the value. */
async function listed([name, value]: [string, string]): Promise<Secret> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(value)));
  return { name, value: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
}
