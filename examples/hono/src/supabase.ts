import { createClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.ts";

type User = Database["public"]["Tables"]["users"]["Row"];

/** What `getAuth()` returns of a caller. */
interface Auth {
  userId: string | null;
  getToken: () => Promise<string | null>;
}

/**
 * Reads what Supabase has of the caller; undefined if nobody is signed in. Each request carries the caller's own token,
 * not a secret key, so row level security returns nothing else.
 */
export async function readCaller({ userId, getToken }: Auth) {
  if (!userId) return undefined;
  const supabase = createClient<Database>(process.env.SUPABASE_URL!, process.env.SUPABASE_PUBLISHABLE_KEY!, {
    accessToken: getToken,
  });
  // First: right after sign-up, profile creates the row if the webhook has not done so yet.
  const profile = await supabase.functions.invoke<User>("profile", { method: "GET" });
  // The user is deleted at Clerk. A token that was made before lives for up to a minute.
  if (profile.response?.status === 410) return undefined;
  if (profile.error) throw profile.error;
  const row = await supabase.from("users").select("email, first_name, last_name").maybeSingle().throwOnError();
  return { profile: profile.data!, row: row.data };
}
