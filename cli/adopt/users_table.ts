/**
 * Finds objects of a project that have the names of the bundle's tables or schema.
 *
 * @module
 */
import { readStatements, type Statement } from "./sql_statements.ts";

/** A script of the project: a migration, or a file of a declarative schema. */
export interface Script {
  /** Relative to the project's folder. */
  path: string;
  sql: string;
  /** Whether it runs after the bundle's first migration. */
  isLate?: boolean;
}

/** An object with a name that the bundle needs, and the script that creates it. */
export interface Obstacle extends Script {
  what: string;
}

/** The names that the bundle needs, and that a project may already use. */
const TAKEN = ["public.users", "public.organizations", "public.organization_memberships", "the schema clerk"];

/** The effect of a statement: it creates an object, or frees its name. */
interface Change {
  creates: boolean;
  what: string;
}

/**
 * Follows a project's scripts, and finds a table or view with a name that the bundle needs, or a schema `clerk`. An
 * object that is renamed, moved or dropped before the bundle's first migration is not an obstacle.
 *
 * @param scripts The project's own scripts, in order.
 * @returns The first obstacle; undefined if there is none.
 */
export function findObstacle(scripts: readonly Script[]): Obstacle | undefined {
  const found = new Map<string, Obstacle>();
  for (const script of scripts) {
    for (const { creates, what } of changesIn(script.sql)) {
      if (!TAKEN.includes(what)) continue;
      if (creates) found.set(what, found.get(what) ?? { ...script, what });
      // A script after the bundle's first migration frees the name too late.
      else if (!script.isLate) found.delete(what);
    }
  }
  return [...found.values()][0];
}

/** The schema of an unqualified name. */
const DEFAULT_SCHEMA = "public";

function changesIn(sql: string): Change[] {
  let schema = DEFAULT_SCHEMA;
  return readStatements(sql).flatMap((statement) => {
    const opening = statement.slice(0, 5).join(" ");
    const [, path] = /^set (?:local |session )?search_path (?:to|=) (\S+)/.exec(opening) ?? [];
    if (path !== undefined) schema = path === "''" || path === "default" ? DEFAULT_SCHEMA : path;
    // In the body of a `do`, a statement may follow `begin` or `then`.
    return statement.flatMap((_, start) => {
      const isFirst = start === 0 || ["begin", "then", "else", "loop"].includes(statement[start - 1]!);
      return isFirst ? changesOf(statement.slice(start), schema) : [];
    });
  });
}

/** Words that may stand between a verb and a name. */
const ASIDE = new Set([
  ...["or", "replace", "unlogged", "recursive", "materialized", "foreign", "if", "not", "exists", "only"],
]);

function changesOf([verb = "", ...rest]: Statement, schema: string): Change[] {
  if (!["create", "alter", "drop"].includes(verb)) return [];
  const words = [...rest];
  const skip = () => {
    while (ASIDE.has(words[0]!)) words.shift();
  };
  skip();
  const kind = words.shift();
  skip();
  if (kind === "schema") return schemaChanges(verb, words);
  if (kind !== "table" && kind !== "view") return [];
  const name = takeName(words, schema);
  if (verb === "create") return [{ creates: true, what: nameOf(name) }];
  if (verb === "drop") {
    return [name, ...otherNames(words, schema)].map((one) => ({ creates: false, what: nameOf(one) }));
  }
  if (words[0] === "*") words.shift();
  const [first, second, target = ""] = words;
  const free = { creates: false, what: nameOf(name) };
  if (first === "rename" && second === "to") {
    return [free, { creates: true, what: nameOf({ ...name, name: target }) }];
  }
  if (first === "set" && second === "schema") {
    return [free, { creates: true, what: nameOf({ ...name, schema: target }) }];
  }
  return [];
}

function schemaChanges(verb: string, [first = "", ...rest]: readonly string[]): Change[] {
  // `create schema authorization clerk` names the schema after its owner.
  const name = first === "authorization" ? rest[0] : first;
  const change = (creates: boolean, schema: string | undefined) => ({ creates, what: `the schema ${schema}` });
  if (verb === "alter") return rest[0] === "rename" ? [change(false, name), change(true, rest[2])] : [];
  return [change(verb === "create", name)];
}

interface Name {
  schema: string;
  name: string;
}

const nameOf = ({ schema, name }: Name) => `${schema}.${name}`;

/** Takes a name from the front of the words, with its schema and database if it is qualified. */
function takeName(words: string[], schema: string): Name {
  const parts = [words.shift() ?? ""];
  while (words[0] === ".") parts.push(...words.splice(0, 2).slice(1));
  return { schema: parts.at(-2) ?? schema, name: parts.at(-1)! };
}

function otherNames(words: string[], schema: string): Name[] {
  const names: Name[] = [];
  while (words[0] === ",") {
    words.shift();
    names.push(takeName(words, schema));
  }
  return names;
}
