import { getToken } from "@clerk/react";
import { createClient } from "@supabase/supabase-js";
import type { Database } from "./database.types";

const { VITE_SUPABASE_URL, VITE_SUPABASE_PUBLISHABLE_KEY } = import.meta.env;

/** Sends Clerk's session token with each request, by which functions and row level security know the caller. */
export const supabase = createClient<Database>(VITE_SUPABASE_URL, VITE_SUPABASE_PUBLISHABLE_KEY, {
  accessToken: () => getToken(),
});
