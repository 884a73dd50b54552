import { createTokenVerifier } from "../_clerk-supabase/auth/token.ts";
import { readCallerConfig } from "../_clerk-supabase/config.ts";
import { createReadOwnRow } from "../_clerk-supabase/database/own_row.ts";
import { serveWith } from "../_clerk-supabase/http/serve.ts";
import { createHelloHandler, HELLO } from "./handler.ts";

export default serveWith(HELLO, readCallerConfig, (config, platform) =>
  createHelloHandler({
    ...platform,
    verifyToken: createTokenVerifier(config.token, fetch, platform.now),
    readOwnRow: createReadOwnRow(config.caller),
  }));
