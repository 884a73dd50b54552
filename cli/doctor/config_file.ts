/**
 * Checks of `supabase/config.toml`.
 *
 * @module
 */
import type { ProjectConfig } from "../../project/project.ts";
import { frontendApiUrl } from "../../supabase/functions/_clerk-supabase/formats/publishable_key.ts";
import { BUNDLE } from "../../project/adopted/contents.ts";
import { findGatewayFault } from "../../project/adopted/verify_jwt.ts";
import type { Installation } from "./installation.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";

/** The domains that the Supabase CLI accepts; each of its commands fails on any other. */
const DOMAIN = /^(clerk([.][a-z0-9-]+){2,}|([a-z0-9-]+[.])+clerk[.]accounts[.]dev)$/;

/**
 * Checks `verify_jwt` and the third-party domain in `supabase/config.toml`.
 *
 * @param installation The project on this disk, and the variables.
 * @returns The results.
 */
export async function checkConfigFile(installation: Installation): Promise<CheckResult[]> {
  const project = await installation.readProject().catch(() => undefined);
  if (project) return [checkVerifyJwt(project, installation), checkThirdPartyDomain(project, installation)];
  return [
    // The parser's message may quote the file.
    failed(
      "verify-jwt",
      "supabase/config.toml cannot be read",
      "Fix the file: any command of the Supabase CLI names the faulty line",
    ),
    skipped("third-party-domain", "supabase/config.toml cannot be read"),
  ];
}

function checkVerifyJwt(project: ProjectConfig, installation: Installation): CheckResult {
  const name = "verify-jwt";
  const { bundle = BUNDLE } = installation;
  const found = findGatewayFault(project, bundle, installation.bundle !== undefined);
  if (found) return failed(name, found.fault, found.fix);
  const checked = [...project.functions.values()].filter(({ verifyJwt }) => verifyJwt).map((one) => one.name);
  const others = checked.length > 0
    ? `; on for ${checked.join(", ")}, which then cannot be called with Clerk's tokens`
    : "";
  return ok(name, `off for every function of the bundle${others}`);
}

function checkThirdPartyDomain({ clerkDomain }: ProjectConfig, { target }: Installation): CheckResult {
  const name = "third-party-domain";
  const url = frontendApiUrl(target.env("CLERK_PUBLISHABLE_KEY")?.trim() ?? "");
  const host = url && new URL(url).host;
  if (clerkDomain === undefined) {
    return skipped(
      name,
      "[auth.third_party.clerk] is not enabled in supabase/config.toml. Only `supabase start` would use it",
    );
  }
  const fix = `In supabase/config.toml, [auth.third_party.clerk] domain = "${
    host && DOMAIN.test(host) ? host : "<slug>.clerk.accounts.dev"
  }", without https://`;
  if (!DOMAIN.test(clerkDomain)) {
    return failed(name, "the domain is not in the form that the Supabase CLI accepts", fix);
  }
  if (host === undefined) return skipped(name, "CLERK_PUBLISHABLE_KEY is not set or malformed");
  // The local stack's simulator has no domain, and does not use the setting.
  if (target.local && !DOMAIN.test(host)) return skipped(name, "the publishable key is the local simulator's");
  if (clerkDomain === host) return ok(name, `${host}, as in the publishable key`);
  return failed(name, `the domain is not ${host}, the host of CLERK_PUBLISHABLE_KEY`, fix);
}
