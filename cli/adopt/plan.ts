/**
 * What to do with each file of a project: decided before anything is written.
 *
 * @module
 */
import { type Files, OWN_COLUMNS } from "../../project/adopted/contents.ts";
import { hashOf } from "../../project/hash.ts";

/** A file that stays as the adopter has it. */
export interface Kept {
  path: string;
  /** Whether the bundle's own has changed too, since it was written here. */
  outdated: boolean;
}

/** What is to be done. */
export interface Plan {
  writes: Map<string, string>;
  deletes: string[];
  kept: Kept[];
  /** Those of `writes` that were edited or deleted, and are written again. */
  restored: string[];
  /** Files of the adopter's own where the bundle would write. Where there is one, nothing may be done. */
  conflicts: string[];
  /** The fingerprints to remember. */
  files: Record<string, string>;
}

/** A migration that may have been applied is never changed, and never deleted. */
const isMigration = (path: string) => path.startsWith("supabase/migrations/");

/**
 * Compares what the bundle has, what the project has, and what the bundle wrote the last time.
 *
 * @param wanted What the bundle has.
 * @param present What the project has, at least of the paths in the other two.
 * @param known What was written the last time.
 * @param restores Whether a file is written again though it was edited or deleted. No file is unless given.
 * @returns What to do.
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
  // Without the file for own columns no function would start, so it is written again where it was deleted.
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
    // Remembered as it was, so that it counts as edited the next time too.
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
