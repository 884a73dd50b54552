/**
 * The Frontend API's routes of the caller's own account.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import { json, type Route } from "../http.ts";
import { mergeMetadata } from "../metadata.ts";
import { isPassword } from "../passwords.ts";
import { sessionObject } from "../sessions.ts";
import type { ClerkSession, State } from "../state.ts";
import { publicUserData, type User, type UserInput } from "../users.ts";
import { answer, type Caller, findCaller, type FrontendOptions, frontendRoute } from "./answers.ts";
import { contactRoutes, requireVerified } from "./contacts.ts";
import { endSessions } from "./enter.ts";
import { readForm, readProfile, required } from "./forms.ts";
import { userResource } from "./resources.ts";

/**
 * Returns the routes under `/me`.
 *
 * @param options State and changes.
 * @returns The routes.
 */
export function meRoutes(options: FrontendOptions): Route[] {
  return [
    ...profileRoutes(options),
    ...passwordRoutes(options),
    ...contactRoutes(options),
    ...ownSessionRoutes(options),
  ];
}

function profileRoutes(options: FrontendOptions): Route[] {
  const { state, changes } = options;
  const find = (request: Request) => findCaller(state, request);
  return [
    frontendRoute("GET", "/me", (_, request) => {
      const { client, user } = find(request);
      return answer(options, request, client, userResource(state, user));
    }),
    frontendRoute("PATCH", "/me", async (_, request) => {
      const form = await readForm(request);
      const { client, user } = find(request);
      const changed = await changes.updateUser(user, { ...readProfile(form), ...readPrimary(form, user) });
      return await answer(options, request, client, userResource(state, changed));
    }),
    frontendRoute("PATCH", "/me/metadata", async (_, request) => {
      const { client, user } = find(request);
      const { unsafe_metadata = {} } = readProfile(await readForm(request));
      const merged = mergeMetadata(user.unsafe_metadata, unsafe_metadata);
      const changed = await changes.updateUser(user, { unsafe_metadata: merged });
      return await answer(options, request, client, userResource(state, changed));
    }),
    frontendRoute("DELETE", "/me", (_, request) => {
      const { client, user } = find(request);
      return answer(options, request, client, changes.deleteUser(user));
    }),
  ];
}

function readPrimary(form: URLSearchParams, user: User): UserInput {
  const input: UserInput = {};
  for (const name of ["primary_email_address_id", "primary_phone_number_id"] as const) {
    const id = form.get(name);
    if (id === null) continue;
    requireVerified(user, name, id);
    input[name] = id;
  }
  return input;
}

function passwordRoutes(options: FrontendOptions): Route[] {
  const { state, changes } = options;
  return [
    frontendRoute("POST", "/me/change_password", async (_, request) => {
      const { client, user, session } = findCaller(state, request);
      const form = await readForm(request);
      const password = required(form, "new_password");
      await requireCurrentPassword(state, user.id, form.get("current_password"));
      const changed = await changes.updateUser(user, { password });
      if (form.get("sign_out_of_other_sessions") === "true") endSessions(options, user.id, session.id);
      return await answer(options, request, client, userResource(state, changed));
    }),
  ];
}

/** Checks the current password. A user without a password may set one without it. */
async function requireCurrentPassword({ passwords }: State, userId: string, password: string | null): Promise<void> {
  const kept = passwords.get(userId);
  if (!kept || (password !== null && await isPassword(password, kept))) return;
  const param = "current_password";
  if (password === null) throw new ClerkError(422, "form_param_missing", `${param} is required`, { param });
  throw new ClerkError(422, "form_password_incorrect", "Password is incorrect. Try again.", { param });
}

/** Returns the routes of the caller's sessions in every browser. */
function ownSessionRoutes(options: FrontendOptions): Route[] {
  const { state, changes } = options;
  return [
    // Not wrapped, as clerk-js expects it.
    ...["", "/active"].map((end) =>
      frontendRoute("GET", `/me/sessions${end}`, (_, request) => {
        const caller = findCaller(state, request);
        return json(sessionsOfUser(state, caller).map((session) => activityResource(state, caller, session)));
      })
    ),
    frontendRoute("POST", "/me/sessions/:id/revoke", ({ id }, request) => {
      const caller = findCaller(state, request);
      const session = sessionsOfUser(state, caller).find((session) => session.id === id);
      if (!session) throw new ClerkError(404, "resource_not_found", "No session was found with this id");
      const revoked = activityResource(state, caller, changes.signOut(session, "revoked"));
      return answer(options, request, caller.client, revoked);
    }),
  ];
}

function sessionsOfUser({ sessions }: State, { user }: Caller): ClerkSession[] {
  return [...sessions.values()].filter(({ userId }) => userId === user.id);
}

function activityResource(state: State, { user }: Caller, session: ClerkSession): Record<string, unknown> {
  return {
    ...sessionObject(state, session),
    user: null,
    public_user_data: publicUserData(user),
    latest_activity: {
      object: "session_activity",
      id: session.id.replace(/^sess_/, "sess_activity_"),
      browser_name: null,
      browser_version: null,
      device_type: null,
      ip_address: "127.0.0.1",
      city: null,
      country: null,
      is_mobile: false,
    },
  };
}
