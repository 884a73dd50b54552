/**
 * SQL that the documentation tells people to run, to be run as it stands there.
 *
 * @module
 */

/**
 * The SQL block of a page that contains a text.
 *
 * @param page Such as `docs/database.md`.
 * @param part A part of the block.
 * @returns The block.
 */
export async function documentedSql(page: string, part: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(`../../${page}`, import.meta.url));
  const block = [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!).find((sql) => sql.includes(part));
  if (!block) throw new Error(`${page} has no SQL with ${part}`);
  return block;
}
