"use client";

import { useUser } from "@clerk/nextjs";
import { useEffect, useState } from "react";
import { supabase } from "../lib/browser";
import { readCaller } from "../lib/read";

/** A client component: reads the same in the browser, again and again. */
export function InBrowser() {
  const { user } = useUser();
  const [row, setRow] = useState<unknown>("Reading …");

  useEffect(() => {
    if (!user) return;
    const read = () => readCaller(supabase).then((caller) => setRow(caller?.row), (error) => setRow(String(error)));
    read();
    // A change at Clerk reaches the table by webhook, a moment later.
    const timer = setInterval(read, 2_000);
    return () => clearInterval(timer);
  }, [user?.id]);

  return <pre data-testid="row">{JSON.stringify(row, null, 2)}</pre>;
}
