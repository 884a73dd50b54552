/**
 * Plans what to do with each file of a project, before anything is written.
 *
 * @module
 */
import { type Files, OWN_COLUMNS } from "../../project/adopted/contents.ts";
import { hashOf } from "../../project/hash.ts";

/** A file that is kept because the adopter edited or deleted it. */
export interface Kept {
  path: string;
  /** Whether the bundle's version has changed since it was written. */
  outdated: boolean;
}

/** The changes to make. */
export interface Plan {
  writes: Map<string, string>;
  deletes: string[];
  kept: Kept[];
  /** The files in `writes` that were edited or deleted. */
  restored: string[];
  /** Paths at which the adopter has files of their own. If there are any, nothing may be changed. */
  conflicts: string[];
  /** The fingerprints to remember. */
  files: Record<string, string>;
}

/** Migrations may already be applied, so they are never changed or deleted. */
const isMigration = (path: string) => path.startsWith("supabase/migrations/");

/**
 * Compares the bundle's files with the project's files and with the hashes of the last run.
 *
 * @param wanted The bundle's files.
 * @param present The project's files, at least those with paths in the other two.
 * @param known Hashes by path, as written by the last run.
 * @param restores Returns whether to restore an edited or deleted file. The default restores none.
 * @returns The changes to make.
 */
export async function makePlan(
  wanted: Files,
  present: Files,
  known: Record<string, string>,
  restores: (path: string) => boolean = () => false,
): Promise<Plan> {
  const plan: Plan = { writes: new Map(), deletes: [], kept: [], restored: [], conflicts: [], files: {} };
  for (const [path, text] of wanted) await planOne(plan, path, text, present.get(path), known[path]);
  for (const { path } of plan.kept.filter((one) => restores(one.path))) {
    plan.writes.set(path, wanted.get(path)!);
    plan.files[path] = await hashOf(wanted.get(path)!);
    plan.restored.push(path);
  }
  plan.kept = plan.kept.filter(({ path }) => !plan.restored.includes(path));
  for (const [path, hash] of Object.entries(known)) {
    if (!wanted.has(path)) await planObsolete(plan, path, present.get(path), hash);
  }
  return plan;
}

async function planOne(
  { writes, kept, conflicts, files }: Plan,
  path: string,
  text: string,
  present: string | undefined,
  known: string | undefined,
): Promise<void> {
  const hash = await hashOf(text);
  const isTheirs = path === OWN_COLUMNS;
  // Functions cannot start without the file for own columns, so it is written again if it was deleted.
  const isNew = present === undefined && (known === undefined || isTheirs);
  if (isTheirs && !isNew) {
    files[path] = known ?? hash;
  } else if (isNew || present === text) {
    if (isNew) writes.set(path, text);
    files[path] = hash;
  } else if (known === undefined) {
    conflicts.push(path);
  } else if (present !== undefined && !isMigration(path) && await hashOf(present) === known) {
    writes.set(path, text);
    files[path] = hash;
  } else {
    // The old hash is kept, so that the file counts as edited in the next run too.
    kept.push({ path, outdated: hash !== known });
    files[path] = known;
  }
}

async function planObsolete(
  { deletes, kept, files }: Plan,
  path: string,
  present: string | undefined,
  known: string,
): Promise<void> {
  if (present === undefined) return;
  if (isMigration(path)) files[path] = known;
  else if (await hashOf(present) === known) deletes.push(path);
  else kept.push({ path, outdated: true });
}
