/**
 * Judges whether a policy identifies the caller once per query, and in a way that works with Clerk's ids and claims. It
 * reads the text that PostgreSQL prints, which qualifies every function with its schema.
 *
 * @module
 */

/** A fault of an expression. */
export type PolicyFault = "auth.uid()" | "bare auth.jwt()" | "bare helper" | "dotted claim" | "org_id alone";

/** The fix for each fault. */
export const POLICY_FIXES: Readonly<Record<PolicyFault, string>> = {
  "auth.uid()": "auth.uid() fails on Clerk's ids: compare (select auth.jwt()) ->> 'sub' as text",
  "bare auth.jwt()": "A bare auth.jwt() runs once per row: write (select auth.jwt())",
  "bare helper": "A bare caller_…() runs once per row: write (select public.caller_organization_id()) and its like",
  "dotted claim":
    "auth.jwt() ->> 'o.id' is always null, because the claim is nested: compare with (select public.caller_organization_id())",
  "org_id alone":
    "Tokens of version 2 have no org_id claim: compare with (select public.caller_organization_id()), which reads both versions",
};

/** An open parenthesis. */
interface Group {
  /** Whether it is a subquery, and one that reads no table: PostgreSQL then evaluates it once per query. */
  select: boolean;
  from: boolean;
  /** Faults outside of any subquery that is evaluated once. */
  bare: Set<PolicyFault>;
}

/** Strings and quoted names, the relevant words, and parentheses. */
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\bauth\.(?:uid|jwt)\(\)|\bcaller_(?:organization_id|has_role|has_permission|user_id)\(|\bdistinct\s+from\b|\bfrom\b|\(\s*select\b|[()]/gi;

/** The organization claim of version 2 tokens, and those of version 1. */
const [NESTED_CLAIM, FLAT_CLAIMS] = ["o", ["org_id", "org_role", "org_slug", "org_permissions"]];

/** How an expression reads the token. Without either, a key such as `org_id` belongs to some column's JSON. */
const TOKEN_READERS = ["auth.jwt()", "'request.jwt.claims'"];

/**
 * Judges an expression of a policy.
 *
 * @param expression The text of `using` or `with check`, as `pg_policies` has it.
 * @returns Its faults; empty if there are none.
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

/** A subquery that reads a table evaluates its calls once per row of that table. */
function close(open: Group[]): void {
  const { select, from, bare } = open.pop()!;
  if (!select || from) { for (const fault of bare) open.at(-1)!.bare.add(fault); }
}

/** Faults that do not depend on subqueries. */
function claimFaults(tokens: readonly string[]): PolicyFault[] {
  const faults: PolicyFault[] = tokens.includes("auth.uid()") ? ["auth.uid()"] : [];
  if (!TOKEN_READERS.some((reader) => tokens.includes(reader))) return faults;
  const keys = tokens.flatMap(keysOf);
  if (keys.some((key) => /^o\.\w+$/.test(key))) faults.push("dotted claim");
  if (FLAT_CLAIMS.some((claim) => keys.includes(claim)) && !keys.includes(NESTED_CLAIM)) faults.push("org_id alone");
  return faults;
}

/** The keys that a string names: itself, or the steps of a path such as `'{o,id}'`. */
function keysOf(token: string): string[] {
  if (!token.startsWith("'")) return [];
  const text = token.slice(1, -1);
  return text.startsWith("{") ? text.slice(1, -1).split(",") : [text];
}
