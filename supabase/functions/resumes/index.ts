import { createTokenVerifier } from "../_shared/auth/token.ts";
import { readCallerConfig } from "../_shared/config.ts";
import { serveWith } from "../_shared/http/serve.ts";
import { createResumesHandler, RESUMES } from "./handler.ts";
import { createResumeStore } from "./store.ts";

export default serveWith(RESUMES, readCallerConfig, (config, platform) =>
  createResumesHandler({
    ...platform,
    verifyToken: createTokenVerifier(config.token, fetch, platform.now),
    store: createResumeStore(config.caller),
  }));
