import { ownColumns } from "../clerk_columns.ts";
import { createTokenVerifier } from "../_clerk-supabase/auth/token.ts";
import { composeImportUser } from "./import_user.ts";
import { createOwnColumnsMapping } from "../_clerk-supabase/clerk/own_columns.ts";
import { readProfileConfig } from "../_clerk-supabase/config.ts";
import { createReadOwnRow } from "../_clerk-supabase/database/own_row.ts";
import { serveWith } from "../_clerk-supabase/http/serve.ts";
import { createProfileHandler, PROFILE } from "./handler.ts";

export default serveWith(PROFILE, readProfileConfig, (config, platform) =>
  createProfileHandler({
    ...platform,
    verifyToken: createTokenVerifier(config.token, fetch, platform.now),
    readOwnRow: createReadOwnRow(config.caller, Object.keys(ownColumns)),
    importUser: config.lazyCreate &&
      composeImportUser(config.lazyCreate, createOwnColumnsMapping(ownColumns), fetch, platform.now),
  }));
