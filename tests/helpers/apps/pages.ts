/**
 * What the pages of the examples show, and the cookies that they come with.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import type { Page, Response as PageResponse } from "playwright-core";
import type { Visit } from "../../../tools/browser/chromium.ts";
import { forge, request } from "../clerk/clerk.ts";
import type { ClerkJs } from "../clerk/clerk_page.ts";
import { eventually, type TestStack } from "../stack/stack.ts";

declare const Clerk: ClerkJs;

/** Waits until a part of the page shows JSON with these fields; returns all of it. */
export async function sees(
  page: Page,
  part: string,
  expected: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  await page.getByTestId(part).waitFor();
  return await eventually(async () => {
    const shown = JSON.parse(await page.getByTestId(part).textContent() ?? "");
    for (const [field, value] of Object.entries(expected)) assertEquals(shown[field], value, field);
    return shown;
  });
}

/**
 * Lets the session token in a page's cookies expire, as it does a minute after the page is left, and loads the page.
 *
 * @param page The page, which is signed in.
 * @param stack Whose Clerk signed the token.
 * @returns The answers on the way to the page, the page's own last.
 */
export async function loadWithExpiredToken(page: Page, stack: TestStack): Promise<PageResponse[]> {
  const url = page.url();
  // clerk-js would refresh the cookies.
  await page.goto("about:blank");
  const context = page.context();
  const cookies = (await context.cookies(url)).filter(({ name }) => /^__session(_|$)/.test(name));
  assert(cookies.length > 0, "the page is not signed in");
  const { sub, sid } = decodeJwt(cookies[0]!.value);
  const now = Math.floor(Date.now() / 1000);
  const expired = await forge(stack, { sub, sid, iat: now, nbf: now - 60, exp: now - 30, azp: new URL(url).origin });
  await context.addCookies(cookies.map((cookie) => ({ ...cookie, value: expired })));
  const answers: PageResponse[] = [];
  page.on("response", (answer) => answer.request().isNavigationRequest() && answers.push(answer));
  await page.goto(url);
  return answers;
}

/** The reason of the handshake that an answer asks for; undefined if it asks for none. */
export function handshakeReason(answer: PageResponse): string | undefined {
  const location = answer.headers().location;
  // Next.js shortens it.
  return location && new URL(location, answer.url()).searchParams.get("__clerk_hs_reason") || undefined;
}

/** Which origins a visit asked that are not servers of this machine: there must be none. */
export function foreignOrigins({ origins }: Visit): string[] {
  return [...origins].filter((origin) => !/^http:\/\/(localhost|127\.0\.0\.1):/.test(origin));
}

/** Takes out of a visit's complaints that a page asked once more while its user signed out or was deleted. */
export function expectRefusals({ errors }: Visit): void {
  const others = errors.splice(0).filter((error) => !/status of (401|404|410)/.test(error));
  assertEquals(others, []);
}

/** Has clerk-js fetch a new session token, as it does every minute. It signs the page out if the session is gone. */
export async function refreshToken(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await Clerk.session?.getToken({ skipCache: true }).catch(() => null);
  });
}

/** Deletes the user of a page on the server, as soon as the page has a token of its own, and waits for the webhook. */
export async function deleteUser(page: Page, stack: TestStack, userId: unknown): Promise<void> {
  await page.getByRole("button", { name: "Open user menu" }).waitFor();
  await refreshToken(page);
  await request(stack, "DELETE", `/v1/users/${userId}`);
  await eventually(async () => {
    const { data } = await stack.admin.from("users").select("id").eq("clerk_user_id", String(userId));
    assertEquals(data, []);
  });
}
