/**
 * The webhook as tutorials write it: svix, a client per request, and an upsert of the payload. It does not order
 * messages or recognize duplicates, and two users with the same address are a permanent error.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import { Webhook } from "svix";
import { rowOf, type UserEvent } from "./row.ts";

export default {
  fetch: async (request: Request): Promise<Response> => {
    const body = await request.text();
    const webhook = new Webhook(Deno.env.get("CLERK_WEBHOOK_SECRET")!);
    try {
      webhook.verify(body, Object.fromEntries(request.headers));
    } catch {
      return new Response("Invalid signature", { status: 400 });
    }
    const event: UserEvent = JSON.parse(body);
    const supabase = createClient(Deno.env.get("SUPABASE_URL")!, Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!);
    const { error } = event.type === "user.deleted"
      ? await supabase.from("plain_users").delete().eq("clerk_user_id", event.data.id)
      : await supabase.from("plain_users").upsert(rowOf(event.data), { onConflict: "clerk_user_id" });
    if (error) return Response.json({ error: error.message }, { status: 500 });
    return Response.json({ received: true });
  },
};
