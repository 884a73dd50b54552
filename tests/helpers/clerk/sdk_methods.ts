/**
 * Every method of `@clerk/backend`, and what the simulator answers to it.
 *
 * @module
 */
import { type ClerkClient, createClerkClient } from "@clerk/backend";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { createGrant, withTokens } from "../../../dev/clerk/oauth/grants.ts";
import { listen } from "../../../project/listen.ts";
import { type TestSimulator, withSimulator } from "./simulator.ts";
import { SIMULATED, type Subjects } from "./sdk_calls.ts";

/** What became of a method. */
export interface Outcome {
  /** `object.method` */
  name: string;
  /** The requests that it made, as `METHOD /path`. */
  requests: string[];
  /** `undefined` if the method succeeded. */
  error: string | undefined;
}

/** Arguments of methods that {@linkcode anything} does not suit. */
const ARGUMENTS: Record<string, unknown[]> = {
  "users.getUserOauthAccessToken": ["user_1", "google"],
  "m2m.verify": [{ token: "mt_1" }],
  "emails.createBatch": [[{ to: { userId: "user_1" } }]],
  "__experimental_accountlessApplications.createAccountlessApplication": [],
  "__experimental_accountlessApplications.completeAccountlessApplicationOnboarding": [],
};

/** Calls every method of the SDK, one after the other. */
export async function callEveryMethod(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  await withSimulator({}, async (simulator) => {
    const requests: string[] = [];
    const recorder = listen(0);
    recorder.serve(async ({ method, url, headers, body }) => {
      const { pathname, search } = new URL(url);
      requests.push(`${method} ${pathname}`);
      const text = body && await new Response(body).text();
      return await simulator.fetch(new Request(simulator.url + pathname + search, { method, headers, body: text }));
    });
    const options = { apiUrl: recorder.url, secretKey: simulator.secretKey, telemetry: { disabled: true } };
    const clerk = createClerkClient({ ...options, machineSecretKey: "ak_1" });
    const subjects = await createSubjects(clerk, simulator);
    try {
      for (const name of namesOf(clerk)) {
        requests.length = 0;
        const error = await failureOf(() => call(clerk, name, subjects));
        outcomes.push({ name, requests: [...requests], error });
      }
    } finally {
      await recorder.close();
    }
  });
  return outcomes;
}

/** The methods that have a call of their own come first, in the order of those calls. */
function namesOf(clerk: ClerkClient): string[] {
  const names = Object.entries(clerk).flatMap(([object, api]) => {
    // What has no `request` talks to something else than the Backend API.
    if (typeof api !== "object" || !("request" in api)) return [];
    return Object.getOwnPropertyNames(Object.getPrototypeOf(api)).filter((name) => name !== "constructor").map((name) =>
      `${object}.${name}`
    );
  });
  return [...Object.keys(SIMULATED), ...names.filter((name) => !Object.hasOwn(SIMULATED, name))];
}

function call(clerk: ClerkClient, name: string, subjects: Subjects): unknown {
  const simulated = SIMULATED[name];
  if (simulated) return simulated(clerk, subjects);
  const [object = "", method = ""] = name.split(".");
  const api = clerk[object as keyof ClerkClient] as unknown as Record<string, (...parameters: unknown[]) => unknown>;
  return api[method]!(...ARGUMENTS[name] ?? [anything(), anything()]);
}

async function failureOf(run: () => unknown): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return isClerkAPIResponseError(error) ? `${error.status} ${error.errors[0]?.code}` : String(error);
  }
}

/** Is an id, and an object in which every field is one. */
function anything(): unknown {
  return new Proxy({}, {
    get: (_, name) => {
      if (name === Symbol.toPrimitive || name === "toString") return () => "id_1";
      return typeof name === "symbol" || name === "then" ? undefined : "id_1";
    },
  });
}

async function createSubjects(clerk: ClerkClient, { url, state }: TestSimulator): Promise<Subjects> {
  const { clients, oauthGrants } = state;
  let users = 0;
  const newUser = async () => {
    const number = ++users;
    const phoneNumber = [`+1555555${String(number).padStart(4, "0")}`];
    const account = { emailAddress: [`user${number}@example.com`], phoneNumber, password: "correct horse" };
    return (await clerk.users.createUser(account)).id;
  };
  const userId = await newUser();
  const role = { name: "Billing", key: "org:billing", description: "Pays" };
  const permission = { name: "Read bills", key: "org:bills:read", description: "Reads them" };
  const now = Date.now();
  clients.set("secret_1", { id: "client_1", createdAt: now, updatedAt: now, activeSessionId: null });
  const { id: oauthApplicationId, clientId: client_id } = await clerk.oauthApplications.create({ name: "App" });
  const asked = { client_id, user_id: userId, scopes: [], redirect_uri: "", nonce: null, challenge: null };
  const grant = withTokens(createGrant(asked, now), now);
  oauthGrants.set(grant.id, grant);
  return {
    userId,
    otherId: await newUser(),
    organizationId: (await clerk.organizations.createOrganization({ name: "Acme", createdBy: userId })).id,
    roleId: (await clerk.organizationRoles.createOrganizationRole(role)).id,
    permissionId: (await clerk.organizationPermissions.createOrganizationPermission(permission)).id,
    sessionId: (await clerk.sessions.createSession({ userId })).id,
    ...{ oauthApplicationId, accessToken: grant.access_token },
    ...{ clientToken: "secret_1", clientId: "client_1", newUser, handshakeNonce: await shakeHands(url) },
  };
}

/** Loads a page through an app's server, as far as the nonce. */
async function shakeHands(url: string): Promise<string> {
  const target = `${url}/__clerk/v1/client/handshake?format=nonce&redirect_url=http://127.0.0.1/`;
  const { headers } = await fetch(target, { redirect: "manual" });
  return new URL(headers.get("location")!).searchParams.get("__clerk_handshake_nonce")!;
}
