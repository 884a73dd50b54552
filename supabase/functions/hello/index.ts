import { createTokenVerifier } from "../_shared/auth/token.ts";
import { readCallerConfig } from "../_shared/config.ts";
import { createReadOwnRow } from "../_shared/database/own_row.ts";
import { serveWith } from "../_shared/http/serve.ts";
import { createHelloHandler, HELLO } from "./handler.ts";

export default serveWith(HELLO, readCallerConfig, (config, platform) =>
  createHelloHandler({
    ...platform,
    verifyToken: createTokenVerifier(config.token, fetch, platform.now),
    readOwnRow: createReadOwnRow(config.caller),
  }));
