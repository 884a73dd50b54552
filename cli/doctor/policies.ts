/**
 * Tells whether a policy asks who calls once per query, and in a way that works with Clerk's ids and claims. It judges the
 * text that PostgreSQL writes out, in which every function has its schema before it.
 *
 * @module
 */

/** What is wrong with an expression. */
export type PolicyFault = "auth.uid()" | "bare auth.jwt()" | "bare helper" | "dotted claim" | "org_id alone";

/** What to do about each. */
export const POLICY_FIXES: Readonly<Record<PolicyFault, string>> = {
  "auth.uid()": "auth.uid() fails on Clerk's ids: compare (select auth.jwt()) ->> 'sub' as text",
  "bare auth.jwt()": "A bare auth.jwt() runs once per row: write (select auth.jwt())",
  "bare helper": "A bare caller_…() runs once per row: write (select public.caller_organization_id()) and its like",
  "dotted claim":
    "auth.jwt() ->> 'o.id' is always null, because the claim is nested: compare with (select public.caller_organization_id())",
  "org_id alone":
    "Tokens of version 2 have no org_id claim: compare with (select public.caller_organization_id()), which reads both versions",
};

/** Parentheses that are open. */
interface Group {
  /** Whether it is a subquery, and one that reads no table: PostgreSQL then evaluates it once per query. */
  select: boolean;
  from: boolean;
  /** What it asks for outside of any subquery that is evaluated once. */
  bare: Set<PolicyFault>;
}

/** Texts and quoted names, the words that matter, and parentheses. */
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\bauth\.(?:uid|jwt)\(\)|\bcaller_(?:organization_id|has_role|has_permission|user_id)\(|\bdistinct\s+from\b|\bfrom\b|\(\s*select\b|[()]/gi;

/** The claim of version 2, and those of version 1. */
const [NESTED_CLAIM, FLAT_CLAIMS] = ["o", ["org_id", "org_role", "org_slug", "org_permissions"]];

/** How an expression reads the token. Without either, a key such as `org_id` is of some column's JSON. */
const TOKEN_READERS = ["auth.jwt()", "'request.jwt.claims'"];

/**
 * Judges an expression of a policy.
 *
 * @param expression The text of `using` or `with check`, as `pg_policies` has it.
 * @returns Its faults; empty for a good one.
 */
export function policyFaults(expression: string): PolicyFault[] {
  const whole: Group = { select: false, from: false, bare: new Set() };
  const open: Group[] = [whole];
  const tokens = [...expression.matchAll(TOKENS)].map(([token]) => token.toLowerCase());
  for (const word of tokens) {
    const group = open.at(-1)!;
    if (word === "auth.jwt()") group.bare.add("bare auth.jwt()");
    else if (word === "from") group.from = true;
    else if (word.startsWith("caller_")) {
      group.bare.add("bare helper");
      open.push({ select: false, from: false, bare: new Set() });
    } else if (word.startsWith("(")) open.push({ select: word !== "(", from: false, bare: new Set() });
    else if (word === ")" && open.length > 1) close(open);
  }
  return [...claimFaults(tokens), ...whole.bare];
}

/** Within a subquery that reads a table, everything is asked for once per row of it. */
function close(open: Group[]): void {
  const { select, from, bare } = open.pop()!;
  if (!select || from) { for (const fault of bare) open.at(-1)!.bare.add(fault); }
}

/** Faults of what is asked for, wherever it stands. */
function claimFaults(tokens: readonly string[]): PolicyFault[] {
  const faults: PolicyFault[] = tokens.includes("auth.uid()") ? ["auth.uid()"] : [];
  if (!TOKEN_READERS.some((reader) => tokens.includes(reader))) return faults;
  const keys = tokens.flatMap(keysOf);
  if (keys.some((key) => /^o\.\w+$/.test(key))) faults.push("dotted claim");
  if (FLAT_CLAIMS.some((claim) => keys.includes(claim)) && !keys.includes(NESTED_CLAIM)) faults.push("org_id alone");
  return faults;
}

/** The keys that a text names: itself, or the steps of a path such as `'{o,id}'`. */
function keysOf(token: string): string[] {
  if (!token.startsWith("'")) return [];
  const text = token.slice(1, -1);
  return text.startsWith("{") ? text.slice(1, -1).split(",") : [text];
}
