import { assertEquals } from "@std/assert";
import { keepAlive } from "../../../supabase/functions/clerk-reconcile/background.ts";

Deno.test("keepAlive() gives the Edge Runtime a promise that settles with the work and never rejects", async () => {
  const kept: Array<Promise<unknown>> = [];
  const globals = globalThis as { EdgeRuntime?: unknown };
  globals.EdgeRuntime = { waitUntil: (work: Promise<unknown>) => kept.push(work) };
  try {
    keepAlive(Promise.resolve("done"));
    keepAlive(Promise.reject(new Error("failed")));
    assertEquals([kept.every((work) => work instanceof Promise), await Promise.all(kept)], [true, ["done", undefined]]);
  } finally {
    delete globals.EdgeRuntime;
  }
});

Deno.test("keepAlive() does nothing without the Edge Runtime", () => {
  keepAlive(Promise.resolve());
});
