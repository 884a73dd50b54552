/** `resumes` and `hello` by HTTP, and the table by supabase-js, for two users and a guest. */
import { assertEquals } from "@std/assert";
import { createSilently, createToken, createUser, forge } from "../helpers/clerk/clerk.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

const stack = await startTestStack({
  "hello-without-keys": { of: "hello", variables: { SUPABASE_SECRET_KEYS: undefined, CLERK_SECRET_KEY: undefined } },
});
const [ada, eve] = [
  await createUser(stack, "ada@example.com", { first_name: "Ada" }),
  await createUser(stack, "eve@example.com"),
];
await eventually(async () => assertEquals((await stack.admin.from("users").select()).data?.length, 2));

const test = testsOf("", () => stack.database.script("truncate public.resumes"));

async function call(userId: string | undefined, method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = userId ? { authorization: `Bearer ${await createToken(stack, userId)}` } : {};
  return await stack.call(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

const create = async (userId: string, title: string) =>
  (await (await call(userId, "POST", "resumes", { title })).json()).id as string;

test("resumes are created, read, replaced and deleted by their owner", async () => {
  const created = await call(ada, "POST", "resumes", { title: "Engineer", content: "Analytical engines" });
  const resume = await created.json();
  assertEquals([created.status, resume.title, Object.keys(resume).sort()], [
    201,
    "Engineer",
    ["content", "created_at", "id", "title", "updated_at"],
  ]);
  const path = `resumes/${resume.id}`;
  assertEquals(await (await call(ada, "GET", path)).json(), resume);
  const replaced = await (await call(ada, "PUT", path, { title: "Author" })).json();
  assertEquals([replaced.title, replaced.content, replaced.id], ["Author", "", resume.id]);
  assertEquals((await call(ada, "DELETE", path)).status, 204);
  await assertProblem(await call(ada, "GET", path), 404, "NOT_FOUND");
  await assertProblem(await call(ada, "DELETE", path), 404, "NOT_FOUND");
});

test("the database fills in the owner from the token", async () => {
  await create(ada, "Engineer");
  const [row] = await stack.database.query(
    "select clerk_user_id from public.resumes join public.users on users.id = resumes.user_id",
  );
  assertEquals(row!.clerk_user_id, ada);
});

/** Returns whether docs/troubleshooting.md has a heading for the message of an error. */
async function listsSymptom(message: string): Promise<boolean> {
  const rows = (await Deno.readTextFile(new URL("../../docs/troubleshooting.md", import.meta.url))).split("\n")
    .filter((line) => line.startsWith("### `"));
  return rows.some((row) => row.startsWith(`### \`${message.replace(/"[^"]*"/, '"…"')}\``));
}

test("an insert before the caller's row exists is refused in the documented words, and works after profile", async () => {
  const { id } = createSilently(stack.clerk.state, { email_address: ["new@example.com"] });
  const client = stack.client(await createToken(stack, id));
  const insert = () => client.from("resumes").insert({ title: "Engineer" }).select("title");
  const refused = await insert();
  assertEquals([refused.status, refused.error?.code], [403, "42501"]);
  assertEquals(await listsSymptom(refused.error!.message), true, refused.error!.message);
  assertEquals((await client.functions.invoke("profile", { method: "GET" })).error, null);
  assertEquals((await insert()).data, [{ title: "Engineer" }]);
});

test("a caller who is not signed in is refused in the documented words", async () => {
  const { status, error } = await stack.client().from("users").select();
  assertEquals([status, error?.code], [401, "42501"]);
  assertEquals(await listsSymptom(error!.message), true, error!.message);
});

test("another caller's resume cannot be read, replaced, deleted or listed", async () => {
  const id = await create(ada, "Engineer");
  await assertProblem(await call(eve, "GET", `resumes/${id}`), 404, "NOT_FOUND");
  await assertProblem(await call(eve, "PUT", `resumes/${id}`, { title: "Stolen" }), 404, "NOT_FOUND");
  await assertProblem(await call(eve, "DELETE", `resumes/${id}`), 404, "NOT_FOUND");
  assertEquals(await (await call(eve, "GET", "resumes")).json(), { resumes: [], next_cursor: null });
  assertEquals((await (await call(ada, "GET", `resumes/${id}`)).json()).title, "Engineer");
});

test("no client can give a resume away, take one, or write protected columns", async () => {
  const id = await create(ada, "Engineer");
  const { data: rows } = await stack.admin.from("users").select("id, clerk_user_id");
  const owner = rows!.find((row) => row.clerk_user_id === eve)!.id;
  // deno-lint-ignore no-explicit-any -- the types refuse these calls too
  const resumes = stack.client(await createToken(stack, ada)).from("resumes") as any;
  for (
    const attempt of [
      resumes.update({ user_id: owner }).eq("id", id),
      resumes.insert({ title: "x", user_id: owner }),
      resumes.insert({ title: "x", created_at: "2000-01-01" }),
      resumes.update({ updated_at: "2000-01-01" }).eq("id", id),
    ]
  ) assertEquals((await attempt).error?.code, "42501");
  assertEquals((await stack.client().from("resumes").select()).error?.code, "42501");
});

test("a list of many pages has each resume once, newest first", async () => {
  await stack.database.script(`
    insert into public.resumes (user_id, title, created_at)
    select id, 'resume ' || n, '2026-01-01'::timestamptz + (n / 3) * interval '1 microsecond'
    from public.users, generate_series(1, 25) as n where clerk_user_id = '${ada}'`);
  const titles: string[] = [];
  const pages: number[] = [];
  for (let path: string | null = "resumes?limit=10"; path;) {
    const page: { resumes: Array<{ title: string }>; next_cursor: string | null } = await (await call(ada, "GET", path))
      .json();
    titles.push(...page.resumes.map(({ title }) => title));
    pages.push(page.resumes.length);
    path = page.next_cursor && `resumes?limit=10&cursor=${page.next_cursor}`;
  }
  assertEquals([pages, new Set(titles).size], [[10, 10, 5], 25]);
  const thirds = titles.map((title) => Math.floor(Number(title.slice(7)) / 3));
  assertEquals(thirds, thirds.toSorted((a, b) => b - a));
});

test("a page of the longest resumes is complete", async () => {
  await stack.database.script(`
    insert into public.resumes (user_id, title, content)
    select id, 'long', repeat('😀', 100000) from public.users, generate_series(1, 12) where clerk_user_id = '${ada}'`);
  const { resumes } = await (await call(ada, "GET", "resumes")).json();
  assertEquals([resumes.length, Object.keys(resumes[0]).sort()], [12, ["created_at", "id", "title", "updated_at"]]);
  assertEquals([...(await (await call(ada, "GET", `resumes/${resumes[0].id}`)).json()).content].length, 100_000);
});

test("a user without a row cannot own a resume yet", async () => {
  const token = await forge(stack, { sub: "user_new" });
  const headers = { authorization: `Bearer ${token}` };
  const response = await stack.call("resumes", { method: "POST", headers, body: '{"title":"x"}' });
  await assertProblem(response, 404, "PROFILE_NOT_SYNCED");
});

test("a deleted user's resumes are deleted", async () => {
  const id = await createUser(stack, "gone@example.com");
  await eventually(async () => assertEquals((await call(id, "POST", "resumes", { title: "x" })).status, 201));
  await stack.deliver({ type: "user.deleted", data: { id, deleted: true }, timestamp: Date.now() });
  assertEquals(await stack.database.query("select * from public.resumes"), []);
});

test("hello greets the user by first name, without a service key, and anyone else as a guest", async () => {
  for (const name of ["hello", "hello-without-keys"]) {
    assertEquals((await (await call(ada, "GET", name)).json()).message, "Hello, Ada!");
    assertEquals((await (await call(undefined, "GET", name)).json()).message, "Hello, guest!");
  }
  assertEquals((await stack.client().functions.invoke("hello", { method: "GET" })).data.message, "Hello, guest!");
  const expired = await forge(stack, { exp: Math.floor(Date.now() / 1000) - 6 });
  await assertProblem(
    await stack.call("hello", { headers: { authorization: `Bearer ${expired}` } }),
    401,
    "TOKEN_EXPIRED",
  );
});

testsOf("")("the stack stops", () => stack.stop());
