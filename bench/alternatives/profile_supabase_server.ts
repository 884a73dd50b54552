/**
 * The profile by Supabase's package for servers, which makes the caller's client. It is given the instance's keys in
 * `SUPABASE_JWKS`; hosted, that variable has Supabase's own.
 *
 * @module
 */
import { withSupabase } from "@supabase/server";

export default {
  fetch: withSupabase({ auth: "user" }, async (_request, { supabase, jwtClaims }) => {
    const { data, error } = await supabase.from("users").select("*").eq("clerk_user_id", jwtClaims!.sub).single();
    if (error) return Response.json({ error: error.message }, { status: 500 });
    return Response.json(data);
  }),
};
