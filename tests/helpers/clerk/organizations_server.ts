/**
 * A Backend API with organizations in memory that forwards requests about users to the simulator.
 *
 * @module
 */
import { listen } from "../../../project/listen.ts";
import type { ClerkObject, ClerkPage } from "../../../supabase/functions/_clerk-supabase/clerk/organizations_api.ts";
import type { FakeOrganizations } from "./organizations_api.ts";

/** A running server. */
export interface OrganizationsServer {
  url: string;
  stop: () => Promise<void>;
}

/**
 * Serves organizations, and forwards everything else.
 *
 * @param clerk The organizations.
 * @param others The address of the simulator.
 * @returns The server.
 */
export function serveOrganizations(clerk: FakeOrganizations, others: () => string): OrganizationsServer {
  const port = listen(0);
  port.serve(async (request) => {
    const { pathname, search, searchParams } = new URL(request.url);
    const query = { limit: Number(searchParams.get("limit")), offset: Number(searchParams.get("offset")) };
    const [, organization, list] = /^\/v1\/organizations\/([^/]+)(\/memberships)?$/.exec(pathname) ?? [];
    const users = searchParams.getAll("user_id");
    if (list) {
      return answerPage(
        clerk,
        await clerk.listMembershipsOf(organization!, { ...query, ...(users[0] && { user_id: users }) }),
      );
    }
    if (organization) return answerOne(clerk, (await clerk.findOrganization(organization)).organization);
    const ids = searchParams.getAll("organization_id");
    if (pathname === "/v1/organizations") {
      return answerPage(clerk, await clerk.listOrganizations({ ...query, ...(ids[0] && { organization_id: ids }) }));
    }
    if (pathname === "/v1/organization_memberships") return answerPage(clerk, await clerk.listMemberships(query));
    return await fetch(others() + pathname + search, { headers: request.headers });
  });
  return { url: port.url, stop: () => port.close() };
}

function answerPage(clerk: FakeOrganizations, page: ClerkPage | undefined): Response {
  if (!page) return refuse(clerk);
  return Response.json({ data: page.items, total_count: page.total }, { headers: { date: new Date().toUTCString() } });
}

function answerOne(clerk: FakeOrganizations, object: ClerkObject | undefined): Response {
  return object ? Response.json(object, { headers: { date: new Date().toUTCString() } }) : refuse(clerk);
}

function refuse({ isDisabled }: FakeOrganizations): Response {
  const [status, code] = isDisabled ? [403, "organization_not_enabled_in_instance"] : [404, "resource_not_found"];
  return Response.json({ errors: [{ code }] }, { status, headers: { date: new Date().toUTCString() } });
}
