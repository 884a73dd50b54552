/**
 * Dependencies of a handler, for tests.
 *
 * @module
 */
import type { Platform } from "../../../supabase/functions/_clerk-supabase/http/handle.ts";
import type { LogEntry } from "../../../supabase/functions/_clerk-supabase/log.ts";

/** A platform whose log a test can read. */
export function createPlatform(overrides: Partial<Platform> = {}): Platform & { entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  return { corsOrigins: ["*"], log: (entry) => entries.push(entry), now: Date.now, entries, ...overrides };
}

/** Reads the environment from an object. */
export function envOf(variables: Record<string, string | undefined>): (name: string) => string | undefined {
  return (name) => variables[name];
}
