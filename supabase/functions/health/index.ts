import { createServiceKeyTest } from "../_clerk-supabase/auth/service_key.ts";
import { readHealthConfig } from "../_clerk-supabase/config.ts";
import { serveWith } from "../_clerk-supabase/http/serve.ts";
import { composeCountFailing, composeHealthCheck } from "./check.ts";
import { createHealthHandler, HEALTH } from "./handler.ts";

export default serveWith(HEALTH, readHealthConfig, (config, platform) =>
  createHealthHandler({
    ...platform,
    check: composeHealthCheck(config, fetch, platform.now),
    countFailing: composeCountFailing(config),
    matchesServiceKey: createServiceKeyTest(config.serviceKeys),
  }));
