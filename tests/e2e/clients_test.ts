/** What supabase-js sends for a caller, and for the service role. */
import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { createCallerClients, createServiceClient } from "../../supabase/functions/_clerk-supabase/database/clients.ts";

interface Sent {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: string;
}

/** A Data API that answers nothing, and tells what it was sent. */
async function recording(run: (url: string, sent: Sent[]) => Promise<void>): Promise<void> {
  const sent: Sent[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname: path, search: query } = new URL(request.url);
    const { method } = request;
    sent.push({ method, path, query, headers: Object.fromEntries(request.headers), body: await request.text() });
    return Response.json([]);
  });
  try {
    await run(`http://127.0.0.1:${server.addr.port}`, sent);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a caller's queries bring the caller's token, whoever else asks, and nothing else of supabase-js is there", async () => {
  await recording(async (url, sent) => {
    const clientOf = createCallerClients({ url, key: "sb_publishable_x" });
    const [ada, eve] = [clientOf("ada"), clientOf("eve")];
    await Promise.all([ada.from("users").select(), eve.rpc("caller_deleted_at"), eve.from("users").select()]);
    const sentBy = (path: string) =>
      sent.filter((one) => one.path === path).map((one) => one.headers.authorization).sort();
    assertEquals(sentBy("/rest/v1/users"), ["Bearer ada", "Bearer eve"]);
    assertEquals(sentBy("/rest/v1/rpc/caller_deleted_at"), ["Bearer eve"]);
    assertEquals(new Set(sent.map(({ headers }) => headers.apikey)), new Set(["sb_publishable_x"]));
    // What schema() makes, and a fetch of its own, would go out without the token.
    assertEquals(Object.keys(ada), ["from", "rpc"]);
    const withOptions = ada.from as unknown as (table: string, options: object) => ReturnType<typeof ada.from>;
    await withOptions("resumes", { fetch: () => Promise.reject(new Error("not this one")) }).select();
    assertEquals(sentBy("/rest/v1/resumes"), ["Bearer ada"]);
  });
});

Deno.test("the service role's queries bring its key alone", async () => {
  await recording(async (url, sent) => {
    await createServiceClient({ url, key: "sb_secret_x" }).rpc("clerk_status");
    const [{ path, headers }] = sent as [Sent];
    assertEquals([sent.length, path, headers.apikey, headers.authorization], [
      1,
      "/rest/v1/rpc/clerk_status",
      "sb_secret_x",
      "Bearer sb_secret_x",
    ]);
  });
});

Deno.test("the clients send the same requests as supabase-js", async () => {
  await recording(async (url, sent) => {
    const key = "sb_secret_x";
    const ours = createServiceClient({ url, key });
    const theirs = createClient(url, key, { accessToken: () => Promise.resolve(null), db: { retry: false } });
    await ours.rpc("apply_clerk_changes", { changes: [] });
    await theirs.rpc("apply_clerk_changes", { changes: [] });
    const columns = "id, first_name";
    await createCallerClients({ url, key })("ada").from("users").select(columns).eq("clerk_user_id", "ü&x")
      .maybeSingle();
    const asAda = createClient(url, key, { accessToken: () => Promise.resolve("ada"), db: { retry: false } });
    await asAda.from("users").select(columns).eq("clerk_user_id", "ü&x").maybeSingle();
    assertEquals(sent.length, 4);
    for (const one of sent) delete one.headers["x-client-info"];
    assertEquals([sent[0], sent[2]], [sent[1], sent[3]]);
    assertEquals(sent[0]!.headers["content-profile"], "public");
  });
});
