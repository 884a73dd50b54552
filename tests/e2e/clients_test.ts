/** The requests that supabase-js sends for a caller and for the service role. */
import { assertEquals } from "@std/assert";
import { createCallerClients, createServiceClient } from "../../supabase/functions/_clerk-supabase/database/clients.ts";

interface Sent {
  path: string;
  authorization: string | null;
  apikey: string | null;
}

/** A Data API that returns nothing and records its requests. */
async function recording(run: (url: string, sent: Sent[]) => Promise<void>): Promise<void> {
  const sent: Sent[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url, headers }) => {
    const { pathname } = new URL(url);
    sent.push({ path: pathname, authorization: headers.get("authorization"), apikey: headers.get("apikey") });
    return Response.json([]);
  });
  try {
    await run(`http://127.0.0.1:${server.addr.port}`, sent);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a caller's queries send the caller's own token, and the client has no other parts of supabase-js", async () => {
  await recording(async (url, sent) => {
    const clientOf = createCallerClients({ url, key: "sb_publishable_x" });
    const [ada, eve] = [clientOf("ada"), clientOf("eve")];
    await Promise.all([ada.from("users").select(), eve.rpc("caller_deleted_at"), eve.from("users").select()]);
    const sentBy = (path: string) => sent.filter((one) => one.path === path).map((one) => one.authorization).sort();
    assertEquals(sentBy("/rest/v1/users"), ["Bearer ada", "Bearer eve"]);
    assertEquals(sentBy("/rest/v1/rpc/caller_deleted_at"), ["Bearer eve"]);
    assertEquals(new Set(sent.map(({ apikey }) => apikey)), new Set(["sb_publishable_x"]));
    // The results of schema() and a separate fetch would be sent without the token.
    assertEquals(Object.keys(ada), ["from", "rpc"]);
    const withOptions = ada.from as unknown as (table: string, options: object) => ReturnType<typeof ada.from>;
    await withOptions("resumes", { fetch: () => Promise.reject(new Error("not this one")) }).select();
    assertEquals(sentBy("/rest/v1/resumes"), ["Bearer ada"]);
  });
});

Deno.test("the service role's queries send only its key", async () => {
  await recording(async (url, sent) => {
    await createServiceClient({ url, key: "sb_secret_x" }).rpc("clerk_status");
    assertEquals(sent, [{
      path: "/rest/v1/rpc/clerk_status",
      authorization: "Bearer sb_secret_x",
      apikey: "sb_secret_x",
    }]);
  });
});
