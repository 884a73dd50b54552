/**
 * Serves a page that uses the real clerk-js with the simulator, like an adopter's front end.
 *
 * @module
 */
import { CLERK_JS, readNpmFile } from "../../../dev/npm_files.ts";
import { documentedCode } from "../project/documented.ts";
import type { TestStack } from "../stack/stack.ts";

/** The page's server. */
export interface ClerkPage {
  url: string;
  close: () => Promise<void>;
}

/** The part of clerk-js that tests call, which is `Clerk` on the page. */
export interface ClerkJs {
  load: (options: Record<string, unknown>) => Promise<void>;
  client: {
    signUp: { create: (input: Record<string, unknown>) => Promise<Attempt> };
    signIn: { create: (input: Record<string, unknown>) => Promise<Attempt> };
  };
  setActive: (options: { session?: string | null; organization?: string | null }) => Promise<void>;
  createOrganization: (input: { name: string }) => Promise<ClerkJsOrganization>;
  organization?: ClerkJsOrganization | null;
  session?: { id: string; getToken: (options?: { skipCache?: boolean }) => Promise<string | null> } | null;
  user?: ClerkJsUser | null;
  signOut: (done: () => void) => Promise<void>;
}

/** A page of a list. */
interface ClerkJsPage<T> {
  data: T[];
  total_count: number;
}

/** An organization on the page. */
export interface ClerkJsOrganization {
  id: string;
  name: string;
  slug: string;
  update: (input: { name: string }) => Promise<ClerkJsOrganization>;
  destroy: () => Promise<void>;
  getMemberships: () => Promise<ClerkJsPage<ClerkJsMembership>>;
  getRoles: () => Promise<ClerkJsPage<{ key: string }>>;
  getInvitations: () => Promise<ClerkJsPage<{ id: string; emailAddress: string; revoke: () => Promise<unknown> }>>;
  inviteMember: (input: { emailAddress: string; role: string }) => Promise<{ id: string; status: string }>;
  addMember: (input: { userId: string; role: string }) => Promise<ClerkJsMembership>;
  updateMember: (input: { userId: string; role: string }) => Promise<ClerkJsMembership>;
  removeMember: (userId: string) => Promise<ClerkJsMembership>;
}

/** A membership on the page. */
interface ClerkJsMembership {
  id: string;
  role: string;
  organization: { id: string };
  publicUserData?: { userId?: string };
}

/** A sign-up or a sign-in. */
interface Attempt {
  status: string;
  createdSessionId: string;
}

/** The user of the page. */
interface ClerkJsUser {
  id: string;
  firstName: string | null;
  unsafeMetadata: Record<string, unknown>;
  primaryEmailAddress: { emailAddress: string } | null;
  emailAddresses: Array<{ emailAddress: string; verification: { status: string | null } }>;
  update: (input: Record<string, unknown>) => Promise<ClerkJsUser>;
  updateMetadata: (input: { unsafeMetadata: Record<string, unknown> }) => Promise<ClerkJsUser>;
  delete: () => Promise<void>;
  organizationMemberships: ClerkJsMembership[];
  getOrganizationMemberships: () => Promise<ClerkJsPage<ClerkJsMembership>>;
  getOrganizationInvitations: () => Promise<
    ClerkJsPage<{ id: string; publicOrganizationData: { name: string }; accept: () => Promise<unknown> }>
  >;
  leaveOrganization: (organizationId: string) => Promise<unknown>;
}

/**
 * Serves the page on its own port.
 *
 * @param stack The stack whose simulator the page uses.
 * @param proxied Whether the page reaches the Frontend API through its own server instead of the simulator's port.
 * @returns The page's server.
 */
export async function serveClerkPage({ clerk, clerkUrl }: TestStack, proxied = false): Promise<ClerkPage> {
  const script = (await documentedCode("docs/local-stack.md", "data-clerk-proxy-url"))
    .replace("pk_test_…", clerk.variables.CLERK_PUBLISHABLE_KEY!)
    .replace("http://127.0.0.1:54350", proxied ? "" : clerkUrl);
  const page = `<!doctype html>\n<title>clerk-js</title>\n${script}`;
  const policy = `default-src 'self'; connect-src 'self' ${proxied ? "" : clerkUrl}; worker-src blob:`;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname.startsWith("/__clerk/")) return pass(clerkUrl + pathname + search, request);
    if (pathname === "/clerk.browser.js") return answerScript();
    if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
    return new Response(page, { headers: { "content-type": "text/html", "content-security-policy": policy } });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}

/** Reads clerk-js on a browser's first request, because the package is large and there may be no browser. */
async function answerScript(): Promise<Response> {
  return new Response(await readNpmFile(CLERK_JS), { headers: { "content-type": "text/javascript" } });
}

/** Forwards a request without its signal, which Deno aborts after the response. */
async function pass(url: string, { method, headers, body }: Request): Promise<Response> {
  return await fetch(url, { method, headers, body, redirect: "manual" });
}
