/**
 * Routes that Clerk does not have, for people and pages on this machine: a token in one step, the messages, the
 * examples of Clerk's dashboard, and simulated faults.
 *
 * @module
 */
import type { Changes } from "./changes.ts";
import { ClerkError, invalidParameter } from "./errors.ts";
import { EXAMPLE_EVENTS } from "../../project/example_events.ts";
import { json, type Route, route } from "./http.ts";
import { keyIdOf } from "./keys.ts";
import { findMembership } from "./organizations/membership_routes.ts";
import { findOrganization } from "./organizations/routes.ts";
import type { State } from "./state.ts";
import type { Switches } from "./switches.ts";
import { listTimeline, replay } from "./timeline.ts";
import { mintSessionToken } from "./tokens.ts";
import type { User } from "./users.ts";
import type { Sender } from "./webhooks.ts";

/** Dependencies of the routes. */
export interface DevRoutesOptions {
  state: State;
  changes: Changes;
  sender: Sender;
  switches: Switches;
  issuer: string;
}

/**
 * Returns the routes under `/dev`, which need no key.
 *
 * @param options State, changes, sender, switches and issuer.
 * @returns The routes.
 */
export function devRoutes(options: DevRoutesOptions): Route[] {
  const { state, changes, switches, issuer } = options;
  return [
    route("POST", "/dev/token", async (_, request) => {
      const query = queryOf(request);
      const user = findByEmail(state, query.get("email"));
      const known = [...state.sessions.values()].find(({ userId }) => userId === user.id);
      const begun = known ?? changes.signIn(user);
      const organization = query.get("organization");
      const session = organization === null ? begun : changes.activate(begun, readActive(state, user, organization));
      const azp = query.get("azp") ?? undefined;
      return new Response(await mintSessionToken(state, { issuer, session, switches, azp }));
    }),
    route("GET", "/dev/code", (_, request) => new Response(findCode(state, queryOf(request)))),
    ...messageRoutes(options),
    ...switchRoutes(options),
  ];
}

function messageRoutes({ state, sender }: DevRoutesOptions): Route[] {
  return [
    route("GET", "/dev/messages", (_, request) => {
      const query = queryOf(request);
      if (!["user_id", "organization_id", "after", "id"].some((name) => query.has(name))) {
        return json([...state.messages.values()]);
      }
      const after = query.has("after") ? readMilliseconds(query, "after") : undefined;
      const filter = {
        userId: query.get("user_id") ?? undefined,
        organizationIds: query.getAll("organization_id"),
        ids: query.getAll("id"),
        after,
      };
      return json(listTimeline(state.messages.values(), filter));
    }),
    route("POST", "/dev/examples", (_, request) => {
      const type = queryOf(request).get("type");
      const events = EXAMPLE_EVENTS.filter((event) => type === null || event.type === type);
      if (events.length === 0) throw invalidParameter("type", "type must be the type of an example event");
      const messages = events.map((event) => sender.send(event.type, event));
      return json(listTimeline(messages, {}));
    }),
    route("POST", "/dev/messages/replay", async (_, request) => {
      const query = queryOf(request);
      const userId = query.get("user_id");
      if (userId === null) throw invalidParameter("user_id", "user_id is required", "form_param_missing");
      const freshIds = query.get("fresh_ids") === "true";
      return json(await replay(state.messages.values(), sender, userId, query.get("order") ?? "", freshIds));
    }),
    route("POST", "/dev/messages/:id/resend", async ({ id = "" }) => {
      if (!state.messages.has(id)) throw new ClerkError(404, "resource_not_found", "No message was found with this id");
      return json(await sender.resend(id));
    }),
  ];
}

/** Returns the routes of the switches, each of which answers with the current value of every switch. */
function switchRoutes({ state, changes, switches }: DevRoutesOptions): Route[] {
  const show = () =>
    json({
      outage: switches.outage,
      delay_ms: switches.delayMs,
      key_id: keyIdOf(state.instance),
      organizations: switches.organizations,
      cascades: switches.cascades,
      token_version: switches.tokenVersion,
      verify_at_sign_up: switches.verifyAtSignUp,
    });
  const turn = (path: string, set: (on: boolean) => void) =>
    route("POST", path, (_, request) => {
      set(readOn(queryOf(request)));
      return show();
    });
  return [
    route("GET", "/dev/switches", show),
    turn("/dev/outage", (on) => switches.outage = on),
    turn("/dev/organizations", (on) => switches.organizations = on),
    turn("/dev/cascades", (on) => switches.cascades = on),
    turn("/dev/verify-at-sign-up", (on) => switches.verifyAtSignUp = on),
    route("POST", "/dev/token-version", (_, request) => {
      const version = queryOf(request).get("version");
      if (version !== "1" && version !== "2") throw invalidParameter("version", "version must be 1 or 2");
      switches.tokenVersion = version === "1" ? 1 : 2;
      return show();
    }),
    route("POST", "/dev/delay", (_, request) => {
      switches.delayMs = readMilliseconds(queryOf(request), "ms");
      return show();
    }),
    route("POST", "/dev/rotate-keys", async () => {
      await changes.rotateKeys();
      return show();
    }),
  ];
}

function readOn(query: URLSearchParams): boolean {
  const on = query.get("on");
  if (on === "true" || on === "false") return on === "true";
  throw invalidParameter("on", "on must be true or false");
}

/** Returns the id of the user's organization with this id or slug; undefined for an empty text. */
function readActive(state: State, { id }: User, name: string): string | undefined {
  if (name === "") return undefined;
  const organization = state.organizations.findBySlug(name) ?? findOrganization(state, name);
  return findMembership(state, organization.id, id).organization_id;
}

function queryOf(request: Request): URLSearchParams {
  return new URL(request.url).searchParams;
}

function readMilliseconds(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? "";
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalidParameter(name, `${name} must be a whole number of milliseconds`);
}

/** Returns the newest code that was sent to an address or a phone number. */
function findCode({ messages }: State, query: URLSearchParams): string {
  const to = query.get("to")?.toLowerCase();
  for (const { type, body } of [...messages.values()].reverse()) {
    if (type !== "email.created" && type !== "sms.created") continue;
    const { data } = JSON.parse(body);
    if (to === (data.to_email_address ?? data.to_phone_number)) return data.data.otp_code;
  }
  throw new ClerkError(404, "resource_not_found", "No code was sent to this address or phone number");
}

function findByEmail(state: State, email: string | null): User {
  if (email === null) throw invalidParameter("email", "email is required", "form_param_missing");
  const user = state.users.findByAddress(email);
  if (!user) throw new ClerkError(404, "resource_not_found", "No user was found with this address");
  return user;
}
