/**
 * Uses the simulator as Clerk's Backend API.
 *
 * @module
 */
import { SignJWT } from "jose";
import { keyIdOf, signingKey } from "../../../dev/clerk/keys.ts";
import { removeUser, type State } from "../../../dev/clerk/state.ts";
import { createUser as newUser, updateUser, type User, type UserInput } from "../../../dev/clerk/users.ts";
import { type Claims, sessionClaims } from "../../../dev/clerk/issuer.ts";
import type { TestStack } from "../stack/stack.ts";

/** Calls the Backend API with the secret key. */
export async function request(
  { clerkUrl, clerk }: TestStack,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await fetch(clerkUrl + path, {
    method,
    headers: { authorization: `Bearer ${clerk.state.instance.secretKey}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** Creates a user, which sends a webhook; returns its id. */
export async function createUser(stack: TestStack, email: string, rest: Record<string, unknown> = {}): Promise<string> {
  return (await request(stack, "POST", "/v1/users", { email_address: [email], ...rest })).id as string;
}

/** Signs a user in; returns a session token. */
export async function createToken(stack: TestStack, userId: string): Promise<string> {
  const session = await request(stack, "POST", "/v1/sessions", { user_id: userId });
  return (await request(stack, "POST", `/v1/sessions/${session.id}/tokens`)).jwt as string;
}

/** Signs claims with the instance's own key, in addition to those of a valid session token. */
export async function forge(
  stack: TestStack,
  claims: Claims = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const { instance } = stack.clerk.state;
  const good = sessionClaims(stack.clerkUrl, Math.floor(Date.now() / 1000), claims);
  return await new SignJWT(Object.fromEntries(Object.entries(good).filter(([, value]) => value !== undefined)))
    .setProtectedHeader({ alg: "RS256", kid: keyIdOf(instance), typ: "JWT", cat: "cl_B7d4PD111AAA", ...header })
    .sign(await signingKey(instance));
}

/** Creates a user at Clerk without a webhook. */
export function createSilently(state: State, input: UserInput, now = Date.now()): User {
  return keep(state, newUser(input, now));
}

/** Changes a user at Clerk without a webhook. */
export function updateSilently(state: State, userId: string, input: UserInput, now = Date.now()): User {
  const user = state.users.get(userId);
  if (!user) throw new RangeError(`Cannot update: user ${userId} does not exist`);
  return keep(state, updateUser(user, input, now));
}

/** Deletes a user at Clerk without a webhook. */
export function deleteSilently(state: State, userId: string): void {
  removeUser(state, userId);
}

function keep(state: State, user: User): User {
  state.users.set(user);
  return user;
}
