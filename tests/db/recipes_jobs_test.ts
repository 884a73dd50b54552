/** Tests the jobs of docs/recipes (files of deleted users, welcome e-mail) with supabase-js and Storage in memory. */
import { assertEquals, assertRejects } from "@std/assert";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { createDataApi } from "../../dev/gateway/data_api.ts";
import { openDatabase } from "../../project/database/database.ts";
import { apply, deletion, profile, T0 } from "../helpers/database/changes.ts";
import { createStackDatabase } from "../helpers/migrated.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { importCode } from "../helpers/project/documented_module.ts";
import { testsOf } from "../helpers/shared_test.ts";

const { url, from, drop } = await createStackDatabase({ embedded: false });
const database = await openDatabase({ url, from });
await database.script(
  [
    await documentedCode("docs/recipes/storage.md", "create table public.orphaned_folders"),
    await documentedCode("docs/recipes/welcome-email.md", "create table public.welcome_emails"),
  ].join("\n"),
);
const keys = { publishable: "sb_publishable_test", secret: "sb_secret_test" };
const dataApi = createDataApi({ database, keys, jwks: () => ({ keys: [] }) });

/** Names of files in the bucket `files`. */
const files = new Set<string>();
/** The number of files that each call of Storage removed. */
const removals: number[] = [];

/** Lists a folder like Storage: at most 100 names per page, and folders with a null id. */
function listFolder({ prefix, limit, offset }: { prefix: string; limit: number; offset: number }): Response {
  const names = new Map<string, string | null>();
  for (const path of [...files].filter((path) => path.startsWith(`${prefix}/`)).sort()) {
    const [name, ...rest] = path.slice(prefix.length + 1).split("/");
    names.set(name!, rest.length > 0 ? null : path);
  }
  return Response.json([...names].slice(offset, offset + Math.min(limit, 100)).map(([name, id]) => ({ name, id })));
}

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/rest/v1/")) return await dataApi(request);
  const body = await request.json();
  if (pathname === "/storage/v1/object/list/files") return listFolder(body);
  assertEquals([request.method, pathname], ["DELETE", "/storage/v1/object/files"]);
  removals.push(body.prefixes.length);
  for (const path of body.prefixes) files.delete(path);
  return Response.json([]);
}

const supabase = createClient("http://127.0.0.1:1", keys.secret, {
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  global: { fetch: (input, init) => answer(new Request(input, init)) },
});

const test = testsOf("recipes: ", async () => {
  files.clear();
  removals.length = 0;
  await database.script(
    "truncate public.users, clerk.users, clerk.messages, public.orphaned_folders, public.welcome_emails cascade",
  );
});

const idOf = async (clerkUserId: string) =>
  (await database.query("select id from public.users where clerk_user_id = $1", [clerkUserId]))[0]!.id as string;

type RemoveFiles = { removeOrphanedFiles: (supabase: SupabaseClient) => Promise<number> };

test("the job removes every file of a deleted user, in pages, and no file of another", async () => {
  const { removeOrphanedFiles } = await importCode<RemoveFiles>(
    await documentedCode("docs/recipes/storage.md", "removeOrphanedFiles"),
  );
  await apply(database, profile("user_a", 1), profile("user_b", 1));
  const [a, b] = [await idOf("user_a"), await idOf("user_b")];
  for (let number = 0; number < 1050; number++) files.add(`${a}/${number}.txt`);
  files.add(`${a}/photos/2026/a.png`).add(`${b}/kept.txt`);
  assertEquals(await removeOrphanedFiles(supabase), 0);
  await apply(database, deletion("user_a", 2));
  assertEquals(await removeOrphanedFiles(supabase), 1051);
  assertEquals([[...files], removals], [[`${b}/kept.txt`], [1000, 51]]);
  assertEquals(await removeOrphanedFiles(supabase), 0);
});

interface WelcomeEmail {
  to: string;
  name: string | null;
  idempotencyKey: string;
}
type SendWelcomeEmails = {
  sendWelcomeEmails: (supabase: SupabaseClient, send: (email: WelcomeEmail) => Promise<void>) => Promise<number>;
};
const { sendWelcomeEmails } = await importCode<SendWelcomeEmails>(
  await documentedCode("docs/recipes/welcome-email.md", "sendWelcomeEmails"),
);

/** A mail provider that drops a second e-mail with the same key. */
function createProvider() {
  const accepted = new Map<string, WelcomeEmail>();
  return {
    send: (email: WelcomeEmail) => Promise.resolve(void accepted.set(email.idempotencyKey, email)),
    addresses: () => [...accepted.values()].map(({ to }) => to).sort(),
  };
}

const NOW = Date.now() - T0;
const newUser = (name: string, own = {}) =>
  profile(`user_${name}`, NOW, {
    ...{ email: `${name}@example.com`, email_verified: true, first_name: name, created_at: T0 + NOW, ...own },
  });

test("a new user gets one welcome e-mail despite duplicate deliveries", async () => {
  const provider = createProvider();
  const change = newUser("a");
  await apply(database, change, { ...change, message_id: "again" }, newUser("old", { created_at: T0 }));
  await apply(database, newUser("b", { email_verified: false }), newUser("c", { email: null, email_verified: false }));
  assertEquals(await sendWelcomeEmails(supabase, provider.send), 1);
  assertEquals([await sendWelcomeEmails(supabase, provider.send), provider.addresses()], [0, ["a@example.com"]]);
  // The address is verified later.
  await apply(
    database,
    profile("user_b", NOW + 5, { email: "b@example.com", email_verified: true, created_at: T0 + NOW }),
  );
  assertEquals([await sendWelcomeEmails(supabase, provider.send), provider.addresses().length], [1, 2]);
});

test("two concurrent jobs send each e-mail once", async () => {
  const provider = createProvider();
  await apply(database, ...["a", "b", "c", "d"].map((name) => newUser(name)));
  let sent = 0;
  const send = (email: WelcomeEmail) => (sent++, provider.send(email));
  const counts = await Promise.all([sendWelcomeEmails(supabase, send), sendWelcomeEmails(supabase, send)]);
  assertEquals([counts[0]! + counts[1]!, sent, provider.addresses().length], [4, 4, 4]);
});

test("an e-mail whose job crashed after sending is sent again under the same key", async () => {
  const provider = createProvider();
  await apply(database, newUser("a"));
  const crash = async (email: WelcomeEmail) => {
    await provider.send(email);
    throw new Error("crash");
  };
  await assertRejects(() => sendWelcomeEmails(supabase, crash), Error, "crash");
  assertEquals(await sendWelcomeEmails(supabase, provider.send), 0);
  await database.script("update public.welcome_emails set due_at = now() - interval '1 second'");
  assertEquals([await sendWelcomeEmails(supabase, provider.send), provider.addresses()], [1, ["a@example.com"]]);
});

testsOf("")("the jobs' database closes", async () => {
  await database.close();
  await drop();
});
