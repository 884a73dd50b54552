/** Clerk's own package adds, verifies and removes addresses and numbers. */
import { assertEquals } from "@std/assert";
import { eventsOf, refusalOf, withClerk } from "../helpers/clerk/sdk.ts";

const ADDRESS = "ada@example.com";

Deno.test("an address is added unverified, becomes verified and primary, and is deleted", () =>
  withClerk(async ({ users, emailAddresses }, simulator) => {
    const { id: userId, primaryEmailAddressId } = await users.createUser({ emailAddress: [ADDRESS] });
    const added = await emailAddresses.createEmailAddress({ userId, emailAddress: "second@example.com" });
    assertEquals([added.verification, (await users.getUser(userId)).primaryEmailAddressId], [
      null,
      primaryEmailAddressId,
    ]);
    const verified = await emailAddresses.updateEmailAddress(added.id, { verified: true, primary: true });
    assertEquals(verified.verification?.status, "verified");
    assertEquals((await users.getUser(userId)).primaryEmailAddress?.emailAddress, "second@example.com");
    assertEquals((await emailAddresses.getEmailAddress(added.id)).emailAddress, "second@example.com");
    assertEquals((await emailAddresses.deleteEmailAddress(added.id)).deleted, true);
    const left = await users.getUser(userId);
    assertEquals([left.primaryEmailAddressId, left.emailAddresses.length], [primaryEmailAddressId, 1]);
    assertEquals(await refusalOf(emailAddresses.getEmailAddress(added.id)), [404, "resource_not_found"]);
    const events = await eventsOf(simulator, 4);
    assertEquals(events.map(({ type, data }) => [type, data.email_addresses.length]), [
      ["user.created", 1],
      ["user.updated", 2],
      ["user.updated", 2],
      ["user.updated", 1],
    ]);
  }));

Deno.test("an unverified address belongs to the first user who verifies it", () =>
  withClerk(async ({ users, emailAddresses }, { url }) => {
    const [ada, eve] = [await users.createUser({ username: "ada" }), await users.createUser({ username: "eve" })];
    const [one, other] = [
      await emailAddresses.createEmailAddress({ userId: ada.id, emailAddress: ADDRESS }),
      await emailAddresses.createEmailAddress({ userId: eve.id, emailAddress: ADDRESS }),
    ];
    const signIn = async () => (await fetch(`${url}/dev/token?email=${ADDRESS}`, { method: "POST" })).status;
    assertEquals(await signIn(), 404);
    await emailAddresses.updateEmailAddress(one.id, { verified: true });
    assertEquals(await signIn(), 200);
    const refusal = await refusalOf(emailAddresses.updateEmailAddress(other.id, { verified: true }));
    assertEquals(refusal, [422, "form_identifier_exists"]);
    assertEquals((await users.getUserList({ emailAddress: [ADDRESS] })).totalCount, 2);
  }));

Deno.test("a reserved address is unverified, signs its user in and cannot be claimed by others", () =>
  withClerk(async ({ users }, { url, get }) => {
    const reserved = { emailAddress: [ADDRESS], emailAddressIdentificationStatus: ["reserved" as const] };
    const { id } = await users.createUser(reserved);
    const [address] = (await (await get(`/v1/users/${id}`)).json()).email_addresses;
    assertEquals([address.reserved, address.verification], [true, null]);
    assertEquals((await fetch(`${url}/dev/token?email=${ADDRESS}`, { method: "POST" })).status, 200);
    assertEquals(await refusalOf(users.createUser(reserved)), [422, "form_identifier_exists"]);
    const tooFew = {
      emailAddress: [ADDRESS, "b@example.com"],
      emailAddressIdentificationStatus: ["verified" as const],
    };
    assertEquals(await refusalOf(users.createUser(tooFew)), [422, "form_param_value_invalid"]);
  }));

Deno.test("updateUser() accepts only a verified address of the user as primary", () =>
  withClerk(async ({ users, emailAddresses }) => {
    const { id: userId } = await users.createUser({ emailAddress: [ADDRESS, "second@example.com"] });
    const [, second] = (await users.getUser(userId)).emailAddresses;
    const changed = await users.updateUser(userId, { primaryEmailAddressID: second!.id });
    assertEquals(changed.primaryEmailAddressId, second!.id);
    const third = await emailAddresses.createEmailAddress({ userId, emailAddress: "third@example.com" });
    const refusal = (id: string) => refusalOf(users.updateUser(userId, { primaryEmailAddressID: id }));
    assertEquals(await refusal(third.id), [422, "form_verification_needed"]);
    assertEquals(await refusal("idn_unknown"), [422, "form_resource_not_found"]);
  }));

Deno.test("a phone number is added, becomes primary, and is deleted", () =>
  withClerk(async ({ users, phoneNumbers }) => {
    const { id: userId } = await users.createUser({ phoneNumber: ["+15555550100"] });
    const added = await phoneNumbers.createPhoneNumber({ userId, phoneNumber: "+1 555 555 0101", verified: true });
    assertEquals([added.phoneNumber, added.verification?.status], ["+15555550101", "verified"]);
    await phoneNumbers.updatePhoneNumber(added.id, { primary: true });
    assertEquals((await users.getUser(userId)).primaryPhoneNumber?.phoneNumber, "+15555550101");
    await phoneNumbers.deletePhoneNumber(added.id);
    assertEquals((await users.getUser(userId)).primaryPhoneNumber?.phoneNumber, "+15555550100");
    const second = phoneNumbers.createPhoneNumber({
      userId,
      phoneNumber: "+15555550102",
      reservedForSecondFactor: true,
    });
    assertEquals(await refusalOf(second), [501, "not_simulated"]);
  }));

Deno.test("replaceUserEmailAddress() leaves one address", () =>
  withClerk(async ({ users }) => {
    const { id } = await users.createUser({ emailAddress: [ADDRESS, "second@example.com"] });
    await users.replaceUserEmailAddress(id, { emailAddress: "new@example.com" });
    const { emailAddresses, primaryEmailAddress } = await users.getUser(id);
    assertEquals([emailAddresses.length, primaryEmailAddress?.emailAddress], [1, "new@example.com"]);
    assertEquals((await users.createUser({ emailAddress: [ADDRESS] })).primaryEmailAddress?.emailAddress, ADDRESS);
  }));
