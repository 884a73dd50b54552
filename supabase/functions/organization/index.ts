import { createTokenVerifier } from "../_shared/auth/token.ts";
import { composeImportMemberships } from "../_shared/clerk/import_memberships.ts";
import { readProfileConfig } from "../_shared/config.ts";
import { createReadOwnOrganization } from "../_shared/database/own_organization.ts";
import { serveWith } from "../_shared/http/serve.ts";
import { createOrganizationHandler, ORGANIZATION } from "./handler.ts";

export default serveWith(ORGANIZATION, readProfileConfig, (config, platform) =>
  createOrganizationHandler({
    ...platform,
    verifyToken: createTokenVerifier(config.token, fetch, platform.now),
    readOwnOrganization: createReadOwnOrganization(config.caller),
    importMemberships: config.lazyCreate && composeImportMemberships(config.lazyCreate, fetch, platform.now),
  }));
