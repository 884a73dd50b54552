/** An OAuth application signs users in with the simulator as with Clerk. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ClerkClient } from "@clerk/backend";
import { createHash } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import type { TestSimulator } from "../helpers/clerk/simulator.ts";
import { refusalOf, withClerk } from "../helpers/clerk/sdk.ts";

const REDIRECT = "http://127.0.0.1:9/callback";
const SCOPES = "openid profile email public_metadata";

/** Creates an application and a user, and returns functions for the application's requests. */
async function start({ users, oauthApplications }: ClerkClient, { url }: TestSimulator, isPublic = false) {
  const metadata = { publicMetadata: { plan: "team" } };
  const user = await users.createUser({
    emailAddress: ["ada@example.com"],
    firstName: "Ada",
    lastName: "L",
    ...metadata,
  });
  const application = await oauthApplications.create({
    ...{ name: "App & co", redirectUris: [REDIRECT], scopes: SCOPES, public: isPublic },
  });
  const { authorization_endpoint, ...endpoints } = await (await fetch(`${url}/.well-known/openid-configuration`))
    .json();
  const authorize = (more: Record<string, string> = {}) => {
    const asked = { client_id: application.clientId, redirect_uri: REDIRECT, response_type: "code", scope: SCOPES };
    const query = new URLSearchParams({ ...asked, state: "xyz", login_hint: "ada@example.com", ...more });
    if (query.get("login_hint") === "") query.delete("login_hint");
    return fetch(`${authorization_endpoint}?${query}`, { redirect: "manual" });
  };
  const exchange = async (form: Record<string, string>, secret = application.clientSecret) => {
    const body = new URLSearchParams({ client_id: application.clientId, client_secret: secret ?? "", ...form });
    const response = await fetch(endpoints.token_endpoint, { method: "POST", body });
    return { status: response.status, answer: await response.json() };
  };
  return { user, application, endpoints, authorize, exchange };
}

async function codeOf(response: Response): Promise<string> {
  await response.body?.cancel();
  assertEquals(response.status, 302);
  const { origin, pathname, searchParams } = new URL(response.headers.get("location")!);
  assertEquals([origin + pathname, searchParams.get("state")], [REDIRECT, "xyz"]);
  return searchParams.get("code")!;
}

Deno.test("a code can be exchanged once for tokens of the user", () =>
  withClerk(async (clerk, simulator) => {
    const { user, application, endpoints, authorize, exchange } = await start(clerk, simulator);
    const code = await codeOf(await authorize({ nonce: "n" }));
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT };
    assertEquals((await exchange(form, "wrong")).answer.error, "invalid_client");
    const { answer: tokens } = await exchange(form);
    assertEquals([tokens.token_type, tokens.expires_in, tokens.scope], ["Bearer", 86_400, SCOPES]);
    const keys = createRemoteJWKSet(new URL(endpoints.jwks_uri));
    const expected = { issuer: simulator.url, audience: application.clientId };
    const { payload } = await jwtVerify(tokens.id_token, keys, expected);
    assertEquals([payload.sub, payload.email, payload.nonce], [user.id, "ada@example.com", "n"]);
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const info = await (await fetch(endpoints.userinfo_endpoint, { headers })).json();
    assertEquals([info.user_id, info.name, info.email_verified], [user.id, "Ada L", true]);
    assertEquals([info.public_metadata, info.private_metadata], [{ plan: "team" }, undefined]);
    assertEquals((await exchange(form)).answer.error, "invalid_grant");
  }));

Deno.test("a refresh token gives new tokens until it is revoked", () =>
  withClerk(async (clerk, simulator) => {
    const { user, application, endpoints, authorize, exchange } = await start(clerk, simulator);
    const code = await codeOf(await authorize());
    const { answer: first } = await exchange({ grant_type: "authorization_code", code, redirect_uri: REDIRECT });
    const { answer: second } = await exchange({ grant_type: "refresh_token", refresh_token: first.refresh_token });
    assert(second.access_token !== first.access_token);
    const verified = await clerk.idPOAuthAccessToken.verify(second.access_token);
    assertEquals([verified.subject, verified.clientId, verified.expired], [user.id, application.clientId, false]);
    assertEquals(await refusalOf(clerk.idPOAuthAccessToken.verify(first.access_token)), [404, "resource_not_found"]);
    const { id: oauthApplicationId } = application;
    await clerk.oauthApplications.revokeToken({ oauthApplicationId, token: second.access_token });
    const headers = { authorization: `Bearer ${second.access_token}` };
    const info = await fetch(endpoints.userinfo_endpoint, { headers });
    assertEquals([info.status, (await info.json()).error], [401, "invalid_token"]);
    const again = await exchange({ grant_type: "refresh_token", refresh_token: second.refresh_token });
    assertEquals([again.status, again.answer.error], [400, "invalid_grant"]);
  }));

Deno.test("a public application must send the verifier of its challenge", () =>
  withClerk(async (clerk, simulator) => {
    const { application, authorize, exchange } = await start(clerk, simulator, true);
    assertEquals(application.clientSecret, "");
    const refused = new URL((await authorize()).headers.get("location")!);
    assertEquals(refused.searchParams.get("error"), "invalid_request");
    const code_challenge = createHash("sha256").update("verifier").digest("base64url");
    const code = await codeOf(await authorize({ code_challenge, code_challenge_method: "S256" }));
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT };
    assertEquals((await exchange({ ...form, code_verifier: "other" })).answer.error, "invalid_grant");
    assertEquals((await exchange({ ...form, code_verifier: "verifier" })).status, 200);
  }));

Deno.test("an unknown application or redirect is rejected, and without a session a page lists the users", () =>
  withClerk(async (clerk, simulator) => {
    const { authorize } = await start(clerk, simulator);
    const code = async (more: Record<string, string>) => (await (await authorize(more)).json()).errors[0].code;
    assertEquals(await code({ client_id: "x" }), "oauth_authorize_request_error");
    assertEquals(await code({ redirect_uri: "http://evil.example" }), "redirect_uri_mismatch");
    const page = await (await authorize({ login_hint: "" })).text();
    assertStringIncludes(page, "Sign in to App &#38; co");
    assertStringIncludes(page, "login_hint=ada%40example.com");
  }));

Deno.test("a banned user cannot sign in to an application", () =>
  withClerk(async (clerk, simulator) => {
    const { user, authorize } = await start(clerk, simulator);
    await clerk.users.banUser(user.id);
    const response = await authorize();
    assertEquals([response.status, (await response.json()).errors[0].code], [403, "user_banned"]);
  }));

Deno.test("a user who is signed in in the browser gets a code without a page", () =>
  withClerk(async (clerk, simulator) => {
    const { application } = await start(clerk, simulator);
    const signUp = await fetch(`${simulator.url}/__clerk/v1/client/sign_ups`, {
      method: "POST",
      body: new URLSearchParams({ email_address: "eve@example.com", password: "correct horse" }),
    });
    const { response } = await signUp.json();
    const cookie = signUp.headers.get("set-cookie")!.split(";")[0]!;
    const asked = { client_id: application.clientId, redirect_uri: REDIRECT, response_type: "code", state: "xyz" };
    const answer = await fetch(`${simulator.url}/oauth/authorize?${new URLSearchParams(asked)}`, {
      headers: { cookie },
      redirect: "manual",
    });
    await codeOf(answer);
    const [grant] = simulator.state.oauthGrants.values();
    assertEquals(grant?.user_id, response.created_user_id);
  }));

Deno.test("a Basic header that is malformed or names no application answers invalid_client", () =>
  withClerk(async (clerk, simulator) => {
    const { endpoints } = await start(clerk, simulator);
    for (const text of ["nobody", "nobody:", "%:x", "x:%", ""]) {
      const headers = { authorization: `Basic ${btoa(text)}` };
      const body = new URLSearchParams({ grant_type: "authorization_code" });
      const response = await fetch(endpoints.token_endpoint, { method: "POST", headers, body });
      assertEquals([response.status, (await response.json()).error], [401, "invalid_client"], text);
    }
  }));
