/**
 * The profile by Clerk's package: `verifyToken` without a network, then the row as the caller.
 *
 * @module
 */
import { verifyToken } from "@clerk/backend";
import { createClient } from "@supabase/supabase-js";

const jwtKey = Deno.env.get("CLERK_JWT_KEY")!;

export default {
  fetch: async (request: Request): Promise<Response> => {
    const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
    let userId: string;
    try {
      userId = (await verifyToken(token, { jwtKey })).sub;
    } catch {
      return Response.json({ error: "Unauthorized" }, { status: 401 });
    }
    const supabase = createClient(Deno.env.get("SUPABASE_URL")!, Deno.env.get("SUPABASE_ANON_KEY")!, {
      accessToken: () => Promise.resolve(token),
    });
    const { data, error } = await supabase.from("users").select("*").eq("clerk_user_id", userId).single();
    if (error) return Response.json({ error: error.message }, { status: 500 });
    return Response.json(data);
  },
};
