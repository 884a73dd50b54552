/**
 * Operates the demo page as its visitors do.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type { Stack } from "../../dev/stack.ts";
import { eventually } from "../../project/eventually.ts";

/** A user who signs up; all users have the same password. */
export interface Visitor {
  name: string;
  email: string;
}

export const PASSWORD = "correct horse battery staple";

/** Calls the functions once, because their first answer takes longer than the page waits for a webhook. */
export async function warmUp(stack: Stack): Promise<void> {
  await stack.workers.warm();
  const authorization = `Bearer ${stack.clerk.state.instance.secretKey}`;
  const body = JSON.stringify({ email_address: ["first@example.com"] });
  await (await fetch(`${stack.clerkUrl}/v1/users`, { method: "POST", headers: { authorization }, body })).body
    ?.cancel();
  await eventually(async () => {
    const rows = await stack.database.query("select from public.users where email = 'first@example.com'");
    assertEquals(rows.length, 1);
  });
}

/** Opens the page, signed out. */
export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
}

/** Signs up, and waits until the webhook has written the row. */
export async function signUp(page: Page, { name, email }: Visitor): Promise<void> {
  const form = page.locator("#sign-up");
  await form.getByLabel("First name").fill(name);
  await form.getByLabel("Email").fill(email);
  await form.getByLabel("Password").fill(PASSWORD);
  await form.getByRole("button", { name: "Sign up" }).click();
  await page.getByText("Written by clerk-webhook").waitFor();
  await page.locator("#row dd").first().waitFor();
}

/** Adds a resume, and waits until it is in the list. */
export async function addResume(page: Page, title: string): Promise<void> {
  await page.getByLabel("Title").fill(title);
  await page.getByRole("button", { name: "Add resume" }).click();
  await page.getByRole("listitem").filter({ hasText: title }).waitFor();
}

/** Changes the first name, and waits until the row has it. */
export async function rename(page: Page, name: string): Promise<void> {
  await page.locator("#rename").getByLabel("First name").fill(name);
  await page.getByRole("button", { name: "Change at Clerk" }).click();
  await page.getByText(`The webhook has landed: the row says ${name}.`).waitFor();
}

/** Presses a button that delivers messages again; returns the page's message about it. */
export async function replay(page: Page, button: string): Promise<string> {
  await page.getByRole("button", { name: button }).click();
  const result = page.locator("#replay-result[data-equal]");
  await result.waitFor();
  return (await result.textContent())!;
}

/** Waits until the timeline shows exactly these deliveries, as `<type> <outcome>`, the oldest first. */
export async function seesDeliveries(page: Page, expected: string[]): Promise<void> {
  await eventually(async () => {
    const shown = await page.locator("#deliveries .what").evaluateAll((items) =>
      items.map((item) => [...item.children].map(({ textContent }) => textContent).join(" "))
    );
    assertEquals(shown.reverse(), expected);
  });
}
