import { createTokenVerifier } from "../_clerk-supabase/auth/token.ts";
import { readCallerConfig } from "../_clerk-supabase/config.ts";
import { serveWith } from "../_clerk-supabase/http/serve.ts";
import { createProjectsHandler, PROJECTS } from "./handler.ts";
import { createProjectStore } from "./store.ts";

export default serveWith(PROJECTS, readCallerConfig, (config, platform) =>
  createProjectsHandler({
    ...platform,
    verifyToken: createTokenVerifier(config.token, fetch, platform.now),
    store: createProjectStore(config.caller),
  }));
