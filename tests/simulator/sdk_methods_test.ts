/** Every method of Clerk's own package works with the simulator or gets the answer 501. */
import { assertEquals } from "@std/assert";
import importMap from "../../import_map.json" with { type: "json" };
import { SIMULATED } from "../helpers/clerk/sdk_calls.ts";
import { callEveryMethod, type Outcome } from "../helpers/clerk/sdk_methods.ts";

const LOCAL_STACK_PAGE = new URL("../../docs/local-stack.md", import.meta.url);

let called: Promise<Outcome[]> | undefined;
const outcomes = () => called ??= callEveryMethod();
const isSimulated = ({ name }: Outcome) => Object.hasOwn(SIMULATED, name);

Deno.test("every simulated method of @clerk/backend succeeds", async () => {
  const failed = (await outcomes()).filter((outcome) => isSimulated(outcome) && outcome.error !== undefined);
  assertEquals(failed, []);
});

Deno.test("every other method of @clerk/backend gets 501 not_simulated", async () => {
  const others = (await outcomes()).filter((outcome) => !isSimulated(outcome));
  assertEquals(others.filter(({ error }) => error !== "501 not_simulated"), []);
});

Deno.test("docs/local-stack.md lists each method of @clerk/backend with its route or as answered with 501", async () => {
  const [, section = ""] = (await Deno.readTextFile(LOCAL_STACK_PAGE)).split("\n## Methods of @clerk/backend\n");
  const [listed = ""] = section.split("\n## ");
  const [, version] = /@clerk\/backend@([\d.]+)/.exec(importMap.scopes["./tests/"]["@clerk/backend"])!;
  const simulated = (await outcomes()).filter(isSimulated).map(describe);
  const rows = Array.from(
    listed.matchAll(/^\| `(\S+)\(\)` +\| `(.+)` +\|$/gm),
    ([, name, route]) => `${name} ${route}`,
  );
  assertEquals(rows, simulated);
  const bullets = Array.from(listed.replace(/\n +/g, " ").matchAll(/^- `(\w+)`: (.+)$/gm), ([, object, names]) => {
    return names!.split(", ").map((name) => `${object}.${name.replace(/^`|\(\)`$/g, "")}`);
  });
  assertEquals(bullets.flat(), (await outcomes()).filter((outcome) => !isSimulated(outcome)).map(({ name }) => name));
  assertEquals(listed.includes(`\`@clerk/backend\` ${version}`), true, version);
});

/** Returns a method and its route: the last request, because earlier ones prepare it, except for a list's count. */
function describe({ name, requests }: Outcome): string {
  const request = name === "users.getUserList" ? requests[0]! : requests.at(-1)!;
  return `${name} ${request.replace(/\/(?!(?:api|m2m)_)[a-z]+_[0-9A-Za-z]*\d[0-9A-Za-z]*(?=\/|$)/g, "/{id}")}`;
}
