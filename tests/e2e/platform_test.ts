/**
 * No function uses anything that the platform does not provide. Every end-to-end test runs the functions without files,
 * other processes and the Internet. Here, a function that tries them fails.
 */
import { assert, assertEquals } from "@std/assert";
import { createToken, createUser } from "../helpers/clerk/clerk.ts";
import { listeningPorts } from "../../project/process_usage.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";
import { testsOf } from "../helpers/shared_test.ts";

const FORBIDDEN = new URL("../fixtures/forbidden/index.ts", import.meta.url);

const stack = await startTestStack({ forbidden: { of: "health", entrypoint: FORBIDDEN, variables: {} } });

const test = testsOf("");
const callForbidden = (method: string) => fetch(`${stack.url}/functions/v1/forbidden`, { method });
const portsOf = async (name: string) => (await listeningPorts(await stack.workers.pid(name))).length;

test("a function under test cannot read files, start processes or reach other machines", async () => {
  const outcomes: Record<string, string> = await (await callForbidden("GET")).json();
  const refusals = ["NotCapable", "PermissionDenied", "TypeError"];
  for (const [name, outcome] of Object.entries(outcomes)) assert(refusals.includes(outcome), `${name}: ${outcome}`);
});

test("a port that a function opens is detected", async () => {
  assertEquals(await portsOf("forbidden"), 1);
  await (await callForbidden("POST")).body?.cancel();
  assertEquals(await portsOf("forbidden"), 2);
});

test("no function opens a port", async () => {
  const userId = await createUser(stack, "ada@example.com");
  const authorization = `Bearer ${await createToken(stack, userId)}`;
  await eventually(async () => assertEquals((await stack.call("profile", { headers: { authorization } })).status, 200));
  const resume = JSON.stringify({ title: "Analyst" });
  const calls: Array<[name: string, status: number, init?: RequestInit]> = [
    ["clerk-reconcile", 200, { method: "POST", headers: { apikey: stack.keys.secret }, body: "{}" }],
    ["health", 200, { headers: { apikey: stack.keys.secret } }],
    ["hello", 200, { headers: { authorization } }],
    ["openapi", 200],
    ["resumes", 201, { method: "POST", headers: { authorization }, body: resume }],
  ];
  for (const [name, status, init] of calls) assertEquals((await stack.call(name, init)).status, status, name);
  // The tests above have called the webhook and profile.
  const names = [...calls.map(([name]) => name), "clerk-webhook", "profile"];
  const ports = await Promise.all(names.map(async (name) => [name, await portsOf(name)]));
  assertEquals(Object.fromEntries(ports), Object.fromEntries(names.map((name) => [name, 1])));
});

test("the stack stops", () => stack.stop());
