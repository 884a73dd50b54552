/**
 * Clerk's prebuilt components, as people use them.
 *
 * @module
 */
import type { Page } from "playwright-core";

export const PASSWORD = "correct horse battery";
const submit = (page: Page) => page.getByRole("button", { name: "Continue", exact: true }).click();

/** Fills in `<SignUp/>`, which is on the page. */
export async function signUp(page: Page, email: string): Promise<void> {
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await submit(page);
}

/** Fills in `<SignIn/>`, which asks in two steps. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel("Email address").fill(email);
  await submit(page);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await submit(page);
}

const openUserMenu = (page: Page) => page.getByRole("button", { name: "Open user menu" }).click();

/** Signs out by `<UserButton/>`. */
export async function signOut(page: Page): Promise<void> {
  await openUserMenu(page);
  await page.getByRole("button", { name: "Sign out" }).click();
}

/** Changes the first name in `<UserProfile/>`, which `<UserButton/>` opens. */
export async function rename(page: Page, firstName: string): Promise<void> {
  await openUserMenu(page);
  await page.getByRole("button", { name: "Manage account" }).click();
  await page.getByRole("button", { name: "Update profile" }).click();
  await page.getByLabel("First name").fill(firstName);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Close modal" }).click();
}

/** Creates an organization by `<OrganizationSwitcher/>`, which makes it the active one. */
export async function createOrganization(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Open organization switcher" }).click();
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.getByRole("button", { name: "Skip" }).click();
}

/** Switches by `<OrganizationSwitcher/>`; "Personal account" is not an organization. */
export async function switchTo(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Open organization switcher" }).click();
  await page.getByRole("button", { name }).click();
}
