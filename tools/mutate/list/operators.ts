/**
 * The endpoints of operators: their key, the instance, and what a sweep may delete.
 *
 * @module
 */
import type { Mutation, NamedTest } from "../mutation.ts";

const HANDLER = "supabase/functions/clerk-reconcile/handler.ts";
const SLICE = "supabase/functions/clerk-reconcile/slice.ts";
const SWEEP = "supabase/functions/clerk-reconcile/sweep.ts";
const USERS = "supabase/functions/clerk-reconcile/users.ts";
const SERVICE_KEY = "supabase/functions/_clerk-supabase/auth/service_key.ts";
const KEY_INSTANCE = "supabase/functions/_clerk-supabase/clerk/key_instance.ts";
const API = "supabase/functions/_clerk-supabase/clerk/request.ts";
const HEALTH = "supabase/functions/health/handler.ts";

const sweep = (criterion: string): NamedTest => ({
  file: "tests/unit/clerk-reconcile/sweep_test.ts",
  name: `a sweep ${criterion}`,
});
const secretKey: NamedTest = {
  file: "tests/e2e/reconcile_test.ts",
  name: "clerk-reconcile accepts only the project's secret key",
};
const refused = sweep("is refused and deletes nobody if more than 5 % and more than ten users are absent");
const firstSweep: NamedTest = {
  file: "tests/unit/clerk-reconcile/sweep_test.ts",
  name: "the first sweep deletes nobody unless most of the rows from before the import exist at Clerk",
};

/** Mutations of operators' rights. */
export const OPERATORS: Mutation[] = [
  {
    id: "service-key-post",
    file: HANDLER,
    find: "await deps.requireServiceKey(request);\n      const work",
    replace: "const work",
    test: secretKey,
  },
  {
    id: "service-key-get",
    file: HANDLER,
    find: "await deps.requireServiceKey(request);\n      const [status",
    replace: "const [status",
    test: secretKey,
  },
  {
    id: "service-key-compared",
    file: SERVICE_KEY,
    find: "return matches === 1;",
    replace: "return given.length > 0;",
    test: secretKey,
  },
  {
    id: "service-key-empty",
    file: SERVICE_KEY,
    find: `keys.filter((key) => key !== "").map(digest)`,
    replace: "keys.map(digest)",
    also: {
      file: SERVICE_KEY,
      find:
        `return [headers.get("apikey"), bearer].filter((value) => typeof value === "string" && value !== "") as string[];`,
      replace: `return [headers.get("apikey") ?? "", bearer ?? ""];`,
    },
    test: {
      file: "tests/unit/_clerk-supabase/auth/service_key_test.ts",
      name: "createServiceKeyCheck() refuses everyone if no key is configured",
    },
  },
  {
    id: "same-instance",
    file: SLICE,
    find: "await deps.instance.require({ mayBind: !request.dryRun });",
    replace: "",
    test: { file: "tests/e2e/reconcile_test.ts", name: "clerk-reconcile never reads the users of another instance" },
  },
  {
    id: "same-instance-key",
    file: KEY_INSTANCE,
    find: "return `${kid} ${n}`;",
    replace: "return kid;",
    test: {
      file: "tests/unit/_clerk-supabase/clerk/key_instance_test.ts",
      name: "createInstanceProof() refuses a secret key of another instance, even with the same key id",
    },
  },
  {
    id: "sweep-proof",
    file: USERS,
    find: "if (user) return { results: await applyItems([user], answeredAt), isGone: false };",
    replace: "",
    test: sweep("does not delete a user whom a list left out"),
  },
  { id: "sweep-share", file: SWEEP, find: "counted * 0.05", replace: "counted * 0.06", test: refused },
  { id: "sweep-ten", file: SWEEP, find: "Math.max(10, round", replace: "Math.max(11, round", test: refused },
  { id: "sweep-everybody", file: SWEEP, find: "sweep.absent < sweep.items", replace: "true", test: refused },
  { id: "sweep-first-proof", file: SWEEP, find: "present * 2 > old", replace: "true", test: firstSweep },
  {
    id: "sweep-first-share",
    file: SWEEP,
    find: "{ total, counted: await",
    replace: "{ total, counted: total || await",
    test: firstSweep,
  },
  {
    id: "bound-instance",
    file: "supabase/functions/clerk-reconcile/instance_binding.ts",
    find: "if (bound !== undefined && !names.includes(bound)) throw ofOther(bound, names);",
    replace: "",
    test: {
      file: "tests/e2e/reconcile_instance_test.ts",
      name: "clerk-reconcile deletes nobody with keys of another instance than the first webhook's",
    },
  },
  {
    id: "sweep-second-round",
    file: SWEEP,
    find: "Math.min(share, 2 * absent)",
    replace: "share",
    test: sweep("is refused early if its second round finds far more than the first"),
  },
  {
    id: "clerk-404",
    file: API,
    find: `answer.status === 404 && clerkCode(answer) === "resource_not_found"`,
    replace: "answer.status === 404",
    test: {
      file: "tests/unit/_clerk-supabase/clerk/api_test.ts",
      name: "createFetchUser() maps each response of Clerk to its own code",
    },
  },
  {
    id: "health-strangers",
    file: HEALTH,
    find: "all ? { status, version: VERSION, parts, failing: failing ?? null } : { status }",
    replace: "{ status, version: VERSION, parts, failing: failing ?? null }",
    test: { file: "tests/e2e/health_test.ts", name: "health returns only the status to strangers" },
  },
  {
    id: "health-flood",
    file: HEALTH,
    find: "if (known && known.until > now()) return known.health;",
    replace: "",
    test: {
      file: "tests/unit/health/handler_test.ts",
      name: "health checks once in five seconds for all strangers, and each time for the project",
    },
  },
];
