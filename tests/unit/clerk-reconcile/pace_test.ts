import { assertEquals } from "@std/assert";
import { intervalFor, pace } from "../../../supabase/functions/clerk-reconcile/pace.ts";

Deno.test("intervalFor() allows half of Clerk's limit for the kind of the key", () => {
  assertEquals([intervalFor("sk_test_x"), intervalFor("sk_live_x")], [200, 20]);
});

Deno.test("pace() waits an interval between the starts of requests, even concurrent ones", async () => {
  let time = 1_000;
  const started: number[] = [];
  const paced = pace(
    () => {
      started.push(time);
      return Promise.resolve(new Response());
    },
    200,
    () => time,
    (milliseconds) => {
      time += milliseconds;
      return Promise.resolve();
    },
  );
  await paced.fetch("a");
  await paced.fetch("b");
  time += 150;
  await paced.fetch("c");
  time += 1_000;
  await paced.fetch("d");
  assertEquals(started, [1_000, 1_200, 1_400, 2_400]);
  assertEquals(paced.requests(), 4);
});
