/**
 * Secrets and personal data in logs, answers, the ledger, tombstones and requests to others.
 *
 * @module
 */
import type { Mutation, NamedTest } from "../mutation.ts";

const SQL = "supabase/migrations/";
const LOG = "supabase/functions/_clerk-supabase/log.ts";
const HANDLE = "supabase/functions/_clerk-supabase/http/handle.ts";
const CORS = "supabase/functions/_clerk-supabase/http/cors.ts";
const BOUNDED_FETCH = "supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
const CHANGE = "supabase/functions/_clerk-supabase/clerk/change.ts";
const CONFIG = "supabase/functions/_clerk-supabase/config.ts";
const SECRETS = "cli/deploy/secrets.ts";

const unexpected: NamedTest = {
  file: "tests/unit/_clerk-supabase/http/handle_test.ts",
  name: "handle() answers an unexpected error with 500 without revealing it",
};
const metadata: NamedTest = {
  file: "tests/unit/_clerk-supabase/clerk/change_test.ts",
  name: "changesFromEvent() does not read private metadata, unsafe metadata or the request's address",
};
const ledger: NamedTest = {
  file: "tests/db/apply_clerk_changes_test.ts",
  name: "apply_clerk_changes() keeps no personal data in the ledger",
};
const tombstone: NamedTest = {
  file: "tests/db/apply_clerk_changes_test.ts",
  name: "apply_clerk_changes() removes personal data when it writes the tombstone",
};
const printed: NamedTest = {
  file: "tests/e2e/profile_test.ts",
  name: "no function printed a token, a secret or personal data",
};

/** Mutations of checks that keep secrets and personal data from leaking. */
export const LEAKS: Mutation[] = [
  {
    id: "log-token",
    file: HANDLE,
    find: `outcome: "ok",\n`,
    replace: `outcome: "ok", authorization: request.headers.get("authorization"),\n`,
    test: printed,
  },
  {
    id: "log-answer",
    file: HANDLE,
    find: "entry.status = response.status;",
    replace: "Object.assign(entry, { status: response.status, answer: await response.clone().text() });",
    test: printed,
  },
  {
    id: "log-message",
    file: LOG,
    find: "return [error.name, ...frames",
    replace: "return [error.name, error.message, ...frames",
    test: unexpected,
  },
  {
    id: "answer-message",
    file: HANDLE,
    find: `"Cannot answer: an unexpected error occurred. The log has the details"`,
    replace: "`Cannot answer: ${error}`",
    test: unexpected,
  },
  {
    id: "metadata-private",
    file: CHANGE,
    find: "readMetadata(user.public_metadata)",
    replace: "readMetadata({ ...Object(user.private_metadata), ...Object(user.public_metadata) })",
    test: metadata,
  },
  {
    id: "metadata-unsafe",
    file: CHANGE,
    find: "readMetadata(user.public_metadata)",
    replace: "readMetadata({ ...Object(user.unsafe_metadata), ...Object(user.public_metadata) })",
    test: metadata,
  },
  {
    id: "ledger-privacy",
    file: SQL,
    find:
      "values (change.message_id, change.type, change.user_id, to_timestamp(round(change.event_at) / 1000), outcome);",
    replace:
      "values (change.message_id, change.email, change.user_id, to_timestamp(round(change.event_at) / 1000), outcome);",
    test: ledger,
  },
  {
    id: "tombstone-address",
    file: SQL,
    find: "email_address = null,\n            email_verified = false,",
    replace: "email_verified = false,",
    test: tombstone,
  },
  {
    id: "tombstone-sign-in",
    file: SQL,
    find: "last_sign_in_at = null,\n            deleted_at",
    replace: "deleted_at",
    test: tombstone,
  },
  {
    id: "secret-key-redirect",
    file: BOUNDED_FETCH,
    find: `redirect: "error"`,
    replace: `redirect: "follow"`,
    test: {
      file: "tests/unit/_clerk-supabase/clerk/api_test.ts",
      name: "createFetchUser() fetches one user, with the key in a header and without redirects",
    },
  },
  {
    id: "key-in-the-clear",
    file: CONFIG,
    find: `(url?.protocol === "http:" && isLoopback(url.hostname))`,
    replace: `url?.protocol === "http:"`,
    test: {
      file: "tests/unit/_clerk-supabase/config_test.ts",
      name: "readTokenConfig() accepts only https URLs, and http on this machine",
    },
  },
  {
    id: "cors-origins",
    file: CORS,
    find: "origin !== null && isAllowed(origin)",
    replace: "origin !== null",
    test: {
      file: "tests/unit/_clerk-supabase/http/handle_test.ts",
      name: "handle() allows listed origins only, on errors too",
    },
  },
  {
    id: "profile-service-key",
    file: CONFIG,
    find: `lazyCreate: optional(env, "CLERK_SECRET_KEY") && hasServiceKey(env)`,
    replace: "lazyCreate: true",
    test: { file: "tests/e2e/profile_test.ts", name: "profile works without a service key in its environment" },
  },
  {
    id: "deploy-output",
    file: SECRETS,
    find: "shown.sort(([, one], [, other]) => other.length - one.length);",
    replace: "",
    test: {
      file: "tests/unit/cli/deploy/secrets_test.ts",
      name: "withoutSecrets() puts a name in a value's place, the longest first, and leaves short words alone",
    },
  },
];
