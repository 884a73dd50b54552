/**
 * Reads the rows that events have written.
 *
 * @module
 */
import { readServiceConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { UnreachableError } from "../call.ts";
import type { CommandContext, Target } from "../command_context.ts";
import { type Subject, TABLES } from "./subjects.ts";

/** A row, or the reason why it cannot be shown. */
export type Row = Record<string, unknown> | string;

/**
 * Reads a row with the project's secret key, and only if the webhook belongs to the same project.
 *
 * @param context Everything outside of the command.
 * @param target The project of the keys.
 * @param webhook The webhook that the events were sent to.
 * @param subject The row.
 * @returns The row, or the reason why it cannot be shown.
 * @throws {UnreachableError} If the Data API does not answer.
 */
export async function readRow(
  { fetch }: CommandContext,
  target: Target,
  webhook: string,
  { kind, id }: Subject,
): Promise<Row> {
  if (new URL(webhook).origin !== new URL(target.url).origin) {
    return "cannot be shown: the webhook belongs to another project";
  }
  if (!hasKey(target)) return "cannot be shown: SUPABASE_URL and SUPABASE_SECRET_KEY are not set";
  const { url, key } = readServiceConfig(target.env);
  const { table, column } = TABLES[kind];
  const query = new URLSearchParams({ [column]: `eq.${id}`, select: "*" });
  const response = await fetch(`${url}/rest/v1/${table}?${query}`, {
    headers: { apikey: key, authorization: `Bearer ${key}` },
    redirect: "error",
    signal: AbortSignal.timeout(15_000),
  }).catch((error: unknown) => {
    throw new UnreachableError(url, error);
  });
  const rows = parseJson(await response.text());
  if (!response.ok || !Array.isArray(rows)) return `cannot be shown: the Data API answered ${response.status}`;
  return isObject(rows[0]) ? rows[0] : "no row";
}

function hasKey({ env }: Target): boolean {
  return Boolean(env("SUPABASE_URL") && (env("SUPABASE_SECRET_KEYS") || env("SUPABASE_SERVICE_ROLE_KEY")));
}
