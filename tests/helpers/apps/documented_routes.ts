/**
 * The routes that Clerk's SDKs call in the tests of apps, as docs/local-stack.md lists them.
 *
 * @module
 */
import { ROOT } from "../../../project/root.ts";
import type { Call } from "./recorder.ts";

const PAGE = "docs/local-stack.md";
const ROW = /^\| `((?:GET|POST|PUT|PATCH|DELETE) [^`]+)` +\| ([^|]+?) +\| (simulated|501) +\|$/gm;

/**
 * Returns the rows of an app, each as `route: simulated` or `route: 501`, in order.
 *
 * @param app The app's name in the table.
 */
export async function documentedRoutes(app: string): Promise<string[]> {
  const page = await Deno.readTextFile(new URL(PAGE, ROOT));
  const rows = [...page.matchAll(ROW)].filter(([, , apps]) => apps!.split(", ").includes(app));
  return rows.map(([, route, , answer]) => `${route}: ${answer}`).sort();
}

/** Returns what an app and its pages called, likewise. */
export function calledRoutes(calls: readonly Call[]): string[] {
  return [...new Set(calls.map(({ route, status }) => `${route}: ${status === 501 ? "501" : "simulated"}`))].sort();
}
