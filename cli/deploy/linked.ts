/**
 * Which project is deployed to.
 *
 * @module
 */
import { isLoopback } from "../../supabase/functions/_clerk-supabase/config.ts";
import { CommandError, UsageError } from "../../project/errors.ts";
import { readIfThere } from "../../project/read_if_there.ts";

/** The form of a project's ref, as the Supabase CLI accepts it. */
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
  const named = OWN_HOST.exec(url?.hostname ?? "")?.[1];
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
 * Finds the database: the project's own, which the Supabase CLI reaches by itself, or the one that `--db-url` names.
 *
 * @param ref The project's ref.
 * @param given The value of `--db-url`.
 * @returns How to tell the CLI.
 * @throws {UsageError} If it is not the address of a PostgreSQL, or if it names another project.
 */
export function findDatabase(ref: string, given?: string): DatabaseTarget {
  if (given === undefined) return { remote: ref, env: {} };
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new UsageError("Cannot use --db-url: expected postgresql://user@host:port/database");
  }
  const other = refsIn(url).find((one) => one !== ref);
  if (other !== undefined) {
    throw new UsageError(`Cannot use --db-url: it is a database of the project ${other}, and ${ref} is deployed`);
  }
  const password = url.searchParams.get("password") ?? decode(url.password);
  url.password = "";
  // Else it stays as it is written.
  if (url.searchParams.has("password")) url.searchParams.delete("password");
  return { remote: url.href, env: password === "" ? {} : { PGPASSWORD: password } };
}

/**
 * The projects that an address names: a pooler's user is `postgres.<ref>`, or its options say `reference=<ref>`, and a
 * project's own host is `db.<ref>.supabase.co`. Parameters of the query take precedence over what stands before it.
 */
function refsIn({ username, hostname, searchParams }: URL): string[] {
  const [users, hosts, options] = ["user", "host", "options"].map((name) => searchParams.getAll(name));
  return [
    ...[decode(username), ...users!].map((user) => /\.([a-z]{20})$/i.exec(user)?.[1]),
    ...[hostname, ...hosts!].flatMap((list) => list.split(",")).map((host) => OWN_HOST.exec(host)?.[1]),
    ...options!.map((option) => /\breference=([a-z]{20})\b/i.exec(option)?.[1]),
  ].flatMap((found) => found?.toLowerCase() ?? []);
}

/** `db.<ref>.supabase.co`, `<ref>.functions.supabase.co` and the like, and under whatever other ending Supabase runs. */
const OWN_HOST = /(?:^|\.)([a-z]{20})(?:\.[a-z]+)?\.supabase\.[a-z]+\.?$/i;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError("Cannot use --db-url: write % in the password as %25, or give the password in PGPASSWORD");
  }
}
