import { createTokenVerifier } from "../_clerk-supabase/auth/token.ts";
import { composeImportMemberships } from "./import_memberships.ts";
import { readProfileConfig } from "../_clerk-supabase/config.ts";
import { createReadOwnOrganization } from "../_clerk-supabase/database/own_organization.ts";
import { serveWith } from "../_clerk-supabase/http/serve.ts";
import { createOrganizationHandler, ORGANIZATION } from "./handler.ts";

export default serveWith(ORGANIZATION, readProfileConfig, (config, platform) =>
  createOrganizationHandler({
    ...platform,
    verifyToken: createTokenVerifier(config.token, fetch, platform.now),
    readOwnOrganization: createReadOwnOrganization(config.caller),
    importMemberships: config.lazyCreate && composeImportMemberships(config.lazyCreate, fetch, platform.now),
  }));
