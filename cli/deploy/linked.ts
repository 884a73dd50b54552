/**
 * Finds the project to deploy to.
 *
 * @module
 */
import { isLoopback } from "../../supabase/functions/_clerk-supabase/config.ts";
import { CommandError, UsageError } from "../../project/errors.ts";
import { readIfThere } from "../../project/read_if_there.ts";

/** The form of a project's ref, as the Supabase CLI accepts it. */
const REF = /^[a-z]{20}$/;

/**
 * Finds the project: the given one, or else the one that `supabase link` has linked.
 *
 * @param root The repository.
 * @param given The value of `--project-ref`.
 * @returns The project's ref.
 * @throws {UsageError} If the given value is not a ref.
 * @throws {CommandError} If no project is linked.
 */
export async function findRef(root: URL, given?: string): Promise<string> {
  const ref = given ?? await readLink(root);
  if (REF.test(ref)) return ref;
  if (given !== undefined) throw new UsageError("Cannot use --project-ref: expected 20 lower-case letters");
  throw new CommandError(
    "No project is linked: run supabase link --project-ref <project-ref>, or pass --project-ref <project-ref> to deploy",
  );
}

async function readLink(root: URL): Promise<string> {
  return (await readIfThere(new URL("supabase/.temp/project-ref", root)) ?? "").trim();
}

/**
 * Finds the project's address.
 *
 * @param ref The project's ref.
 * @param given The value of `--url`.
 * @returns The URL, without a trailing slash.
 * @throws {UsageError} If the secret key must not be sent to this address.
 */
export function findUrl(ref: string, given = `https://${ref}.supabase.co`): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const named = OWN_HOST.exec(url?.hostname ?? "")?.[1];
  if (named !== undefined && named !== ref) {
    throw new UsageError(`Cannot use --url: it belongs to the project ${named}, but the deployment is for ${ref}`);
  }
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))) {
    return given.replace(/\/+$/, "");
  }
  throw new UsageError("Cannot use --url: expected https://…");
}

/** The database that the Supabase CLI migrates. */
export interface DatabaseTarget {
  /** The value of the flag `--remote`. */
  remote: string;
  /** Variables with the password, which a command line would show to other users. */
  env: Record<string, string>;
}

/**
 * Finds the database: the given one, or else the project's own, which the Supabase CLI finds by the ref.
 *
 * @param ref The project's ref.
 * @param given The value of `--db-url`.
 * @returns The arguments and variables for the CLI.
 * @throws {UsageError} If it is not an address of PostgreSQL, or names another project.
 */
export function findDatabase(ref: string, given?: string): DatabaseTarget {
  if (given === undefined) return { remote: ref, env: {} };
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new UsageError("Cannot use --db-url: expected postgresql://user@host:port/database");
  }
  const other = refsIn(url).find((one) => one !== ref);
  if (other !== undefined) {
    throw new UsageError(`Cannot use --db-url: it belongs to the project ${other}, but the deployment is for ${ref}`);
  }
  const password = url.searchParams.get("password") ?? decode(url.password);
  url.password = "";
  // Deleting a parameter reformats the others, so the query is changed only if necessary.
  if (url.searchParams.has("password")) url.searchParams.delete("password");
  return { remote: url.href, env: password === "" ? {} : { PGPASSWORD: password } };
}

/**
 * Returns the refs in an address: a pooler's user is `postgres.<ref>`, or its options contain `reference=<ref>`, and a
 * project's own host is `db.<ref>.supabase.co`. Query parameters take precedence over the rest of the address.
 */
function refsIn({ username, hostname, searchParams }: URL): string[] {
  const [users, hosts, options] = ["user", "host", "options"].map((name) => searchParams.getAll(name));
  return [
    ...[decode(username), ...users!].map((user) => /\.([a-z]{20})$/i.exec(user)?.[1]),
    ...[hostname, ...hosts!].flatMap((list) => list.split(",")).map((host) => OWN_HOST.exec(host)?.[1]),
    ...options!.map((option) => /\breference=([a-z]{20})\b/i.exec(option)?.[1]),
  ].flatMap((found) => found?.toLowerCase() ?? []);
}

/** Matches `db.<ref>.supabase.co`, `<ref>.functions.supabase.co` and the like, under any top-level domain. */
const OWN_HOST = /(?:^|\.)([a-z]{20})(?:\.[a-z]+)?\.supabase\.[a-z]+\.?$/i;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError("Cannot use --db-url: write % in the password as %25, or give the password in PGPASSWORD");
  }
}
