/**
 * An app's `.env.local`, as far as it is about the local stack.
 *
 * @module
 */
import { parseEnv } from "node:util";

/**
 * Sets variables in the text of an env file. Other lines, comments and their order stay.
 *
 * @param text The file's text; empty if there is none.
 * @param variables The variables; undefined removes one.
 * @returns The new text.
 */
export function setVariables(text: string, variables: Readonly<Record<string, string | undefined>>): string {
  const lines = text.split("\n").filter((line) => !Object.keys(variables).some((name) => isAssignment(line, name)));
  while (lines.at(-1) === "") lines.pop();
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return [...lines, ...set.map(([name, value]) => `${name}=${value}`), ""].join("\n");
}

/** Tells whether a line gives a variable its value, by the rules of Node, which the frameworks share. */
function isAssignment(line: string, name: string): boolean {
  return Object.hasOwn(parseEnv(line), name);
}
