/**
 * Signatures, secrets, times, instances and bodies of webhooks.
 *
 * @module
 */
import type { Mutation, NamedTest } from "../mutation.ts";

const VERIFIER = "supabase/functions/_clerk-supabase/clerk/webhook.ts";
const HEADERS = "supabase/functions/_clerk-supabase/clerk/webhook_headers.ts";
const CONFIG = "supabase/functions/_clerk-supabase/config.ts";
const INSTANCE = "supabase/functions/_clerk-supabase/clerk/event_instance.ts";
const CHANGE = "supabase/functions/_clerk-supabase/clerk/change.ts";
const ORGANIZATION = "supabase/functions/_clerk-supabase/clerk/organization.ts";
const HANDLER = "supabase/functions/clerk-webhook/handler.ts";

const unsigned: NamedTest = {
  file: "tests/unit/_clerk-supabase/clerk/webhook_test.ts",
  name: "createWebhookVerifier() refuses a body, id or time that was not signed",
};
const tolerance: NamedTest = {
  file: "tests/unit/_clerk-supabase/clerk/webhook_test.ts",
  name: "createWebhookVerifier() accepts a difference of 300 s and not one second more",
};
const secrets: NamedTest = {
  file: "tests/unit/_clerk-supabase/config_test.ts",
  name: "readWebhookConfig() refuses placeholders and short secrets, and does not repeat them",
};
const instance: NamedTest = {
  file: "tests/unit/_clerk-supabase/clerk/event_instance_test.ts",
  name: "createInstanceGuard() aborts retries of another instance if CLERK_INSTANCE_ID and the keys agree",
};
const unconfirmed: NamedTest = {
  file: "tests/unit/_clerk-supabase/clerk/event_instance_test.ts",
  name: "createInstanceGuard() lets Svix retry if CLERK_INSTANCE_ID is not the keys' instance, and names both",
};
const tooLong: NamedTest = {
  file: "tests/unit/clerk-webhook/handler_test.ts",
  name: "clerk-webhook stops retries of a body that is too long, before it checks the signature",
};

const mapped = (criterion: string): NamedTest => ({
  file: "tests/unit/_clerk-supabase/clerk/organization_test.ts",
  name: `changesFromEvent() ${criterion}`,
});

/** Mutations of the checks of webhooks. */
export const WEBHOOKS: Mutation[] = [
  {
    id: "webhook-signature",
    file: VERIFIER,
    find:
      `if (!webhooks.some((webhook) => matches(webhook, body, signed))) throw badSignature("no signature matches");`,
    replace: "",
    test: unsigned,
  },
  {
    id: "webhook-signature-at-all",
    file: HANDLER,
    find: "const delivery = deps.verifyWebhook(body, request.headers);",
    replace: `const delivery = { messageId: request.headers.get("svix-id") ?? "", sentAt: Date.now() };`,
    test: {
      file: "tests/unit/clerk-webhook/handler_test.ts",
      name: "clerk-webhook refuses a message with an invalid signature, and lets Svix retry",
    },
  },
  {
    id: "webhook-second-secret",
    file: VERIFIER,
    find: "const webhooks = secrets.map(",
    replace: "const webhooks = secrets.slice(0, 1).map(",
    test: { file: "tests/e2e/webhook_test.ts", name: "clerk-webhook accepts a signature by any of its secrets" },
  },
  { id: "webhook-secret-length", file: CONFIG, find: "key.length < 24", replace: "key.length < 1", test: secrets },
  {
    id: "webhook-secret-repeated",
    file: CONFIG,
    find: `throw invalid(name, "expected whsec_ and base64 of at least 24 bytes, as Clerk's dashboard shows it");`,
    replace: "throw invalid(name, `expected whsec_ and base64 of at least 24 bytes, got ${secret}`);",
    test: secrets,
  },
  {
    id: "webhook-tolerance",
    file: HEADERS,
    find: "const TOLERANCE_SECONDS = 300;",
    replace: "const TOLERANCE_SECONDS = 301;",
    test: tolerance,
  },
  {
    id: "webhook-tolerance-ahead",
    file: HEADERS,
    find: "if (Math.abs(age) > TOLERANCE_SECONDS) {",
    replace: "if (age > TOLERANCE_SECONDS) {",
    test: tolerance,
  },
  {
    id: "webhook-instance",
    file: INSTANCE,
    find: "throw wrongInstance(claimed, instanceId, learned);",
    replace: "return;",
    test: instance,
  },
  {
    id: "webhook-instance-final",
    file: INSTANCE,
    find: `, { headers: { "webhook-delivery": "abort-message" } });`,
    replace: ");",
    test: instance,
  },
  {
    id: "webhook-instance-unconfirmed",
    file: INSTANCE,
    find: "const agrees = agreesWithKeys(configured, ofKeys);",
    replace: "const agrees = true as boolean | undefined;",
    test: unconfirmed,
  },
  {
    id: "webhook-body-limit",
    file: HANDLER,
    find: "export const MAX_BODY_BYTES = 1024 * 1024;",
    replace: "export const MAX_BODY_BYTES = 2 * 1024 * 1024;",
    test: tooLong,
  },
  {
    id: "webhook-body-before-signature",
    file: HANDLER,
    find: `const body = await readBody(request, context.startBody());
      const delivery = deps.verifyWebhook(body, request.headers);`,
    replace: `const delivery = deps.verifyWebhook(await request.clone().text(), request.headers);
      const body = await readBody(request, context.startBody());`,
    test: tooLong,
  },
  {
    id: "webhook-body-deadline",
    file: HANDLER,
    find:
      'if (fault === "too slow") throw new ApiError("BODY_TOO_SLOW", "Cannot read body: it did not arrive in time");',
    replace: "",
    test: {
      file: "tests/unit/clerk-webhook/handler_test.ts",
      name: "clerk-webhook returns 408 for a body that takes more than 10 s, and lets Svix retry",
    },
  },
  {
    id: "webhook-body-abort",
    file: HANDLER,
    find: "`Cannot read body: more than ${MAX_BODY_BYTES} bytes`, { headers: ABORT });",
    replace: "`Cannot read body: more than ${MAX_BODY_BYTES} bytes`);",
    test: tooLong,
  },
  {
    id: "webhook-retry",
    file: HANDLER,
    find: "const results = await deps.applyChanges(changes, event.instanceId);",
    replace:
      `const results = await deps.applyChanges(changes, event.instanceId).catch(() => [{ outcome: "ignored" as const }]);`,
    test: {
      file: "tests/unit/clerk-webhook/handler_test.ts",
      name: "clerk-webhook lets Svix retry after a failure of the database",
    },
  },
  {
    id: "webhook-example",
    file: HANDLER,
    find: "isExample(event.data, event.instanceId)",
    replace: "isExample({}, event.instanceId)",
    test: {
      file: "tests/unit/clerk-webhook/handler_test.ts",
      name: "clerk-webhook ignores every example event of Clerk in every configuration, and writes nothing",
    },
  },
  {
    id: "webhook-carried-refusal",
    file: HANDLER,
    find: "return carried ? { ...carried, isCarried: true } : own;",
    replace: "return own;",
    test: {
      file: "tests/unit/clerk-webhook/handler_test.ts",
      name: "clerk-webhook returns a membership's own outcome, unless the schema refuses its organization",
    },
  },
  {
    id: "webhook-carried-order",
    file: CHANGE,
    find: `type: "organization.fetched", carried_by: message_id!, ...readOrganization(organization)`,
    replace: `type: "organization.fetched", ...readOrganization(organization)`,
    test: mapped("maps a membership after its embedded organization"),
  },
  {
    id: "webhook-removal-brings-nothing",
    file: CHANGE,
    find: "if (!isProfile || !isObject(organization)) return [];",
    replace: "if (!isObject(organization)) return [];",
    test: mapped("does not map the organization in a membership's removal"),
  },
  {
    id: "organization-delete-mode",
    file: CHANGE,
    find: `"organization.deleted": (data, _, { organizationDeleteMode }) => ({`,
    replace: `"organization.deleted": (data, _, { deleteMode: organizationDeleteMode }) => ({`,
    test: mapped("maps an organization's deletion with the delete mode of organizations"),
  },
  {
    id: "organization-nameless",
    file: CHANGE,
    find: `    organization_id: readId(data.id) ?? "",`,
    replace: `    organization_id: readId(data.id),`,
    test: mapped("leaves an event without its own id to be refused, even if its type is kept"),
  },
  {
    id: "organization-private-metadata",
    file: ORGANIZATION,
    find: "metadata: readMetadata(organization.public_metadata),",
    replace: "metadata: readMetadata(organization.private_metadata),",
    test: mapped("maps an organization without its private metadata and counts"),
  },
  {
    id: "webhook-impersonator",
    file: CHANGE,
    find: "if ((data.actor ?? null) !== null) return undefined;",
    replace: "",
    test: {
      file: "tests/e2e/webhook_test.ts",
      name: "clerk-webhook stores the time of a sign-in, but not an impersonator's",
    },
  },
];
