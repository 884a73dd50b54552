/**
 * The Backend API's routes of organizations.
 *
 * @module
 */
import { takesMetadata } from "../api_version.ts";
import type { Changes } from "../changes.ts";
import { ClerkError, invalidParameter } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import { mergeMetadata } from "../metadata.ts";
import type { State } from "../state.ts";
import type { Switches } from "../switches.ts";
import { listOrganizations, pageObject } from "./lists.ts";
import type { Organization } from "./organizations.ts";
import { type Body, readBody, readMetadata, readOrganization, requireText } from "./parameters.ts";
import { organizationObject } from "./objects.ts";

/** Dependencies of the routes. */
export interface OrganizationRoutesOptions {
  state: State;
  changes: Changes;
}

/**
 * Returns the routes under `/v1/organizations`.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State and changes.
 * @returns The routes.
 */
export function organizationRoutes(route: RouteMaker, { state, changes }: OrganizationRoutesOptions): Route[] {
  const { organizations } = changes;
  const show = (organization: Organization, hasCounts = false) => organizationObject(state, organization, hasCounts);
  const find = (id: string | undefined) => findOrganization(state, id);
  return [
    route("GET", "/v1/organizations", (_, request) => {
      const parameters = new URL(request.url).searchParams;
      return json(pageObject(listOrganizations(state, parameters), (one) => show(one, wantsCounts(parameters))));
    }),
    route("POST", "/v1/organizations", async (_, request) => {
      const body = await readBody(request);
      requireText(body, "name");
      return json(show(organizations.create(readOrganization(body))));
    }),
    route("GET", "/v1/organizations/:id", ({ id = "" }, request) => {
      const organization = state.organizations.findBySlug(id) ?? find(id);
      return json(show(organization, wantsCounts(new URL(request.url).searchParams)));
    }),
    route("PATCH", "/v1/organizations/:id", async ({ id }, request) => {
      const body = await readBody(request);
      checkMetadata(body, request);
      const input = readOrganization(body);
      return json(show(organizations.update(find(id), input)));
    }),
    route("DELETE", "/v1/organizations/:id", ({ id }) => json(organizations.delete(find(id)))),
    // Only the kinds of metadata in the body are replaced.
    route("PUT", "/v1/organizations/:id/metadata", async ({ id }, request) => {
      const metadata = readMetadata(await readBody(request));
      return json(show(organizations.update(find(id), metadata)));
    }),
    route("PATCH", "/v1/organizations/:id/metadata", async ({ id }, request) => {
      const change = readMetadata(await readBody(request));
      const organization = find(id);
      return json(show(organizations.update(organization, mergeMetadataOf(organization, change))));
    }),
  ];
}

/**
 * Finds an organization.
 *
 * @param state The simulator's state.
 * @param id The id.
 * @returns The organization.
 * @throws {ClerkError} 404 if it does not exist.
 */
export function findOrganization(state: State, id: string | undefined): Organization {
  const organization = state.organizations.get(id ?? "");
  if (organization) return organization;
  throw new ClerkError(404, "resource_not_found", "Given organization not found.");
}

/**
 * Throws if organizations are switched off.
 *
 * @param switches The switches.
 * @throws {ClerkError} 403 if organizations are switched off.
 */
export function checkOrganizations({ organizations }: Switches): void {
  if (organizations) return;
  const message = "The organizations feature is not enabled for this instance.";
  throw new ClerkError(403, "organization_not_enabled_in_instance", message);
}

/**
 * Merges both kinds of metadata as Clerk does.
 *
 * @param known The current metadata.
 * @param change The changes.
 * @returns The merged metadata of the kinds that change.
 */
export function mergeMetadataOf(
  known: Pick<Organization, "public_metadata" | "private_metadata">,
  change: Partial<Pick<Organization, "public_metadata" | "private_metadata">>,
): Partial<Pick<Organization, "public_metadata" | "private_metadata">> {
  const kinds = ["public_metadata", "private_metadata"] as const;
  return Object.fromEntries(kinds.flatMap((kind) => {
    const part = change[kind];
    return part ? [[kind, mergeMetadata(known[kind], part)]] : [];
  }));
}

/** Rejects metadata in `PATCH` for versions in which Clerk accepts it only by its own route. */
function checkMetadata(body: Body, request: Request): void {
  if (takesMetadata(request)) return;
  const name = ["public_metadata", "private_metadata"].find((name) => body[name] !== undefined);
  if (name) throw invalidParameter(name, `${name} is not a valid parameter for this request.`, "form_param_unknown");
}

function wantsCounts(parameters: URLSearchParams): boolean {
  return parameters.get("include_members_count") === "true";
}
