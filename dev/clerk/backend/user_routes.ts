/**
 * The Backend API's routes that read and change users.
 *
 * @module
 */
import { takesMetadata } from "../api_version.ts";
import { findUser } from "../changes.ts";
import { invalidParameter } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import { isClaimed } from "../identifications.ts";
import { mergeMetadata } from "../metadata.ts";
import { readBody } from "../organizations/parameters.ts";
import type { OrganizationRoutesOptions } from "../organizations/routes.ts";
import { readUserCount, readUserQuery } from "../user_query.ts";
import type { User, UserInput } from "../users.ts";
import { type MetadataInput, readNewUser, readUserChange, readUserMetadata } from "./user_input.ts";

/**
 * Returns the routes that read, create, change and delete users under `/v1/users`.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State and changes.
 * @returns The routes.
 */
export function userRoutes(route: RouteMaker, { state, changes }: OrganizationRoutesOptions): Route[] {
  return [
    route("GET", "/v1/users", (_, request) => {
      return json(state.users.list(readUserQuery(new URL(request.url).searchParams, state)));
    }),
    // Must come before the route with an id, which would read "count" as an id.
    route("GET", "/v1/users/count", (_, request) => {
      const filter = readUserCount(new URL(request.url).searchParams, state);
      return json({ object: "total_count", total_count: state.users.count(filter) });
    }),
    route("POST", "/v1/users", async (_, request) => {
      return json(await changes.createUser(readNewUser(await readBody(request))));
    }),
    route("GET", "/v1/users/:id", ({ id }) => json(findUser(state, id))),
    route("PATCH", "/v1/users/:id", async ({ id }, request) => {
      const body = await readBody(request);
      const user = findUser(state, id);
      const input = readUserChange(body, takesMetadata(request));
      checkPrimary(user, input);
      const changed = await changes.updateUser(user, input);
      if (body.sign_out_of_other_sessions === true) changes.revokeSessions(user);
      return json(changed);
    }),
    route("DELETE", "/v1/users/:id", ({ id }) => json(changes.deleteUser(findUser(state, id)))),
    ...metadataRoutes(route, { state, changes }),
  ];
}

/** Returns the routes that merge or replace metadata. Kinds of metadata that the body lacks stay as they are. */
function metadataRoutes(route: RouteMaker, { state, changes }: OrganizationRoutesOptions): Route[] {
  const path = "/v1/users/:id/metadata";
  return [
    route("PATCH", path, async ({ id }, request) => {
      const metadata = readUserMetadata(await readBody(request));
      return json(changes.changeUser(findUser(state, id), (user) => merge(user, metadata)));
    }),
    route("PUT", path, async ({ id }, request) => {
      const metadata = readUserMetadata(await readBody(request));
      return json(changes.changeUser(findUser(state, id), () => metadata));
    }),
  ];
}

function merge(user: User, metadata: MetadataInput): MetadataInput {
  const kinds = Object.keys(metadata) as Array<keyof MetadataInput>;
  return Object.fromEntries(kinds.map((kind) => [kind, mergeMetadata(user[kind], metadata[kind]!)]));
}

/** Throws unless the user has the new primary contacts and can sign in with them. */
function checkPrimary(
  user: User,
  { primary_email_address_id: address, primary_phone_number_id: number }: UserInput,
): void {
  check("primary_email_address_id", address, user.email_addresses);
  check("primary_phone_number_id", number, user.phone_numbers);
}

function check(
  param: string,
  id: string | undefined,
  known: Array<Parameters<typeof isClaimed>[0] & { id: string }>,
): void {
  if (id === undefined) return;
  const found = known.find((one) => one.id === id);
  if (!found) throw invalidParameter(param, `${param} was not found on this user`, "form_resource_not_found");
  if (!isClaimed(found)) throw invalidParameter(param, `${param} must be verified`, "form_verification_needed");
}
