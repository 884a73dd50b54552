/** Tests convergence with 16 HTTP clients of `clerk-webhook`, while an RPC call applies Clerk's current state. */
import { assert } from "@std/assert";
import postgres from "postgres";
import { startTestStack, type TestStack } from "../helpers/stack/stack.ts";
import { createMigratedDatabase } from "../helpers/database/postgres.ts";
import type { Message } from "./history.ts";
import { changeOf, eventOf, mappingOf } from "./payload.ts";
import { converge } from "./run.ts";
import { testsOf } from "../helpers/shared_test.ts";

const WORKERS = 16;

/** Delivers a message like Svix: anything but 200 is delivered again. */
async function deliver(stack: TestStack, message: Message, soft: boolean): Promise<void> {
  if (message.kind === "fetched") {
    const { error } = await stack.admin.rpc("apply_clerk_changes", {
      changes: [changeOf(message, 0, mappingOf("hard", false))] as never,
    });
    assert(!error, `apply_clerk_changes: ${error?.message}`);
    return;
  }
  const response = await stack.deliver(eventOf(message), {
    name: soft ? "soft-delete" : "clerk-webhook",
    id: message.id,
  });
  const text = await response.text();
  assert(response.status === 200, `${response.status} ${text}`);
}

testsOf("")("clerk-webhook converges under any order, duplication, loss and concurrency", async () => {
  const database = await createMigratedDatabase();
  const watcher = postgres(database.url, { max: 1 });
  const stack = await startTestStack({
    "soft-delete": { of: "clerk-webhook", variables: { CLERK_DELETE_MODE: "soft" } },
  }, { databaseUrl: database.url });
  try {
    await converge(
      {
        name: "HTTP",
        workers: WORKERS,
        largestBatch: 1,
        // The functions are served in the form that `add` writes.
        withOwnColumn: false,
        // Short enough for 200 of them; a longer run also tries longer ones.
        maxMessages: Deno.env.has("HISTORIES") ? 300 : 60,
        deliver: async ({ messages, lost }, { deleteMode }) => {
          // Lost on the way, so it never arrived. direct_test.ts covers work that is rolled back.
          if (lost) return;
          for (const message of messages) await deliver(stack, message, deleteMode === "soft");
        },
      },
      database.sql,
      watcher,
    );
  } finally {
    await stack.stop();
    await watcher.end();
    await database.drop();
  }
});
