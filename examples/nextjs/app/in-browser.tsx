"use client";

import { useUser } from "@clerk/nextjs";
import { useEffect, useState } from "react";
import { supabase } from "../lib/browser";
import { readCaller } from "../lib/read";

/** A client component: reads the same in the browser, and again after each change of the user. */
export function InBrowser() {
  const { user } = useUser();
  const [text, setText] = useState("Reading …");

  useEffect(() => {
    if (!user) return;
    const read = () =>
      readCaller(supabase).then(
        (caller) => setText(JSON.stringify(caller?.row, null, 2)),
        (error) => setText(String(error)),
      );
    read();
    // A change at Clerk reaches the table by webhook, a moment later.
    const timer = setInterval(read, 2_000);
    return () => clearInterval(timer);
  }, [user?.id]);

  return (
    <>
      <h2>Read in the browser: the same row</h2>
      <pre data-testid="row">{text}</pre>
    </>
  );
}
