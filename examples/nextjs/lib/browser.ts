import { getToken } from "@clerk/nextjs";
import { createClient } from "@supabase/supabase-js";
import type { Database } from "./database.types";

/** supabase-js for client components: sends the session token of the browser's user with each request. */
export const supabase = createClient<Database>(
  process.env.NEXT_PUBLIC_SUPABASE_URL!,
  process.env.NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY!,
  { accessToken: () => getToken() },
);
