/**
 * The webhook as Clerk's and Supabase's documentation together suggest: `verifyWebhook` of Clerk's package, a client
 * that is made once, an upsert. Order and duplicates are still nobody's.
 *
 * @module
 */
import { verifyWebhook } from "@clerk/backend/webhooks";
import { createClient } from "@supabase/supabase-js";
import { rowOf, type UserEvent } from "./row.ts";

const supabase = createClient(Deno.env.get("SUPABASE_URL")!, Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!, {
  auth: { persistSession: false, autoRefreshToken: false },
});
const signingSecret = Deno.env.get("CLERK_WEBHOOK_SECRET")!;

export default {
  fetch: async (request: Request): Promise<Response> => {
    let event: UserEvent;
    try {
      event = await verifyWebhook(request, { signingSecret }) as UserEvent;
    } catch {
      return new Response("Invalid signature", { status: 400 });
    }
    const { error } = event.type === "user.deleted"
      ? await supabase.from("plain_users").delete().eq("clerk_user_id", event.data.id)
      : await supabase.from("plain_users").upsert(rowOf(event.data), { onConflict: "clerk_user_id" });
    if (error) return Response.json({ error: error.message }, { status: 500 });
    return Response.json({ received: true });
  },
};
