/** Organizations with the real clerk-js: actions of members on a page reach the rows, the tokens and the policies. */
import { assertEquals, assertMatch } from "@std/assert";
import { decodeJwt } from "jose";
import type { Page } from "playwright-core";
import { closeBrowser, withPage } from "../../tools/browser/chromium.ts";
import { browserTestsOf } from "../helpers/browser.ts";
import { type ClerkJs, serveClerkPage } from "../helpers/clerk/clerk_page.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

declare const Clerk: ClerkJs;

const stack = await startTestStack();
const { url, close } = await serveClerkPage(stack);
const test = browserTestsOf("clerk-js: ");

/** Signs a user up; returns the user's id. */
async function signUp(page: Page, emailAddress: string): Promise<string> {
  await page.goto(url);
  return await page.evaluate(async (emailAddress) => {
    await Clerk.load({ telemetry: false });
    const { createdSessionId } = await Clerk.client.signUp.create({ emailAddress, password: "correct horse battery" });
    await Clerk.setActive({ session: createdSessionId });
    return Clerk.user!.id;
  }, emailAddress);
}

const tokenOf = (page: Page) => page.evaluate(() => Clerk.session!.getToken({ skipCache: true })) as Promise<string>;
const setActive = (page: Page, organization: string | null) =>
  page.evaluate((organization) => Clerk.setActive({ organization }), organization);

/** Returns the response of `organization` to the page's user. */
async function askOrganization(page: Page): Promise<unknown> {
  const headers = { authorization: `Bearer ${await tokenOf(page)}` };
  const response = await stack.call("organization", { headers });
  const { name, role, code } = await response.json();
  return code ?? [name, role];
}

/** Returns each member's role as the service role reads it. */
async function rights(organizationId: string): Promise<Record<string, string>> {
  const { data } = await stack.admin.from("organization_memberships")
    .select("role, users!inner(clerk_user_id), organizations!inner(clerk_organization_id)")
    .eq("organizations.clerk_organization_id", organizationId);
  return Object.fromEntries(data!.map(({ role, users }) => [users.clerk_user_id, role]));
}

test("an organization created on a page is in the token, the row and the function's response", () =>
  withPage(async (page) => {
    const ada = await signUp(page, "ada@example.com");
    const { id, slug } = await page.evaluate(async () => {
      const { id, slug } = await Clerk.createOrganization({ name: "Acme Corp" });
      return { id, slug };
    });
    assertMatch(id, /^org_/);
    assertEquals("o" in decodeJwt(await tokenOf(page)), false);
    assertEquals(await askOrganization(page), "NO_ACTIVE_ORGANIZATION");
    await setActive(page, id);
    const { v, o } = decodeJwt(await tokenOf(page));
    assertEquals([v, o], [2, { id, slg: slug, rol: "admin" }]);
    await eventually(async () => assertEquals(await rights(id), { [ada]: "org:admin" }));
    assertEquals(await askOrganization(page), ["Acme Corp", "org:admin"]);

    await page.evaluate(() => Clerk.organization!.update({ name: "Acme Ltd" }));
    await eventually(async () => assertEquals(await askOrganization(page), ["Acme Ltd", "org:admin"]));
    await setActive(page, null);
    assertEquals("o" in decodeJwt(await tokenOf(page)), false);
    await setActive(page, id);
    await page.evaluate(() => Clerk.organization!.destroy());
    await eventually(async () => assertEquals(await rights(id), {}));
  }));

test("the rights follow when members are added, promoted and removed or leave", () =>
  withPage(async (admin) => {
    const ada = await signUp(admin, "admin@example.com");
    const id = await admin.evaluate(async () => (await Clerk.createOrganization({ name: "Team" })).id);
    await setActive(admin, id);
    await withPage(async (member, visit) => {
      const eve = await signUp(member, "member@example.com");
      await admin.evaluate((userId) => Clerk.organization!.addMember({ userId, role: "org:member" }), eve);
      await eventually(async () => assertEquals(await rights(id), { [ada]: "org:admin", [eve]: "org:member" }));
      assertEquals(
        await member.evaluate(async () =>
          (await Clerk.user!.getOrganizationMemberships()).data.map(({ role }) => role)
        ),
        ["org:member"],
      );
      await setActive(member, id);
      assertEquals(await askOrganization(member), ["Team", "org:member"]);
      assertEquals(
        await member.evaluate(async (userId) => {
          try {
            await Clerk.organization!.updateMember({ userId, role: "org:admin" });
          } catch (error) {
            return (error as { errors: Array<{ code: string }> }).errors[0]!.code;
          }
        }, eve),
        "missing_organization_permission",
      );
      visit.errors.splice(0);

      await admin.evaluate((userId) => Clerk.organization!.updateMember({ userId, role: "org:admin" }), eve);
      await eventually(async () => assertEquals(await rights(id), { [ada]: "org:admin", [eve]: "org:admin" }));
      assertEquals(await askOrganization(member), ["Team", "org:admin"]);
      const shown = await admin.evaluate(async () => {
        const [members, roles] = [await Clerk.organization!.getMemberships(), await Clerk.organization!.getRoles()];
        return [members.data.map(({ role }) => role), roles.data.map(({ key }) => key).sort()];
      });
      assertEquals(shown, [["org:admin", "org:admin"], ["org:admin", "org:member"]]);

      await member.evaluate((id) => Clerk.user!.leaveOrganization(id), id);
      await eventually(async () => assertEquals(await rights(id), { [ada]: "org:admin" }));
      assertEquals(await askOrganization(member), "NO_ACTIVE_ORGANIZATION");
    });
  }));

test("an invitation can be accepted or revoked, and a removed member loses access", () =>
  withPage(async (admin) => {
    const ada = await signUp(admin, "host@example.com");
    const id = await admin.evaluate(async () => (await Clerk.createOrganization({ name: "Guests" })).id);
    await setActive(admin, id);
    const invite = (emailAddress: string) =>
      admin.evaluate(
        async (emailAddress) => (await Clerk.organization!.inviteMember({ emailAddress, role: "org:member" })).status,
        emailAddress,
      );
    assertEquals([await invite("guest@example.com"), await invite("nobody@example.com")], ["pending", "pending"]);
    await admin.evaluate(async () => {
      const { data } = await Clerk.organization!.getInvitations();
      await data.find(({ emailAddress }) => emailAddress === "nobody@example.com")!.revoke();
    });
    await withPage(async (guest) => {
      const eve = await signUp(guest, "guest@example.com");
      const from = await guest.evaluate(async () => {
        const { data: [invitation] } = await Clerk.user!.getOrganizationInvitations();
        await invitation!.accept();
        return invitation!.publicOrganizationData.name;
      });
      assertEquals(from, "Guests");
      await eventually(async () => assertEquals(await rights(id), { [ada]: "org:admin", [eve]: "org:member" }));
      await setActive(guest, id);
      const token = await tokenOf(guest);
      await admin.evaluate((userId) => Clerk.organization!.removeMember(userId), eve);
      await eventually(async () => assertEquals(await rights(id), { [ada]: "org:admin" }));
      // Her token still contains the organization, but the table no longer has the membership.
      assertEquals((decodeJwt(token).o as { id: string }).id, id);
      const answer = await stack.call("organization", { headers: { authorization: `Bearer ${token}` } });
      assertEquals((await answer.json()).code, "ORGANIZATION_MEMBERSHIP_MISSING");
    });
  }));

testsOf("")("the browser, the page and the stack stop", async () => {
  await closeBrowser();
  await close();
  await stack.stop();
});
