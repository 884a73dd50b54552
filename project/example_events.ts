/**
 * The example events that Clerk publishes, for `send --examples`, the doctor and the simulator: those of "Send Example"
 * in the dashboard, and those of older guides. They describe no real user. Each has only the ids and the fields that
 * could make it look like a real event.
 *
 * @module
 */

/** An example event. */
export interface ExampleEvent {
  type: string;
  object: "event";
  /** In seconds in the current examples, unlike real events. */
  timestamp?: number;
  instance_id?: string;
  data: Record<string, unknown>;
}

/** The part after the prefix of every id in the current examples. */
const CURRENT = "2g7np7Hrk0SN6kj5EDMLDaKNL0S";
const AT_SECONDS = 1_716_883_200;
const AT = AT_SECONDS * 1000;
const TIMES = { created_at: AT, updated_at: AT };

const current = (type: string, data: Record<string, unknown>): ExampleEvent => ({
  type,
  object: "event",
  timestamp: AT_SECONDS,
  instance_id: `ins_${CURRENT}`,
  data,
});

/** Events of older guides have other ids, and no instance. */
const older = (type: string, data: Record<string, unknown>, timestamp?: number): ExampleEvent => ({
  type,
  object: "event",
  ...(timestamp !== undefined && { timestamp }),
  data,
});

/** The list of addresses is empty, and does not contain the primary one. */
const USER = {
  object: "user",
  id: `user_${CURRENT}`,
  first_name: "John",
  last_name: "Doe",
  username: null,
  image_url: "https://img.clerk.com/xxxxxx",
  email_addresses: [],
  primary_email_address_id: `idn_${CURRENT}`,
  public_metadata: {},
  private_metadata: null,
  unsafe_metadata: {},
  last_sign_in_at: AT,
  ...TIMES,
};

const OLDER_USER = {
  ...USER,
  id: "user_29w83sxmDNGwOuEthce5gg56FcC",
  email_addresses: [{
    object: "email_address",
    id: "idn_29w83yL7CwVlJXylYLxcslromF1",
    email_address: "example@example.org",
    verification: { status: "verified", strategy: "ticket" },
  }],
  primary_email_address_id: "idn_29w83yL7CwVlJXylYLxcslromF1",
  created_at: 1_654_012_591_514,
  updated_at: 1_654_012_591_835,
  last_sign_in_at: null,
};

const SESSION = {
  object: "session",
  id: `sess_${CURRENT}`,
  client_id: `client_${CURRENT}`,
  user_id: USER.id,
  user: USER,
  actor: null,
  status: "active",
  ...TIMES,
};

const ORGANIZATION = {
  object: "organization",
  id: `org_${CURRENT}`,
  name: "Acme Corp",
  slug: "acme-corp",
  created_by: USER.id,
  public_metadata: {},
  private_metadata: {},
  ...TIMES,
};

const MEMBERSHIP = {
  object: "organization_membership",
  id: `orgmem_${CURRENT}`,
  role: "org:member",
  organization: ORGANIZATION,
  public_user_data: { user_id: "user_2h8op3Isl1QR7tKu5FGNfaLKEoU", first_name: "Jane", last_name: "Doe" },
  public_metadata: {},
  ...TIMES,
};

const OLDER_ORGANIZATION = {
  ...{ ...ORGANIZATION, id: "org_29w9IfBrPmcpi0IeBVaKtA7R94W" },
  ...{ created_by: "user_1vq84bqWzw7qmFgqSwN4CH1Wp0n", created_at: 1_654_013_202_977, updated_at: 1_654_013_202_977 },
};

const olderMembership = (id: string) => ({
  ...{ ...MEMBERSHIP, id, organization: OLDER_ORGANIZATION, created_at: 1_654_013_203_217 },
  ...{ public_user_data: { user_id: "user_29w83sxmDNGwOuEthce5gg56FcC" }, updated_at: 1_654_013_203_217 },
});

const deleted = (object: string, id: string) => ({ object, id, deleted: true });

/** Types that do not concern users, sessions, organizations or memberships, by the prefix of their id. */
const OTHERS: Record<string, readonly string[]> = {
  orgdmn: ["organizationDomain.created", "organizationDomain.updated", "organizationDomain.deleted"],
  orginv: ["organizationInvitation.created", "organizationInvitation.accepted", "organizationInvitation.revoked"],
  pa: ["paymentAttempt.created", "paymentAttempt.updated"],
  perm: ["permission.created", "permission.updated", "permission.deleted"],
  role: ["role.created", "role.updated", "role.deleted"],
  sms: ["sms.created"],
  csub: ["subscription.created", "subscription.updated", "subscription.active", "subscription.pastDue"],
  csub_item: [
    "abandoned",
    "active",
    "canceled",
    "ended",
    "freeTrialEnding",
    "incomplete",
    "pastDue",
    "upcoming",
    "updated",
  ]
    .map((name) => `subscriptionItem.${name}`),
  wle: ["waitlistEntry.created", "waitlistEntry.updated"],
};

/** Every published example: the current ones of each type, then the older ones. */
export const EXAMPLE_EVENTS: readonly ExampleEvent[] = [
  current("user.created", USER),
  current("user.updated", { ...USER, username: "johndoe", last_name: "Doe Updated", updated_at: AT + 300_000 }),
  current("user.deleted", { ...deleted("user", USER.id), external_id: "ex_123456789" }),
  current("session.created", SESSION),
  ...["pending", "ended", "removed", "revoked"].map((status) => current(`session.${status}`, { ...SESSION, status })),
  current("organization.created", ORGANIZATION),
  current("organization.updated", { ...ORGANIZATION, name: "Acme Corp Updated", updated_at: AT + 300_000 }),
  current("organization.deleted", { ...deleted("organization", ORGANIZATION.id), slug: "acme-corp" }),
  current("organizationMembership.created", MEMBERSHIP),
  current("organizationMembership.updated", { ...MEMBERSHIP, role: "org:admin", updated_at: AT + 300_000 }),
  current("organizationMembership.deleted", MEMBERSHIP),
  ...Object.entries(OTHERS).flatMap(([prefix, types]) =>
    types.map((type) => current(type, { id: `${prefix}_${CURRENT}`, ...TIMES }))
  ),
  { ...current("email.created", { object: "email", id: `ema_${CURRENT}`, user_id: USER.id }), instance_id: "ins_123" },
  older("user.created", OLDER_USER),
  older("user.updated", { ...OLDER_USER, first_name: "Example", updated_at: 1_654_012_824_306 }),
  older("user.deleted", deleted("user", "user_29wBMCtzATuFJut8jO2VNTVekS4"), 1_661_861_640_000),
  older("session.created", {
    ...{ object: "session", id: "sess_29wBYxnMCQU2KIs6V3ZPOJCPUXx", client_id: "client_29wBS3h1zhE1BsEK2dg9oyypfYk" },
    ...{ user_id: "user_29wBMCtzATuFJut8jO2VNTVekS4", status: "active", created_at: 1_654_014_318_265 },
    updated_at: 1_654_014_318_503,
  }),
  older("organization.created", OLDER_ORGANIZATION),
  older("organizationMembership.created", olderMembership("orgmem_29w9IptNja3mP8GDXpquBwN2qR9")),
  older("organizationMembership.deleted", olderMembership("orgmem_29wAbjiJs6aZuPq7AzmkW9dwmyl")),
  current("session.created", {
    ...SESSION,
    id: "sess_34D368EufHwugfYh4yyGNEheM0S",
    user_id: "user_34D368EufHwugfYh4yyGNEheM0S",
  }),
];
