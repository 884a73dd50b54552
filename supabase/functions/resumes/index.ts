import { createTokenVerifier } from "../_clerk-supabase/auth/token.ts";
import { readCallerConfig } from "../_clerk-supabase/config.ts";
import { serveWith } from "../_clerk-supabase/http/serve.ts";
import { createResumesHandler, RESUMES } from "./handler.ts";
import { createResumeStore } from "./store.ts";

export default serveWith(RESUMES, readCallerConfig, (config, platform) =>
  createResumesHandler({
    ...platform,
    verifyToken: createTokenVerifier(config.token, fetch, platform.now),
    store: createResumeStore(config.caller),
  }));
