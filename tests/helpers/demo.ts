/**
 * The demo page as its visitors use it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { eventually } from "./stack.ts";

/** Who signs up; the password is the same for everybody. */
export interface Visitor {
  name: string;
  email: string;
}

export const PASSWORD = "correct horse battery staple";

/** Opens the page, signed out. */
export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
}

/** Signs up, and waits for the row that the webhook brings. */
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

/** Waits until the timeline shows exactly these deliveries, as `type outcome`, the oldest first. */
export async function seesDeliveries(page: Page, expected: string[]): Promise<void> {
  await eventually(async () => {
    const shown = await page.locator("#deliveries .what").evaluateAll((items) =>
      items.map((item) => [...item.children].map(({ textContent }) => textContent).join(" "))
    );
    assertEquals(shown.reverse(), expected);
  });
}
