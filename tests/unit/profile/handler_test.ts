import { assertEquals } from "@std/assert";
import { createProfileHandler, type ProfileDeps } from "../../../supabase/functions/profile/handler.ts";
import type { Session } from "../../../supabase/functions/_clerk-supabase/auth/token.ts";
import type { OwnRow, Profile } from "../../../supabase/functions/_clerk-supabase/database/own_row.ts";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { createPlatform } from "../../helpers/stack/platform.ts";
import { assertProblem } from "../../helpers/stack/problem.ts";
import { sessionOf } from "../../helpers/clerk/session.ts";

const SESSION = sessionOf();
const ROW = { clerk_user_id: "user_ada", email: "ada@example.com" } as Profile;
const FOUND: OwnRow = { profile: ROW, deleted: false };
const EMPTY: OwnRow = { profile: undefined, deleted: false };
const DELETED: OwnRow = { profile: undefined, deleted: true };

/** Creates a handler whose reads return the rows in turn. */
function setUp(rows: OwnRow[], overrides: Partial<ProfileDeps> = {}) {
  const imported: string[] = [];
  const read: Session[] = [];
  const handler = createProfileHandler({
    ...createPlatform(),
    verifyToken: () => Promise.resolve(SESSION),
    readOwnRow: (session) => {
      read.push(session);
      return Promise.resolve(rows.shift()!);
    },
    importUser: (userId) => {
      imported.push(userId);
      return Promise.resolve();
    },
    ...overrides,
  });
  const call = (headers: Record<string, string> = { authorization: "Bearer token" }) =>
    handler(new Request("http://localhost/profile", { headers }));
  return { call, imported, read };
}

Deno.test("profile returns the caller's row without a request to Clerk", async () => {
  const { call, imported, read } = setUp([FOUND]);
  const response = await call();
  assertEquals([response.status, await response.json()], [200, ROW]);
  assertEquals([response.headers.get("cache-control"), imported, read], ["no-store", [], [SESSION]]);
});

Deno.test("profile without a token reads nothing", async () => {
  const { call, read } = setUp([]);
  await assertProblem(await call({}), 401, "TOKEN_MISSING");
  assertEquals(read, []);
});

Deno.test("profile returns 410 for a deleted user, and does not import it again", async () => {
  const { call, imported } = setUp([DELETED]);
  await assertProblem(await call(), 410, "USER_DELETED");
  assertEquals(imported, []);
});

Deno.test("profile imports a missing user and reads again as the caller", async () => {
  const { call, imported, read } = setUp([EMPTY, FOUND]);
  assertEquals((await call()).status, 200);
  assertEquals([imported, read.length], [["user_ada"], 2]);
});

Deno.test("profile returns 410 for a user who was deleted meanwhile", async () => {
  await assertProblem(await setUp([EMPTY, DELETED]).call(), 410, "USER_DELETED");
});

Deno.test("profile returns 404 if the row is missing and cannot be imported", async () => {
  await assertProblem(await setUp([EMPTY], { importUser: undefined }).call(), 404, "PROFILE_NOT_SYNCED");
  await assertProblem(await setUp([EMPTY, EMPTY]).call(), 404, "PROFILE_NOT_SYNCED");
});

Deno.test("profile returns the error of a failed request to Clerk", async () => {
  const importUser = () => Promise.reject(new ApiError("CLERK_USER_NOT_FOUND", "unknown"));
  await assertProblem(await setUp([EMPTY], { importUser }).call(), 404, "CLERK_USER_NOT_FOUND");
});
