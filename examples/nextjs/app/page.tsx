import { auth } from "@clerk/nextjs/server";
import { readCaller } from "../lib/read";
import { createServerSupabase } from "../lib/server";
import { InBrowser } from "./in-browser";

/** A server component: reads as the user before the page is sent. */
export default async function Page() {
  const { isAuthenticated } = await auth();
  const caller = isAuthenticated ? await readCaller(await createServerSupabase()) : undefined;
  if (!caller) return <h1>You are signed out</h1>;
  const { profile, row } = caller;
  return (
    <>
      <h1>Hello, {profile.first_name ?? profile.email}</h1>
      <h2>The server called the profile function</h2>
      <pre data-testid="server-profile">{JSON.stringify(profile, null, 2)}</pre>
      <h2>The server read your row of public.users</h2>
      <pre data-testid="server-row">{JSON.stringify(row, null, 2)}</pre>
      <h2>The browser read the same row</h2>
      <InBrowser />
    </>
  );
}
