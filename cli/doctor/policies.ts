/**
 * Whether a policy asks who calls once per query, and in a way that works with Clerk's ids. What is judged is the text
 * that PostgreSQL writes out, in which every function has its schema before it.
 *
 * @module
 */

/** What is wrong with an expression. */
export type PolicyFault = "auth.uid()" | "bare auth.jwt()";

/** Parentheses that are open. */
interface Group {
  /** Whether it is a subquery, and one that reads no table: PostgreSQL then evaluates it once per query. */
  select: boolean;
  from: boolean;
  /** Whether it asks for the claims outside of any subquery that is evaluated once. */
  bare: boolean;
}

/** Texts and quoted names, the words that matter, and parentheses. */
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\bauth\.(?:uid|jwt)\(\)|\bdistinct\s+from\b|\bfrom\b|\(\s*select\b|[()]/gi;

/**
 * Judges an expression of a policy.
 *
 * @param expression The text of `using` or `with check`, as `pg_policies` has it.
 * @returns Its faults; empty for a good one.
 */
export function policyFaults(expression: string): PolicyFault[] {
  const faults = new Set<PolicyFault>();
  const whole: Group = { select: false, from: false, bare: false };
  const open: Group[] = [whole];
  for (const [token] of expression.matchAll(TOKENS)) {
    const word = token.toLowerCase();
    const group = open.at(-1)!;
    if (word === "auth.uid()") faults.add("auth.uid()");
    else if (word === "auth.jwt()") group.bare = true;
    else if (word === "from") group.from = true;
    else if (word.startsWith("(")) open.push({ select: word !== "(", from: false, bare: false });
    else if (word === ")" && open.length > 1) close(open);
  }
  if (whole.bare) faults.add("bare auth.jwt()");
  return [...faults];
}

/** Within a subquery that reads a table, the claims are asked for once per row of it. */
function close(open: Group[]): void {
  const { select, from, bare } = open.pop()!;
  if (bare && (!select || from)) open.at(-1)!.bare = true;
}
