/**
 * Random claims of an active organization, valid and invalid: both versions, masks of any length, and claims of the
 * wrong type.
 *
 * @module
 */
import fc from "fast-check";

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,7}$/);
const names = (most: number) => fc.uniqueArray(name, { maxLength: most, size: "max" });
const space = fc.constantFrom("", "", "", " ", "\t");

/** Decimals of up to 90 binary digits, some beyond 2^53 and 2^64, and some that are not plain digits. */
const mask = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 90n - 1n }).map(String) },
  { weight: 4, arbitrary: fc.nat({ max: 1 << 12 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("-1", "", "0", "007", "1e3", "0x7", "1.0", "+3", "٣", "-9223372036854775808"),
  },
);

const list = <T>(items: fc.Arbitrary<T[]>, write: (item: T) => string = String) =>
  fc.tuple(items, space).map(([all, gap]) => all.map((item) => `${gap}${write(item)}${gap}`).join(","));

const scope = fc.constantFrom("o", "o", "o", "u", "ou", "uo", "x", "O", "");
const features = fc.oneof(
  {
    weight: 9,
    arbitrary: list(
      fc.array(fc.tuple(scope, fc.oneof(name, fc.constant("sys_memberships"))), {
        minLength: 1,
        maxLength: 6,
        size: "max",
      }),
      (one) => one.join(":"),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("dashboard", "o:a,b", "o:a,", ",", "o:a:b,o:c") },
);

/** Claims whose types differ from Clerk's. */
const odd = fc.constantFrom<unknown>(null, 0, 7, true, false, [], ["a"], {}, { id: "org_x" }, "");
const mostly = (arbitrary: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 12, arbitrary }, { weight: 1, arbitrary: odd }, { weight: 1, arbitrary: fc.constant(undefined) });

const id = fc.constantFrom("org_acme", "org_other", "org_2xAcme");
const role = fc.constantFrom("admin", "member", "org:admin", "org:member", "org:org:admin", "billing_manager");

const version2 = fc.record({
  v: fc.constant(2),
  o: mostly(fc.record({
    id: mostly(id),
    slg: fc.constant("acme"),
    rol: mostly(role),
    per: mostly(list(names(80))),
    fpm: mostly(list(fc.array(mask, { minLength: 1, maxLength: 7, size: "max" }))),
  })),
  fea: mostly(features),
}, { requiredKeys: ["v"] });

const permission = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(name, name).map(([feature, action]) => `org:${feature}:${action}`) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>("org:sys_memberships:manage", "", null, 3, ["org:a:b"]) },
);
const version1 = fc.record({
  v: fc.constantFrom<unknown>(1, "2", null),
  org_id: mostly(id),
  org_slug: fc.constant("acme"),
  org_role: mostly(role),
  org_permissions: mostly(fc.array(permission, { maxLength: 6 })),
}, { requiredKeys: [] });

/** Claims of one version mixed with those of the other: `v` decides which count. */
export const organizationClaims: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 5, arbitrary: version2 },
  { weight: 3, arbitrary: version1 },
  { weight: 1, arbitrary: fc.tuple(version1, version2).map(([one, two]) => ({ ...one, ...two })) },
  { weight: 1, arbitrary: fc.tuple(version2, version1).map(([two, one]) => ({ ...two, v: undefined, ...one })) },
) as fc.Arbitrary<Record<string, unknown>>;
