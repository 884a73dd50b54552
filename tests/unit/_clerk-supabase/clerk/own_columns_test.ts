import { assertEquals } from "@std/assert";
import { parseExactJson } from "../../../../supabase/functions/_clerk-supabase/formats/exact_json.ts";
import {
  createOwnColumnsMapping,
  type OwnColumns,
} from "../../../../supabase/functions/_clerk-supabase/clerk/own_columns.ts";
import { ownColumns } from "../../../../supabase/functions/clerk_columns.ts";

const USER = { id: "user_ada", external_id: "7", banned: false, public_metadata: { plan: "pro" } };

/** A function without types, as in JavaScript. */
const read = (value: unknown): OwnColumns => ({ one: (() => value) as () => null });

Deno.test("the file that add writes has no own columns, and then there is no mapping", () => {
  assertEquals([ownColumns, createOwnColumnsMapping(ownColumns)], [{}, undefined]);
});

Deno.test("own columns are read by their functions", () => {
  const mapOwn = createOwnColumnsMapping({
    external_id: (user) => user.external_id,
    banned: (user) => user.banned,
    plan: (user) => user.public_metadata.plan,
    tags: () => ["a", { b: [1, null] }],
  })!;
  assertEquals(mapOwn(USER), { own: { external_id: "7", banned: false, plan: "pro", tags: ["a", { b: [1, null] }] } });
});

Deno.test("an own column whose function returns undefined is left out", () => {
  assertEquals(createOwnColumnsMapping({ a: (user) => user.public_metadata.none, b: () => 1 })!(USER), {
    own: { b: 1 },
  });
  assertEquals(createOwnColumnsMapping({ a: () => undefined })!(USER), { own: {} });
  const inside = createOwnColumnsMapping({ a: () => ({ b: undefined, c: 1 }) })!(USER);
  assertEquals(JSON.stringify(inside), '{"own":{"a":{"c":1}}}');
});

Deno.test("an own column's text is made storable, and long integers keep their digits", () => {
  const user = parseExactJson('{"id":"a\\u0000b","public_metadata":{"big":12345678901234567890}}') as typeof USER;
  const mapOwn = createOwnColumnsMapping({ a: ({ id }) => id, b: ({ public_metadata }) => public_metadata })!;
  assertEquals(JSON.stringify(mapOwn(user)), '{"own":{"a":"ab","b":{"big":12345678901234567890}}}');
});

Deno.test("an own column whose function throws, or returns what is not JSON, is named without its value", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = [cycle];
  const values = [
    ...[new Date(0), 1n, NaN, Infinity, Symbol("a"), () => 1, Promise.resolve(1), new Map(), new Uint8Array(1), cycle],
    ...[[undefined], [new Date(0)], { a: { b: NaN } }],
  ];
  for (const value of values) {
    assertEquals(createOwnColumnsMapping(read(value))!(USER), {
      problem: "OWN_COLUMN_INVALID",
      detail: { column: "one" },
    }, String(value));
  }
  const throws = createOwnColumnsMapping({
    fine: () => 1,
    two: () => {
      throw new Error("ada@example.com");
    },
  })!;
  assertEquals(throws(USER), { problem: "OWN_COLUMN_INVALID", detail: { column: "two" } });
  const noFunction = createOwnColumnsMapping({ three: "external_id" } as unknown as OwnColumns)!;
  assertEquals(noFunction(USER), { problem: "OWN_COLUMN_INVALID", detail: { column: "three" } });
});

Deno.test("an own column's value is cut off at the nesting limit, as metadata is", () => {
  const deep = JSON.parse("[".repeat(5_000) + "]".repeat(5_000));
  const { own } = createOwnColumnsMapping(read(deep))!(USER) as { own: { one: unknown } };
  assertEquals(JSON.stringify(own.one), "[".repeat(100) + "null" + "]".repeat(100));
});

Deno.test("an own column with a base column's name or a wrong function does not compile", () => {
  const good = { phone_number: (user) => user.phone_numbers[0]?.phone_number ?? null } satisfies OwnColumns;
  // @ts-expect-error -- the bundle writes this column
  const base = { email: (user) => user.id } satisfies OwnColumns;
  // @ts-expect-error -- a date is not JSON
  const date = { seen_at: (user) => new Date(user.last_active_at ?? 0) } satisfies OwnColumns;
  assertEquals([good, base, date].length, 3);
});
