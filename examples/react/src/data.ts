import type { Database } from "./database.types";
import { supabase } from "./supabase";

type User = Database["public"]["Tables"]["users"]["Row"];

export type Data = Awaited<ReturnType<typeof readData>>;

/** Reads what Supabase has of the caller: row level security returns nothing else. */
export async function readData() {
  // First: right after sign-up, profile creates the row if the webhook has not done so yet.
  const profile = await supabase.functions.invoke<User>("profile", { method: "GET" });
  if (profile.error) throw profile.error;
  const row = await supabase.from("users").select("email, first_name, last_name").maybeSingle().throwOnError();
  const organizations = await supabase.from("organizations").select("clerk_organization_id, name").throwOnError();
  return { profile: profile.data!, row: row.data, organizations: organizations.data };
}
