/**
 * Splits SQL into statements, so that text in comments, literals and function bodies is not mistaken for statements.
 *
 * @module
 */

/** The words and signs of a statement: identifiers as PostgreSQL folds them, and each literal as `''`. */
export type Statement = readonly string[];

/** In order: a comment to the end of the line, strings, quoted names, dollar quotes, names, any other sign. */
const TOKENS =
  /--.*|\b[eE]'(?:\\[\s\S]|''|[^'\\])*'|'(?:''|[^'])*'|"((?:""|[^"])*)"|\$([\p{L}_][\p{L}\d_]*)?\$|([\p{L}_][\p{L}\d_$]*)|\/\*|\S/gu;

const LITERAL = "''";

/**
 * Reads the statements of a script, including those in the body of a `do`, which runs with the script. Statements in
 * the body of a function are left out.
 *
 * @param sql The script.
 * @returns The statements in order.
 */
export function readStatements(sql: string): Statement[] {
  const statements: string[][] = [[]];
  const tokens = new RegExp(TOKENS);
  for (let match = tokens.exec(sql); match; match = tokens.exec(sql)) {
    const [text, quoted, tag = "", word] = match;
    const current = statements.at(-1)!;
    if (text === ";") statements.push([]);
    else if (text === "/*") tokens.lastIndex = endOfComment(sql, tokens.lastIndex);
    else if (quoted !== undefined) current.push(quoted.replaceAll('""', '"'));
    else if (word !== undefined) current.push(word.toLowerCase());
    else if (text.startsWith("$") && text.endsWith("$") && text.length > 1) {
      const end = sql.indexOf(`$${tag}$`, tokens.lastIndex);
      const body = sql.slice(tokens.lastIndex, end < 0 ? undefined : end);
      if (current[0] === "do") statements.push(...readStatements(body).map((one) => [...one]), []);
      else current.push(LITERAL);
      tokens.lastIndex = end < 0 ? sql.length : end + text.length;
    } else if (text.endsWith("'")) current.push(LITERAL);
    else if (!text.startsWith("--")) current.push(text);
  }
  return statements.filter((one) => one.length > 0);
}

/** Finds the end of a comment; comments nest. */
function endOfComment(sql: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 1;
  for (let match = marks.exec(sql); match; match = marks.exec(sql)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}
