import { assertEquals } from "@std/assert";
import {
  changeFromMembership,
  changeFromOrganization,
  changesFromEvent,
} from "../../../../supabase/functions/_clerk-supabase/clerk/change.ts";
import { parseEvent } from "../../../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { PLAIN } from "../../../helpers/clerk/mapping.ts";

const DELIVERY = { messageId: "msg_1", sentAt: 1744276400_000 };
const AT = 1744276393_000;

const ORGANIZATION = {
  ...{ object: "organization", id: "org_a", name: "Acme", slug: "acme", image_url: "https://img.example/a" },
  ...{ public_metadata: { plan: "pro" }, private_metadata: { secret: 1 }, created_by: "user_ada" },
  ...{ max_allowed_memberships: 5, created_at: AT, updated_at: AT + 1 },
};
const MEMBERSHIP = {
  ...{
    object: "organization_membership",
    id: "orgmem_1",
    role: "org:admin",
    role_name: "Admin",
    permissions: ["org:x:y"],
  },
  ...{ public_metadata: { seat: 1 }, private_metadata: { secret: 2 }, organization: ORGANIZATION },
  ...{
    public_user_data: { user_id: "user_ada", identifier: "ada@example.com" },
    created_at: AT + 2,
    updated_at: AT + 3,
  },
};
const STORED_ORGANIZATION = {
  ...{ organization_id: "org_a", name: "Acme", slug: "acme", image_url: "https://img.example/a" },
  ...{ metadata: { plan: "pro" }, created_at: AT, updated_at: AT + 1 },
};
const STORED_MEMBERSHIP = {
  ...{ membership_id: "orgmem_1", organization_id: "org_a", user_id: "user_ada", role: "org:admin" },
  ...{ metadata: { seat: 1 }, created_at: AT + 2, updated_at: AT + 3 },
};

function changes(type: string, data: unknown, mapping = {}) {
  const event = parseEvent(JSON.stringify({ type, data, timestamp: AT + 9 }))!;
  return changesFromEvent(event, DELIVERY, { ...PLAIN, ...mapping });
}

const message = (type: string) => ({ type, message_id: "msg_1", sent_at: DELIVERY.sentAt, event_at: AT + 9 });

Deno.test("changesFromEvent() maps an organization without its private metadata and counts", () => {
  for (const type of ["organization.created", "organization.updated"]) {
    assertEquals(changes(type, ORGANIZATION), [{ ...message(type), ...STORED_ORGANIZATION }]);
  }
});

Deno.test("changesFromEvent() maps an organization's deletion with the delete mode of organizations", () => {
  const type = "organization.deleted";
  const data = { object: "organization", id: "org_a", deleted: true };
  const [change] = changes(type, data, { deleteMode: "hard", organizationDeleteMode: "soft" });
  assertEquals(change, { ...message(type), organization_id: "org_a", delete_mode: "soft" });
});

const TYPES = ["created", "updated", "deleted"];

Deno.test("changesFromEvent() leaves an event without its own id to be refused, even if its type is kept", () => {
  for (const keepsType of [() => false, () => true]) {
    for (const id of [undefined, null, 5, {}]) {
      for (const type of TYPES) {
        const [organization] = changes(`organization.${type}`, { ...ORGANIZATION, id }, { keepsType });
        const membership = changes(`organizationMembership.${type}`, { ...MEMBERSHIP, id }, { keepsType }).at(-1);
        assertEquals([organization!.organization_id, membership!.membership_id], ["", ""]);
      }
    }
  }
});

Deno.test("changesFromEvent() maps a membership after its embedded organization", () => {
  for (const type of ["organizationMembership.created", "organizationMembership.updated"]) {
    const { message_id, ...carried } = message("organization.fetched");
    assertEquals(changes(type, MEMBERSHIP), [
      { ...carried, carried_by: message_id, ...STORED_ORGANIZATION },
      { ...message(type), ...STORED_MEMBERSHIP },
    ]);
  }
});

Deno.test("changesFromEvent() does not map the organization in a membership's removal", () => {
  const type = "organizationMembership.deleted";
  assertEquals(changes(type, MEMBERSHIP), [{ ...message(type), ...STORED_MEMBERSHIP }]);
});

Deno.test("changesFromEvent() leaves out a membership's missing user, role or organization", () => {
  for (const absent of [null, undefined, {}, 5]) {
    const membership = { ...MEMBERSHIP, public_user_data: absent, organization: absent, role: absent };
    const change = changes("organizationMembership.updated", membership).at(-1)!;
    assertEquals([change.user_id, change.organization_id, change.role], [undefined, undefined, undefined]);
  }
});

Deno.test("changesFromEvent() accepts null as slug and metadata, and a role of any form", () => {
  const [absent] = changes("organization.updated", { ...ORGANIZATION, slug: undefined, public_metadata: undefined });
  assertEquals([absent!.slug, absent!.metadata], [null, undefined]);
  const [empty] = changes("organization.updated", { ...ORGANIZATION, slug: null, public_metadata: null });
  assertEquals([empty!.slug, empty!.metadata], [null, null]);
  for (const role of ["admin", "basic_member", "org:billing_manager"]) {
    assertEquals(changes("organizationMembership.updated", { ...MEMBERSHIP, role }).at(-1)!.role, role);
  }
});

Deno.test("changesFromEvent() keeps an organization's event and also maps it", () => {
  const [change] = changes("organization.updated", ORGANIZATION, { keepsType: () => true });
  assertEquals([change!.organization_id, change!.data], ["org_a", ORGANIZATION]);
  const [carried, own] = changes("organizationMembership.updated", MEMBERSHIP, { keepsType: () => true });
  assertEquals([carried!.data, own!.data], [undefined, MEMBERSHIP]);
});

Deno.test("changeFromOrganization() and changeFromMembership() use the response's time as the event's", () => {
  const fetched = { sent_at: AT + 5, event_at: AT + 5 };
  assertEquals(changeFromOrganization(ORGANIZATION, AT + 5), {
    ...{ type: "organization.fetched", ...fetched },
    ...STORED_ORGANIZATION,
  });
  assertEquals(changeFromMembership(MEMBERSHIP, AT + 5), {
    ...{ type: "organizationMembership.fetched", ...fetched },
    ...STORED_MEMBERSHIP,
  });
});
