/**
 * `@clerk/backend` with the simulator for Clerk.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ClerkClient, createClerkClient } from "@clerk/backend";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { eventually } from "../../../project/eventually.ts";
import { type TestSimulator, withSimulator } from "./simulator.ts";

/** Runs a test with Clerk's package and the simulator that it talks to. */
export async function withClerk(run: (clerk: ClerkClient, simulator: TestSimulator) => Promise<void>): Promise<void> {
  await withSimulator({}, async (simulator) => {
    const { url, secretKey } = simulator;
    await run(createClerkClient({ apiUrl: url, secretKey, telemetry: { disabled: true } }), simulator);
  });
}

/** Returns the status and the code of what Clerk's package throws. */
export async function refusalOf(promise: Promise<unknown>): Promise<[number, string | undefined]> {
  const error = await assertRejects(() => promise, Error);
  assert(isClerkAPIResponseError(error), String(error));
  return [error.status, error.errors[0]?.code];
}

/** Waits until so many webhooks have come; returns their events, in the order of their timestamps. */
// deno-lint-ignore no-explicit-any
export async function eventsOf({ webhooks }: TestSimulator, count: number): Promise<any[]> {
  await eventually(() => {
    assertEquals(webhooks.length, count);
    return Promise.resolve();
  });
  const events = await Promise.all(webhooks.map((request) => request.clone().json()));
  return events.sort((one, other) => one.data.updated_at - other.data.updated_at);
}
