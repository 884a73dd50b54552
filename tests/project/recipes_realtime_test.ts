/** docs/recipes/realtime.md: its front end, with a simulated clock and Realtime server. */
import { assertEquals } from "@std/assert";
import { documentedCode } from "../helpers/project/documented.ts";
import { importCode } from "../helpers/project/documented_module.ts";

const page = "docs/recipes/realtime.md";

function tokenFor(secondsLeft: number): string {
  const payload = btoa(JSON.stringify({ exp: Date.now() / 1000 + secondsLeft, name: ">>>???" })).replaceAll("+", "-");
  return `header.${payload.replaceAll("/", "_").replaceAll("=", "")}.signature`;
}

Deno.test("freshToken returns a cached token, replaces one that is about to expire, and returns null when signed out", async () => {
  const globals = globalThis as Record<string, unknown>;
  Object.assign(globals, {
    ...{ SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_PUBLISHABLE_KEY: "sb_publishable_x" },
    Clerk: { session: null },
  });
  const code = await documentedCode(page, "freshToken");
  const { freshToken } = await importCode<{ freshToken: () => Promise<string | null> }>(code);
  const cached = { left: 60 };
  const session = {
    getToken: (options?: { skipCache: boolean }) =>
      Promise.resolve(options?.skipCache ? "new" : `${tokenFor(cached.left).replace("header", `h${cached.left}`)}`),
  };
  globals.Clerk = { session };
  assertEquals((await freshToken())!.split(".")[0], "h60");
  cached.left = 31;
  assertEquals((await freshToken())!.split(".")[0], "h31");
  for (cached.left of [29, 5, -10]) assertEquals(await freshToken(), "new");
  globals.Clerk = { session: null };
  assertEquals(await freshToken(), null);
});

type Status = (status: string) => void;

Deno.test("keepSubscribed joins again a second after CLOSED, until it is ended", async () => {
  const joined: Array<{ topic: string; status: Status }> = [];
  const removed: unknown[] = [];
  const supabase = {
    channel: (topic: string, options: { config: { private: boolean } }) => {
      assertEquals(options.config.private, true);
      const channel = { subscribe: (status: Status) => joined.push({ topic, status }) };
      return channel;
    },
    removeChannel: (channel: unknown) => Promise.resolve(removed.push(channel)),
  };
  const { keepSubscribed } = await importCode<
    { keepSubscribed: (client: unknown, topic: string, listen: () => void) => () => void }
  >(await documentedCode(page, "keepSubscribed"));
  const timers: Array<[run: () => void, delayMs: number]> = [];
  const { setTimeout } = globalThis;
  globalThis.setTimeout =
    ((run: () => void, delayMs: number) => timers.push([run, delayMs])) as unknown as typeof setTimeout;
  try {
    const end = keepSubscribed(supabase, "user:1", () => {});
    await joined[0]!.status("SUBSCRIBED");
    await joined[0]!.status("CLOSED");
    // The removal of a channel closes it once more.
    await joined[0]!.status("CLOSED");
    assertEquals([joined.length, removed.length, timers.map(([, delayMs]) => delayMs)], [1, 1, [1000]]);
    timers[0]![0]();
    assertEquals(joined.map(({ topic }) => topic), ["user:1", "user:1"]);
    end();
    await joined[1]!.status("CLOSED");
    assertEquals([joined.length, removed.length, timers.length], [2, 2, 1]);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});
