import { ownColumns } from "../clerk_columns.ts";
import { createTokenVerifier } from "../_shared/auth/token.ts";
import { composeImportUser } from "../_shared/clerk/import_user.ts";
import { createOwnColumnsMapping } from "../_shared/clerk/own_columns.ts";
import { readProfileConfig } from "../_shared/config.ts";
import { createReadOwnRow } from "../_shared/database/own_row.ts";
import { serveWith } from "../_shared/http/serve.ts";
import { createProfileHandler, PROFILE } from "./handler.ts";

export default serveWith(PROFILE, readProfileConfig, (config, platform) =>
  createProfileHandler({
    ...platform,
    verifyToken: createTokenVerifier(config.token, fetch, platform.now),
    readOwnRow: createReadOwnRow(config.caller, Object.keys(ownColumns)),
    importUser: config.lazyCreate &&
      composeImportUser(config.lazyCreate, createOwnColumnsMapping(ownColumns), fetch, platform.now),
  }));
