/**
 * Creates a copy of the project for `supabase start` and `supabase functions serve`: with its own Clerk instance, whose
 * key the local Data API trusts, and without variables that lead to a network.
 *
 * @module
 */
import { exportSPKI, importJWK } from "jose";
import { createInstance, type Instance, keyIdOf, publicKeys, publishableKey } from "../../dev/clerk/keys.ts";
import { checkOut } from "../../project/checkout.ts";

/** A project to serve. */
export interface ProjectToServe {
  /** The folder, without a slash at its end. */
  folder: string;
  envFile: string;
  issuer: string;
  instance: Instance;
}

const HOST = "example.clerk.accounts.dev";

/**
 * Creates the copy.
 *
 * @returns The copy, which the caller must remove.
 */
export async function createProjectToServe(): Promise<ProjectToServe> {
  const folder = await checkOut();
  const instance = await createInstance("test");
  const issuer = `https://${HOST}`;
  const key = { ...instance.privateJwk, kid: keyIdOf(instance), alg: "RS256", use: "sig", key_ops: ["sign", "verify"] };
  await Deno.writeTextFile(`${folder}/supabase/signing_keys.json`, JSON.stringify([key]));
  const config = `${folder}/supabase/config.toml`;
  // Third-party auth would fetch Clerk's keys. A signing key of the project itself is trusted in the same way.
  const auth = `[auth]\nsigning_keys_path = "./signing_keys.json"\n\n[auth.third_party.clerk]`;
  const text = await Deno.readTextFile(config);
  await Deno.writeTextFile(config, text.replace("[auth.third_party.clerk]", auth));
  const envFile = `${folder}/serve.env`;
  await Deno.writeTextFile(envFile, await variablesOf(instance, issuer), { mode: 0o600 });
  return { folder, envFile, issuer, instance };
}

async function variablesOf(instance: Instance, issuer: string): Promise<string> {
  const [jwk] = publicKeys(instance).keys;
  const pem = await exportSPKI(await importJWK(jwk!, "RS256") as CryptoKey);
  const variables = {
    CLERK_PUBLISHABLE_KEY: publishableKey("test", HOST),
    CLERK_SECRET_KEY: instance.secretKey,
    CLERK_WEBHOOK_SECRET: instance.webhookSecret,
    CLERK_INSTANCE_ID: instance.id,
    CLERK_ISSUER: issuer,
    CLERK_JWT_KEY: pem.trim().replaceAll("\n", "\\n"),
  };
  return Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`).join("");
}
