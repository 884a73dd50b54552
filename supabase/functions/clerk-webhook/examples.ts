/**
 * Recognizes the example events that Clerk publishes: "Send Example" in the dashboard, the webhook specification and
 * older guides. They are signed by the endpoint's own secret and look real, but describe no user, so they are ignored.
 *
 * @module
 */
import { isObject } from "../_clerk-supabase/formats/json.ts";

/** The ids in Clerk's example events, in the order of their publication. */
export const EXAMPLE_IDS = [
  ...["ins_123", "user_29w83sxmDNGwOuEthce5gg56FcC", "user_29wBMCtzATuFJut8jO2VNTVekS4"],
  ...["org_29w9IfBrPmcpi0IeBVaKtA7R94W", "orgmem_29w9IptNja3mP8GDXpquBwN2qR9", "orgmem_29wAbjiJs6aZuPq7AzmkW9dwmyl"],
  ...["ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S", "user_2g7np7Hrk0SN6kj5EDMLDaKNL0S", "sess_2g7np7Hrk0SN6kj5EDMLDaKNL0S"],
  ...["org_2g7np7Hrk0SN6kj5EDMLDaKNL0S", "orgmem_2g7np7Hrk0SN6kj5EDMLDaKNL0S", "user_2h8op3Isl1QR7tKu5FGNfaLKEoU"],
  "user_34D368EufHwugfYh4yyGNEheM0S",
] as const;

/** Fields of an event's data that contain an id; `id` is the subject's own. */
const ID_FIELDS = ["id", "user_id", "organization_id"] as const;
/** Objects in an event's data that are subjects too, such as the organization and the user of a membership. */
const SUBJECTS = ["user", "organization", "public_user_data"] as const;

const known: ReadonlySet<unknown> = new Set(EXAMPLE_IDS);

/**
 * Returns whether an event of any type is an example. Only ids that Clerk assigns are compared, so users cannot make a
 * real event look like an example.
 *
 * @param data The event's `data`.
 * @param instanceId The event's `instance_id`, if it has one.
 * @returns True if the instance or any of the event's subjects is a published example.
 *
 * @example
 * ```ts
 * import { isExample } from "./examples.ts";
 *
 * if (!isExample({ id: "user_2g7np7Hrk0SN6kj5EDMLDaKNL0S" })) throw new Error();
 * if (!isExample({ id: "user_ada" }, "ins_123")) throw new Error();
 * if (isExample({ id: "user_ada", username: "ins_123" }, "ins_ours")) throw new Error();
 * ```
 */
export function isExample(data: Record<string, unknown>, instanceId?: string): boolean {
  const subjects = [data, ...SUBJECTS.map((name) => data[name]).filter(isObject)];
  return known.has(instanceId) || subjects.some((subject) => ID_FIELDS.some((name) => known.has(subject[name])));
}
