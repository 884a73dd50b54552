import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "./database.types";

type User = Database["public"]["Tables"]["users"]["Row"];

/** Reads what Supabase has of the caller: row level security returns nothing else. */
export async function readCaller(supabase: SupabaseClient<Database>) {
  // First: right after sign-up, profile creates the row if the webhook has not done so yet.
  const profile = await supabase.functions.invoke<User>("profile", { method: "GET" });
  // The user is deleted at Clerk. A token that was made before lives for up to a minute.
  if (profile.response?.status === 410) return undefined;
  if (profile.error) throw profile.error;
  const row = await supabase.from("users").select("email, first_name, last_name").maybeSingle().throwOnError();
  return { profile: profile.data!, row: row.data };
}
