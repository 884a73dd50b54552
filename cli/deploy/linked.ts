/**
 * Which project is deployed to.
 *
 * @module
 */
import { isLoopback } from "../../supabase/functions/_shared/config.ts";
import { CommandError, UsageError } from "../surroundings.ts";
import { readIfThere } from "../../dev/read_if_there.ts";

/** What the Supabase CLI takes for a project's name. */
const REF = /^[a-z]{20}$/;

/**
 * Finds the project: the one that is named, else the one that `supabase link` left behind.
 *
 * @param root The repository.
 * @param given What `--project-ref` says.
 * @returns The project's ref.
 * @throws {UsageError} Where what is given is none.
 * @throws {CommandError} Where nothing is linked.
 */
export async function findRef(root: URL, given?: string): Promise<string> {
  const ref = given ?? await readLink(root);
  if (REF.test(ref)) return ref;
  if (given !== undefined) throw new UsageError("Cannot use --project-ref: expected 20 lower-case letters");
  throw new CommandError(
    "No project is linked: run supabase link --project-ref <project-ref>, or give deploy --project-ref <project-ref>",
  );
}

async function readLink(root: URL): Promise<string> {
  return (await readIfThere(new URL("supabase/.temp/project-ref", root)) ?? "").trim();
}

/**
 * Finds the project's address.
 *
 * @param ref The project's ref.
 * @param given What `--url` says.
 * @returns The URL, without a trailing slash.
 * @throws {UsageError} Where a key must not be sent there.
 */
export function findUrl(ref: string, given = `https://${ref}.supabase.co`): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const named = /^([a-z]{20})\.supabase\.co$/.exec(url?.hostname ?? "")?.[1];
  if (named !== undefined && named !== ref) {
    throw new UsageError(`Cannot use --url: it is the project ${named}, and ${ref} is deployed`);
  }
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))) {
    return given.replace(/\/+$/, "");
  }
  throw new UsageError("Cannot use --url: expected https://…");
}

/** Which database the Supabase CLI is to migrate. */
export interface DatabaseTarget {
  /** What follows `--remote=`. */
  remote: string;
  /** Where a password is, out of sight of those who list processes. */
  env: Record<string, string>;
}

/**
 * Finds the database: the project's own, which the Supabase CLI reaches by itself, or the one that is named.
 *
 * @param ref The project's ref.
 * @param given What `--db-url` says.
 * @returns How to tell the CLI.
 * @throws {UsageError} Where it is no address of a PostgreSQL.
 */
export function findDatabase(ref: string, given?: string): DatabaseTarget {
  if (given === undefined) return { remote: ref, env: {} };
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new UsageError("Cannot use --db-url: expected postgresql://user@host:port/database");
  }
  const password = url.searchParams.get("password") ?? decode(url.password);
  url.password = "";
  // Else it stays as it is written.
  if (url.searchParams.has("password")) url.searchParams.delete("password");
  return { remote: url.href, env: password === "" ? {} : { PGPASSWORD: password } };
}

function decode(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    throw new UsageError("Cannot use --db-url: write % in the password as %25, or give the password in PGPASSWORD");
  }
}
